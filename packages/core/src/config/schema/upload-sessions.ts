import { integer } from '../kinds.js';
import { option, type OptionTable } from './option.js';
import { sealKeys } from './probe.js';

/** `…/S3Gateway/UploadSessions`. */
export const uploadSessionOptions = {
  secretKeys: option('SecretKeys', sealKeys, {
    written: 'a random key of this process',
    meaning:
      'Random keys that bind uploads in parts to their users, the same at every gateway behind one URL: the first one signs, all of them are accepted, so that keys can be changed one gateway after the other. `openssl rand -base64 33` makes one. Keep them in a local `dirac.cfg` that only its user can read. Without them an upload ends with the gateway that began it.',
    example: '…',
  }),
  lifetimeSeconds: option('Lifetime', integer(5, 86_400), {
    fallback: 3600,
    meaning: 'Seconds until the File Catalog is asked again whether an upload in parts may go on.',
    example: '900',
  }),
  limitSeconds: option('Limit', integer(60, 31_536_000), {
    fallback: 604_800,
    meaning: 'Seconds an upload in parts may take, from its begin.',
    example: '1209600',
  }),
} satisfies OptionTable;
