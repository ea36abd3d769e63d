export { decide, decideAll } from './decide.js';
export { factPathsFor, type FactPaths, type PermissionFactsSource } from './facts.js';
export { narrowCatalogs, outsideCredential } from './narrow-catalogs.js';
export { createPermissionChecker } from './permission-checker.js';
export type { CallerQuestion, Decision, FileFacts, Ownership, PermissionFacts, PermissionRules, QuestionError, Right } from './types.js';
export { verdictFor } from './verdicts.js';
