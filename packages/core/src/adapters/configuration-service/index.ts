export { createConfigurationService, type ConfigurationServiceOptions } from './configuration-service.js';
export { openConfigurationService, type OpenConfigurationServiceOptions } from './open.js';
