export { Adler32, adler32, combineAdler32, normalAdler32, sameAdler32 } from './adler32.js';
export { BulkResultBuilder, bulkMap, singleResult, type BulkResult } from './bulk-result.js';
export { readMethods, writeMethods, type CatalogMethod } from './catalog-method.js';
export { catalogAdminProperty, createIdentity, isCatalogAdmin, ownerNameFault, type Identity, type IdentityFacts } from './identity.js';
export { LaneSums, type Sums } from './lane-sums.js';
export {
  ancestorsOf,
  baseNameOf,
  lfnFault,
  maxLfnBytes,
  parentOf,
  parseLfn,
  parseLfnDirectory,
  type Lfn,
  type LfnDirectory,
} from './lfn.js';
export {
  defaultPort,
  effectivePort,
  lfnOfObjectKey,
  isStorageUrlOf,
  lfnOfStorageUrl,
  objectKeyOf,
  storageUrlOf,
  type ObjectKey,
  type StorageUrlBase,
} from './object-key.js';
export { maxMode, permissionBits } from './mode.js';
export { maxParts, minPartBytes, pieceOf, type Piece } from './piece.js';
export {
  maxObjectBytes,
  maxUploadBytes,
  type Presigned,
  type PresignedPost,
  type PresignedUrl,
  type PresignItem,
  type PresignRequest,
} from './presigned.js';
export { isWithin, type Restriction } from './restriction.js';
export { isS3Method, s3MethodNames, s3Methods, type Access, type S3Method, type S3MethodRow, type StatusKind } from './s3-method.js';
export { Secret } from './secret.js';
export {
  bucketFor,
  isOpenFor,
  isOpenToVo,
  isSamePlace,
  originOf,
  refuseClosed,
  statusFor,
  storageUrlBaseOf,
  type AddressingStyle,
  type Endpoint,
  type ExpirationPolicy,
  type FileStorageElement,
  type Purpose,
  type S3Credentials,
  type StorageElement,
  type StorageElementFacts,
  type UnsignedHeaders,
} from './storage-element.js';
