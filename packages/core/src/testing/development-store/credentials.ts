import { randomBytes } from 'node:crypto';

/** A key of the store. */
export interface StoreCredential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Makes it a temporary key: each request must carry exactly this token. */
  readonly sessionToken?: string;
  /** `write-only`: may put, post, complete and delete, never read, list or copy from. Default: everything. */
  readonly rights?: 'all' | 'write-only';
}

export function randomCredential(rights: 'all' | 'write-only' = 'all'): StoreCredential {
  return {
    accessKeyId: `DEV${randomBytes(9).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64url'),
    rights,
  };
}
