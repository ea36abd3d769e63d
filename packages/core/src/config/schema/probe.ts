import { checked, hint, integer, list, oneOf, text, type Kind } from '../kinds.js';
import { option, type OptionTable } from './option.js';

/** Shorter ones can be guessed: 32 characters of base64 are 192 bits. */
const minKeyLength = 32;

/** Keys that sign what a gateway hands out and any other gateway with the same keys accepts. */
export const sealKeys: Kind<readonly string[]> = {
  type: 'list',
  read: (value) => {
    const listed = list.read(value);
    const texts = 'value' in listed ? listed.value : [];
    const wellMade = texts.every((key) => /^[A-Za-z0-9+/=_-]+$/.test(key) && key.length >= minKeyLength && new Set(key).size >= 8);
    if (texts.length > 0 && wellMade) return { value: texts };
    return { fault: `must be one or more random keys of at least ${minKeyLength} characters of base64${hint(value)}` };
  },
};

/** Where links start: a path is kept, since a proxy may be in front. */
const publicUrl = checked('URL', (value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const plain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && !/[?#]/.test(value);
  return plain ? undefined : 'must be an http or https URL without user, query or fragment';
});

/** `…/S3Gateway/Probe`. */
export const probeOptions = {
  headObject: option('HeadObject', oneOf<'probe' | 'as-dirac'>('probe', 'as-dirac'), {
    fallback: 'probe',
    meaning:
      "How `head_object` of DIRAC clients is answered: with a link to the gateway's probe listener, which serves GET and HEAD, or with a URL of the store that is signed for HEAD alone; then `exists` and `isFile` of DIRAC 9.0 fail.",
    example: 'as-dirac',
  }),
  publicUrl: option('PublicUrl', publicUrl, {
    required: true,
    meaning:
      'Where clients reach the probe listener. They trust only public authorities there, never those of the grid: behind https it needs such a certificate. A path in it must reach the listener unchanged.',
    example: 'https://s3gw.example.org:9170',
  }),
  host: option('Host', text, { fallback: '127.0.0.1', meaning: 'Address the probe listener listens on.', example: '0.0.0.0' }),
  port: option('Port', integer(0, 65_535), { fallback: 9170, meaning: 'Its port; `0` is any free one.', example: '8080' }),
  secretKeys: option('SecretKeys', sealKeys, {
    required: true,
    meaning:
      'Random keys that sign the links, the same at every gateway behind one URL: the first one signs, all of them are accepted, so that keys can be changed one gateway after the other. `openssl rand -base64 33` makes one. Keep them in a local `dirac.cfg` that only its user can read.',
    example: '…',
  }),
  certFile: option('CertFile', text, {
    written: 'plain http',
    meaning: 'PEM file with the certificate of the probe listener and its chain. Needs KeyFile.',
    example: '/etc/letsencrypt/live/s3gw.example.org/fullchain.pem',
  }),
  keyFile: option('KeyFile', text, {
    meaning: 'PEM file with the key of that certificate.',
    example: '/etc/letsencrypt/live/s3gw.example.org/privkey.pem',
  }),
  lifetimeSeconds: option('Lifetime', integer(1, 3600), {
    fallback: 600,
    meaning: 'Seconds a link is good for, when the client did not ask for fewer.',
    example: '300',
  }),
} satisfies OptionTable;
