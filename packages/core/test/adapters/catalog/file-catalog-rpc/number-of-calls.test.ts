import { describe, expect, it } from '@jest/globals';
import { openFileCatalogRpc } from '../../../../src/adapters/catalog/file-catalog-rpc/index.js';
import type { DiracService, DiracValue } from '../../../../src/dirac-protocol/index.js';
import type { S3Method } from '../../../../src/domain/index.js';
import { createPresignUrls } from '../../../../src/presign/index.js';
import { command, createWorld } from '../../../presign/world.js';

const missing = 'No such file or directory';

/** The service as it answers an administrator of the catalog and a user who may do anything; what a name is, its letters say. */
function stubService(): { readonly service: DiracService; readonly calls: string[] } {
  const calls: string[] = [];
  const isFile = (lfn: string): boolean => /file|hidden/.test(lfn);
  const answers: Record<string, (lfn: string, argument: DiracValue | undefined) => DiracValue | undefined> = {
    hasAccess: () => true,
    getReplicas: (lfn) => (isFile(lfn) ? { [lfn.includes('here') ? 'SE' : 'OTHER']: '' } : undefined),
    getFileMetadata: (lfn) => (lfn.includes('file') ? {} : undefined),
    isDirectory: (lfn) => lfn.includes('dir'),
  };
  const service: DiracService = {
    call: (method, [names, argument]) => {
      calls.push(method === 'hasAccess' ? `hasAccess ${argument as string}` : method);
      const [successful, failed]: [Record<string, DiracValue>, Record<string, DiracValue>] = [{}, {}];
      for (const lfn of Object.keys(names as object)) {
        const value = answers[method]!(lfn, argument);
        if (value === undefined) failed[lfn] = missing;
        else successful[lfn] = value;
      }
      return Promise.resolve({ Successful: successful, Failed: failed });
    },
    close: () => undefined,
  };
  return { service, calls };
}

const presign = async (method: S3Method, ...lfns: string[]) => {
  const { service, calls } = stubService();
  const catalog = openFileCatalogRpc({ service, users: { dnOf: () => '/CN=alice' } });
  const presignUrls = createPresignUrls({ ...createWorld(), permissions: catalog, replicas: catalog });
  const { successful, failed } = await presignUrls(command(method, lfns));
  return { calls, signed: [...successful.keys()], refused: Object.fromEntries([...failed].map(([lfn, { code }]) => [lfn, code])) };
};
const many = (what: string): string[] => Array.from({ length: 1000 }, (_, at) => `/vo/${what}${at}`);
const [news, files, here, hidden, directories] = [many('new'), many('file'), many('file-here'), many('hidden'), many('dir')];

describe.each([1, 1000])('of the File Catalog service, for %i LFNs,', (count) => {
  const of = (names: readonly string[]): string[] => names.slice(0, count);

  it.each(['get_object', 'head_object'] as const)('%s asks one question', async (method) => {
    const { calls, signed } = await presign(method, ...of(files));
    expect(calls).toEqual(['hasAccess getFileMetadata']);
    expect(signed).toHaveLength(count);
  });

  it('delete_object asks two questions', async () => {
    expect((await presign('delete_object', ...of(files))).calls).toEqual(['hasAccess removeFile', 'hasAccess addFile']);
  });

  it.each<[string, string[], string[], string[]]>([
    ['new names', news, ['getReplicas', 'isDirectory', 'hasAccess addFile'], news],
    ['names registered elsewhere', files, ['getReplicas', 'getFileMetadata', 'hasAccess addReplica'], files],
    ['names registered here', here, ['getReplicas', 'getFileMetadata', 'hasAccess addReplica'], []],
    ['hidden files', hidden, ['getReplicas', 'getFileMetadata', 'hasAccess addFile'], []],
    ['directories', directories, ['getReplicas', 'isDirectory', 'hasAccess addFile'], []],
  ])('put_object asks three questions about %s', async (_what, names, questions, granted) => {
    const { calls, signed, refused } = await presign('put_object', ...of(names));
    expect(calls).toEqual(questions);
    expect(signed).toEqual(of(granted));
    expect(new Set(Object.values(refused))).toEqual(new Set(granted.length === 0 ? ['file-exists'] : []));
  });

  it('put_object asks no fourth question about any two or more kinds of names, and signs new ones always', async () => {
    const kinds = [of(news), of(files), of(here), of(hidden), of(directories)];
    for (let choice = 1; choice < 2 ** kinds.length; choice += 1) {
      const chosen = kinds.filter((_, at) => (choice & (1 << at)) !== 0);
      const { calls, signed, refused } = await presign('put_object', ...chosen.flat());
      expect(calls.length).toBeLessThanOrEqual(3);
      const [hasNew, hasOthers] = [chosen.includes(kinds[0]!), chosen.includes(kinds[0]!) || chosen.includes(kinds[4]!)];
      const wanted = [...(hasNew ? kinds[0]! : []), ...(chosen.includes(kinds[1]!) && !hasOthers ? kinds[1]! : [])];
      expect(new Set(signed)).toEqual(new Set(wanted));
      expect(Object.values(refused).filter((code) => !['file-exists', 'permission-denied'].includes(code))).toEqual([]);
    }
  });
});
