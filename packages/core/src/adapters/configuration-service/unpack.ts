import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { parseCfg, type CentralConfiguration } from '../../config/index.js';
import { isDiracObject, type DiracValue } from '../../dirac-protocol/index.js';
import { DiracS3Error } from '../../errors/index.js';

/** Twenty times the largest configuration of a real installation; compressed data may claim to be anything. */
const maxTextBytes = 64 * 1024 * 1024;

const inflateAsync = promisify(inflate);

/**
 * Reads the answer of `getCompressedDataIfNewer`: `{newestVersion, data?}`, where `data` is the serialised tree, compressed with zlib; bytes
 * over DISET, base64 over HTTPS (`TornadoConfigurationHandler`). Undefined when nothing is newer than `known`.
 *
 * @throws service-unavailable for anything else, and for text that is no proper configuration
 */
export async function unpackConfiguration(
  answer: DiracValue,
  { server, known }: { readonly server: string; readonly known: string | undefined },
): Promise<CentralConfiguration | undefined> {
  const refuse = (fault: string): DiracS3Error => new DiracS3Error('service-unavailable', `the configuration of ${server} ${fault}`);
  const { newestVersion, data = null } = isDiracObject(answer) ? answer : {};
  if (typeof newestVersion !== 'string') throw refuse('has no version');
  // As DIRAC compares them; a server that lags behind another one never takes us back.
  if (data === null || (known !== undefined && newestVersion <= known)) {
    if (known === undefined) throw refuse('was not handed out');
    return undefined;
  }
  const compressed = typeof data === 'string' ? Buffer.from(data, 'base64') : data;
  if (!(compressed instanceof Uint8Array)) throw refuse('is not compressed data');
  const bytes = await inflateAsync(compressed, { maxOutputLength: maxTextBytes }).catch(() => {
    throw refuse(`cannot be inflated, or is longer than ${maxTextBytes} bytes`);
  });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse('is not text in UTF-8');
  }
  const { tree, warnings, errors } = parseCfg(text, { file: server });
  const [error] = errors;
  if (error !== undefined) throw refuse(`is no proper configuration: ${error.source ?? ''} ${error.message}`);
  return { tree, warnings, server, version: tree.option('/DIRAC/Configuration/Version')?.value ?? newestVersion };
}
