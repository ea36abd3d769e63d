export { createResourceStatus, type ResourceStatus, type ResourceStatusOptions, type ResourceStatusState } from './resource-status.js';
