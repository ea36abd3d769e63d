export { downloadTree, uploadTree, type TreeRoots, type TreeTools, type UploadTreeOptions } from './carry-out.js';
export { readCatalogTree, type ReadTreeOptions } from './catalog-tree.js';
export { directoriesAbove, foldName, isOwnWorkFile, localNameFault } from './local-names.js';
export { readLocalTree, type ReadLocalTreeOptions } from './local-tree.js';
export { filesOfEqualSize, planTree, type PlanRules } from './plan-tree.js';
export { withChecksums, type SumOptions } from './sum-files.js';
export type { PlannedTransfer, Selection, Tree, TreeFile, TreeOutcome, TreePlan, TreeResult } from './types.js';
