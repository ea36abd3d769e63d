export {
  answerAccess,
  answerExists,
  answerListing,
  answerMetadata,
  answerRegistrations,
  answerReplicas,
  listable,
  type DirectoryContents,
  type ReplicasByLfn,
} from './answers.js';
export { newFileFault } from './new-file.js';
export { isVisible, missingOtherwise, permitted, type Viewer } from './viewer.js';
