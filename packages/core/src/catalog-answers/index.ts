export {
  answerAccess,
  answerDirectoryMetadata,
  answerExists,
  answerMetadata,
  answerRegistrations,
  answerReplicas,
  type ReplicasByLfn,
} from './answers.js';
export { answerListing, listable, mostListed, planListing, type DirectoryContents } from './listing.js';
export { allRefused, changeMethod, refusedChange } from './path-change.js';
export { newFileFault } from './new-file.js';
export { isVisible, missingOtherwise, permitted, type Viewer } from './viewer.js';
