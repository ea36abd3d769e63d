import { failure, type BulkResult, type Lfn, type StorageElement } from '@dirac-s3/core';
import type { DataManager } from '@dirac-s3/core/data-management';
import type { Command } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { askAbout, readNames } from '../names.js';
import { diracResult } from '../output/dirac-result.js';
import { bulkResult, lines } from '../output/result.js';

interface AccessUrl {
  readonly url: string;
  readonly expiresAt?: Date;
}

export const url: Command = {
  positionals: [
    { name: 'LFN', describe: 'Logical file name; or a file with an LFN in each line', required: true },
    { name: 'SE', describe: 'StorageElement that has a replica', required: true },
    { name: 'PROTOCOL', describe: 'http or https: a presigned URL (the default); s3: the storage URL' },
  ],
  options: { expires: { type: 'number', value: 'SECONDS', describe: 'Lifetime of the URL (default: that of the StorageElement, a day)' } },
  examples: [
    ['/vo/user/a/alice/data.bin CERN-S3', 'A URL any HTTP client can read'],
    ['/vo/user/a/alice/data.bin CERN-S3 s3', 'The storage URL, as in the File Catalog'],
  ],
  diracExamples: [
    ['/vo/user/a/alice/data.bin CERN-S3', 'The storage URL'],
    ['/vo/user/a/alice/data.bin CERN-S3 https', 'A URL any HTTP client can read'],
  ],
  notes: 'Whoever has a presigned URL can read the file until it expires.',
  readOnly: true,
  run: async ({ openSession, style }, args) => {
    const [name = '', elementName = '', protocol = style === 'dirac' ? 's3' : undefined] = args.positionals;
    const seconds = args.number('expires');
    if (seconds !== undefined && !(Number.isSafeInteger(seconds) && seconds > 0))
      throw new UsageError('--expires must be a number of seconds');
    const names = await readNames([name]);
    const session = await openSession();
    const element = session.storageElement(elementName);
    const manager = await session.dataManager();
    const result = await askAbout<AccessUrl>(names, async (lfns) => {
      if (protocol === 's3') return storageUrls(manager, lfns, { element, urlOf: await session.storageUrl(element.name) });
      const fault = protocolFault(protocol, element);
      if (fault !== undefined) return allFailed(lfns, fault);
      return manager.accessUrl(lfns, { storageElement: element.name, ...(seconds === undefined ? {} : { expirationSeconds: seconds }) });
    });
    return bulkResult(result, {
      text: style === 'dirac' ? (all) => diracText(names, all) : lines((_, value) => value.url),
      entry: (value) => ({ url: value.url, ...(value.expiresAt && { expiresAt: value.expiresAt.toISOString() }) }),
    });
  },
};

/** What DIRAC calls the access URL when no protocol is asked for; for registered replicas only. */
async function storageUrls(
  manager: DataManager,
  lfns: readonly Lfn[],
  { element, urlOf }: { element: StorageElement; urlOf: (lfn: Lfn) => string },
): Promise<BulkResult<AccessUrl, Lfn>> {
  const { successful, failed } = await manager.replicas(lfns);
  const here = [...successful].filter(([, replicas]) => replicas.has(element.name));
  const elsewhere = [...successful.keys()].filter((lfn) => successful.get(lfn)?.has(element.name) !== true);
  return {
    successful: new Map(here.map(([lfn]) => [lfn, { url: urlOf(lfn) }])),
    failed: new Map([...failed, ...allFailed(elsewhere, { code: 'no-such-file', reason: `no replica at ${element.name}` }).failed]),
  };
}

/** An S3 StorageElement serves the one scheme of its endpoint. */
function protocolFault(protocol: string | undefined, element: StorageElement): Fault | undefined {
  const served = (element.publicEndpoint ?? element.endpoint).secure ? 'https' : 'http';
  if (protocol === undefined || protocol === served) return undefined;
  return { code: 'unsupported-protocol', reason: `${element.name} serves s3 and ${served}, not ${protocol}` };
}

interface Fault {
  readonly code: 'unsupported-protocol' | 'no-such-file';
  readonly reason: string;
}

function allFailed<Value>(lfns: readonly Lfn[], { code, reason }: Fault): BulkResult<Value, Lfn> {
  return { successful: new Map(), failed: new Map(lfns.map((lfn) => [lfn, failure(code, reason)])) };
}

/** DIRAC prints one answer for each LFN. */
function diracText(names: readonly string[], { successful, failed }: BulkResult<AccessUrl>): string {
  const only = <Value>(map: ReadonlyMap<string, Value>, name: string): ReadonlyMap<string, Value> =>
    new Map([...map].filter(([key]) => key === name));
  return [...new Set(names)]
    .map((name) => diracResult({ successful: only(successful, name), failed: only(failed, name) }, ({ url: text }) => text))
    .join('');
}
