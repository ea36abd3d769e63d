import type { Operation } from '../operation.js';
import { addFiles, findByGuid, metadata, removeFiles } from './catalog-files.js';
import { access, changePaths, createDirectories, directoryMetadata, exists, listDirectories, removeDirectories } from './catalog-names.js';
import { addReplicas, getReplicas, removeReplicas } from './catalog-replicas.js';
import { docs, openApi } from './description.js';
import { live, ready } from './health.js';
import { listObjects } from './objects.js';
import { presign } from './presign.js';
import { storageElements } from './storage-elements.js';
import { beginUploads, findUploads, renewUploads } from './uploads.js';
import { whoami } from './whoami.js';

/** Everything the REST interface can do. A new operation is a file here and a word in this list. */
export const operations: readonly Operation[] = [
  presign,
  beginUploads,
  renewUploads,
  findUploads,
  listObjects,
  storageElements,
  whoami,
  addFiles,
  removeFiles,
  metadata,
  findByGuid,
  exists,
  access,
  getReplicas,
  addReplicas,
  removeReplicas,
  listDirectories,
  directoryMetadata,
  createDirectories,
  removeDirectories,
  changePaths,
  live,
  ready,
  openApi,
  docs,
];
