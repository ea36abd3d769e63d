import { DiracS3Error } from '../errors/index.js';
import type { ProxyFile } from './types.js';

export function parseProxyFile(_pem: string): ProxyFile {
  throw new DiracS3Error('invalid-argument', 'proxy files cannot be read yet');
}
