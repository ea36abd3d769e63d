import { describe, expect, it } from '@jest/globals';
import { BulkResultBuilder, DiracS3Error, failure, type BulkResult, type Lfn, type LfnDirectory } from '@dirac-s3/core';
import type { DirectoryListing, DirectoryMetadata, FileCatalog, FileMetadata } from '@dirac-s3/core/ports';
import type { CommandResult } from '../../src/output/result.js';
import { runAs, runWords } from './run-command.js';

const name = (path: string): Lfn => path as Lfn;
const instants = { createdAt: new Date('2026-01-01T00:00:00Z'), modifiedAt: new Date('2026-01-02T00:00:00Z') };
const belongs = { owner: 'alice', ownerGroup: 'vo_user', mode: 0o640 };
const file: FileMetadata = {
  ...belongs,
  ...instants,
  sizeBytes: 5,
  checksum: '00000001',
  checksumType: 'Adler32',
  guid: '',
  status: 'AprioriGood',
};
const listing: DirectoryListing = { files: new Map([[name('/vo/file'), file]]), directories: [name('/vo/old'), name('/vo/new')] };
const given = <Name extends LfnDirectory, Value>(names: readonly Name[], value: Value): Promise<BulkResult<Value, Name>> => {
  const answer = new BulkResultBuilder<Value, Name>(names);
  for (const one of answer.pending()) answer.succeed(one, value);
  return Promise.resolve(answer.build());
};
type Tells = FileCatalog['getDirectoryMetadata'];

/** What is printed of `/vo`, and what is told beside it. */
async function show(getDirectoryMetadata: Tells, run: (parts: Parameters<typeof runWords>[1]) => Promise<CommandResult>) {
  const told: string[] = [];
  const catalog: Pick<FileCatalog, 'listDirectory' | 'getReplicas' | 'getDirectoryMetadata'> = {
    listDirectory: (directories) => given(directories, listing),
    getReplicas: (lfns) => given(lfns, new Map([['DEMO-S3', 's3://store']])),
    getDirectoryMetadata,
  };
  const session = { catalog: () => Promise.resolve(catalog as FileCatalog) };
  return { ...(await run({ session, tell: (line) => told.push(line) })), told };
}

describe('a long listing', () => {
  const ls = (tells: Tells, ...options: string[]) => show(tells, (parts) => runWords(['ls', ...options, '/vo'], parts));
  const unavailable: Tells = () => Promise.reject(new DiracS3Error('catalog-unavailable', 'no answer'));
  const line = '-rw-r----- 1 alice vo_user 5 2026-01-02 00:00:00 file\n';

  it('is shown without what the catalog does not tell of directories at all, and a warning says why', async () => {
    const unknown = ['new', 'old'].map((directory) => `d????????? 0 ?     ?       0                   ? ${directory}`);
    const warning = 'warning: the catalog tells nothing of directories: File Catalog unavailable: no answer (catalog-unavailable)';
    const long = await ls(unavailable, '-l');
    expect(long).toMatchObject({ text: `${line}${unknown[0]}/\n${unknown[1]}/\n`, failures: new Map(), succeeded: 1, told: [warning] });
    expect(long.json).toMatchObject({
      successful: [
        { entries: [{ name: 'file', owner: 'alice', ...asText(instants) }, { name: 'new', type: 'directory' }, { name: 'old' }] },
      ],
    });
    expect(await ls(unavailable, '-t')).toMatchObject({ text: 'file\nnew/\nold/\n', told: [warning] });
    expect((await ls(unavailable, '-l', '--quiet')).told).toEqual([]);
    const short = await show(unavailable, (parts) => runAs('dls', ['-l', '/vo'], parts));
    expect(short).toMatchObject({ text: `/vo:\n${line}${unknown[0]}\n${unknown[1]}\n`, told: [warning] });
  });

  it('is shown without those directories alone of which the user may not know', async () => {
    const facts: DirectoryMetadata = { ...belongs, mode: 0o700, modifiedAt: new Date('2026-01-03T00:00:00Z') };
    const tells: Tells = (directories) => {
      const answer = new BulkResultBuilder<DirectoryMetadata, LfnDirectory>(directories);
      answer.succeed(name('/vo/old'), facts);
      answer.fail(name('/vo/new'), failure('permission-denied', '/vo/new'));
      return Promise.resolve(answer.build());
    };
    const { text, told } = await ls(tells, '-l', '-t');
    expect(text).toBe(
      `drwx------ 0 alice vo_user 0 2026-01-03 00:00:00 old/\n${line}d????????? 0 ?     ?       0                   ? new/\n`,
    );
    expect(told).toEqual([]);
  });

  it('of names alone does not ask about directories', async () => {
    expect(await ls(unavailable)).toMatchObject({ text: 'file\nnew/\nold/\n', told: [] });
  });
});

function asText(dates: Readonly<Record<string, Date>>): Record<string, string> {
  return Object.fromEntries(Object.entries(dates).map(([key, date]) => [key, date.toISOString()]));
}
