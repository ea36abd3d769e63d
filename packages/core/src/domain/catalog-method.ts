/**
 * Operations the File Catalog judges, in DIRAC's spelling (`SecurityManagerBase.py:6-40`). The two lists are the whole
 * vocabulary: any other word is refused by every security manager but the one that permits everything.
 */
export const readMethods = [
  'exists',
  'isFile',
  'getFileSize',
  'getFileMetadata',
  'getReplicas',
  'getReplicaStatus',
  'getFileAncestors',
  'getFileDescendents',
  'listDirectory',
  'isDirectory',
  'getDirectoryReplicas',
  'getDirectorySize',
  'getDirectoryMetadata',
  'getSEDump',
  'getDirectoryDump',
] as const;

export const writeMethods = [
  'changePathOwner',
  'changePathGroup',
  'changePathMode',
  'addFile',
  'setFileStatus',
  'removeFile',
  'addReplica',
  'removeReplica',
  'setReplicaStatus',
  'setReplicaHost',
  'addFileAncestors',
  'createDirectory',
  'removeDirectory',
  'setMetadata',
  '__removeMetadata',
] as const;

export type CatalogMethod = (typeof readMethods)[number] | (typeof writeMethods)[number];
