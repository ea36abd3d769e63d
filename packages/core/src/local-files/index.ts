export { LocalFile, allowWaitingForFiles, linkFile, linkStatOf, renameFile, statOf, unlinkFile } from './local-files.js';
