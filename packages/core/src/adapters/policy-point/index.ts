export { createPolicyPoint, type PolicyPointOptions } from './policy-point.js';
