import { failureOf, type BulkResult, type Failure, type Lfn, type PresignedUrl } from '@dirac-s3/core';
import type { ObjectMetadata, StorageElementClient } from '@dirac-s3/core/storage';
import type { Command, Positional } from '../command.js';
import { askIfAny, readNames } from '../names.js';
import { diracResult } from '../output/dirac-result.js';
import type { PythonValue } from '../output/pprint.js';
import { bulkResult, lines, type CommandResult } from '../output/result.js';
import { instantsOf } from '../output/units.js';
import type { Session } from '../session.js';

const positionals: readonly Positional[] = [
  { name: 'PFN', describe: 'Storage URL, s3://host[:port]/bucket/lfn; or a file with one in each line', required: true },
  { name: 'SE', describe: 'StorageElement it belongs to', required: true },
];

export const pfnUrl: Command = {
  positionals,
  options: {},
  examples: [['s3://s3.example.org/data/vo/user/a/alice/data.bin CERN-S3', 'A URL any HTTP client can read']],
  notes:
    'A URL of another scheme, host, port or bucket than those of the StorageElement is refused. The catalog is asked for permission on the ' +
    'LFN inside of it, and not whether a replica is registered. Whoever has the URL can read the file until it expires.',
  readOnly: true,
  run: async ({ openSession, style }, args) => {
    const result = await askStorage(await openSession(), args.positionals, (element, lfns) => element.accessUrl(lfns));
    return bulkPfnResult<PresignedUrl>(result, {
      text: style === 'dirac' ? (all) => diracResult(all, ({ url }) => url) : lines((_, { url }) => url),
      entry: ({ lfn, value: { url, expiresAt } }) => ({ lfn, url, expiresAt: expiresAt.toISOString() }),
    });
  },
};

export const pfnMeta: Command = {
  positionals,
  options: {},
  examples: [['s3://s3.example.org/data/vo/user/a/alice/data.bin CERN-S3', 'What the store says of an object']],
  notes: 'A URL of another scheme, host, port or bucket than those of the StorageElement is refused.',
  readOnly: true,
  run: async ({ openSession }, args) => {
    const result = await askStorage(await openSession(), args.positionals, (element, lfns) => element.getMetadata(lfns));
    return bulkPfnResult<ObjectMetadata>(result, {
      text: (all) => diracResult(all, diracMetadata),
      entry: ({ lfn, value: { sizeBytes, checksum, etag, modifiedAt } }) => ({
        lfn,
        sizeBytes,
        ...(checksum !== undefined && { checksum }),
        ...(etag !== undefined && { etag }),
        ...instantsOf({ modifiedAt }),
      }),
    });
  },
};

interface OfPfn<Value> {
  readonly lfn: Lfn;
  readonly value: Value;
}

/** Reads the names out of storage URLs and asks the StorageElement about them; what is no URL of it fails alone. */
async function askStorage<Value>(
  session: Session,
  [word = '', elementName = '']: readonly string[],
  ask: (element: StorageElementClient, lfns: readonly Lfn[]) => Promise<BulkResult<Value, Lfn>>,
): Promise<BulkResult<OfPfn<Value>>> {
  const pfns = [...new Set(await readNames([word]))];
  const lfnOf = await session.lfnOfUrl(elementName);
  const named = new Map<string, Lfn>();
  const failed = new Map<string, Failure>();
  for (const pfn of pfns) {
    try {
      named.set(pfn, lfnOf(pfn));
    } catch (thrown) {
      failed.set(pfn, failureOf(thrown));
    }
  }
  const lfns = [...new Set(named.values())];
  const answer = await askIfAny(lfns, async (some) => ask(await session.openStorageElement(elementName), some));
  const successful = new Map<string, OfPfn<Value>>();
  for (const [pfn, lfn] of named) {
    const fault = answer.failed.get(lfn);
    if (fault === undefined) successful.set(pfn, { lfn, value: answer.successful.get(lfn)! });
    else failed.set(pfn, fault);
  }
  return { successful, failed };
}

interface PfnWriting<Value> {
  readonly text: (result: BulkResult<Value>) => string;
  readonly entry: (found: OfPfn<Value>) => Record<string, unknown>;
}

/** As {@link bulkResult}, each entry under its `pfn`. */
function bulkPfnResult<Value>(result: BulkResult<OfPfn<Value>>, { text, entry }: PfnWriting<Value>): CommandResult {
  const values = new Map([...result.successful].map(([pfn, { value }]) => [pfn, value]));
  return {
    ...bulkResult(result, { text: () => text({ successful: values, failed: result.failed }), entry: () => ({}) }),
    json: {
      successful: [...result.successful].map(([pfn, found]) => ({ pfn, ...entry(found) })),
      failed: [...result.failed].map(([pfn, { code, message }]) => ({ pfn, code, message })),
    },
  };
}

/** The keys of DIRAC's S3 plug-in, and the headers that say more. */
function diracMetadata({ sizeBytes, checksum, etag, modifiedAt }: ObjectMetadata): PythonValue {
  return new Map<string, PythonValue>([
    ['Accessible', true],
    ['Checksum', checksum ?? ''],
    ['Directory', false],
    ['File', true],
    ['Mode', 0],
    ['Size', sizeBytes],
    ...(etag === undefined ? [] : [['etag', etag] as const]),
    ...(modifiedAt === undefined ? [] : [['last-modified', modifiedAt.toUTCString()] as const]),
  ]);
}
