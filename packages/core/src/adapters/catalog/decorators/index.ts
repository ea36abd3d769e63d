export { measureLookups, measurePermissions, type Measuring } from './measured.js';
export { cachePermissions, type PermissionCacheOptions } from './permission-cache.js';
export { sharePermissionQuestions } from './shared-questions.js';
export { limitLookupTime, limitPermissionTime } from './time-limit.js';
