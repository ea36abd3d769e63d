import { describe, expect, it } from '@jest/globals';
import {
  openFileCatalogRpc,
  type FileCatalogRpc,
  type FileCatalogRpcOptions,
} from '../../../../src/adapters/catalog/file-catalog-rpc/index.js';
import { DiracServiceError, type CallOptions, type DiracService, type DiracValue } from '../../../../src/dirac-protocol/index.js';
import { parseLfn, parseLfnDirectory, type Lfn } from '../../../../src/domain/index.js';
import { DiracS3Error } from '../../../../src/errors/index.js';
import { identityOf, newFile } from '../../../../src/testing/index.js';

const alice = identityOf('alice', { dn: '/CN=alice' });
const [a, b] = ['/vo/a', '/vo/b'].map(parseLfn) as [Lfn, Lfn];
const bulk = (successful: Record<string, DiracValue>, failed: Record<string, DiracValue> = {}): DiracValue => ({
  Successful: successful,
  Failed: failed,
});

type Answer = (args: readonly DiracValue[]) => DiracValue;

/** A service whose methods answer what they are told to; the calls are kept. */
function stub(answers: Record<string, Answer | DiracValue | Error>, users: FileCatalogRpcOptions['users'] = { dnOf: () => undefined }) {
  const calls: [method: string, args: readonly DiracValue[], options?: CallOptions][] = [];
  const service: DiracService = {
    call: (method, args, options) => {
      calls.push([method, args, ...(options === undefined ? [] : [options])] as (typeof calls)[number]);
      const answer = answers[method];
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve(typeof answer === 'function' ? answer(args) : (answer ?? null));
    },
    close: () => undefined,
  };
  const catalog: FileCatalogRpc = openFileCatalogRpc({ service, users });
  return { catalog, calls, user: () => catalog.catalogFor(alice) };
}
const ask = (catalog: FileCatalogRpc, lfns: readonly Lfn[], identity = alice) =>
  catalog.checkPermission({ identity, method: 'addFile', lfns });

describe('a question about permission', () => {
  it('is one call for all names, in the name of the user', async () => {
    const { catalog, calls } = stub({ hasAccess: bulk({ [a]: true, [b]: 0 }) });
    expect([...(await ask(catalog, [a, b, a]))]).toEqual([
      [a, { allowed: true }],
      [b, { allowed: false, reason: 'the File Catalog does not allow addFile' }],
    ]);
    const options = { delegated: { dn: '/CN=alice', group: 'users' }, repeatable: true };
    expect(calls).toEqual([['hasAccess', [{ [a]: false, [b]: false }, 'addFile'], options]]);
  });

  it.each<[DiracValue, boolean]>([
    [true, true],
    [256, true],
    [64, true],
    [false, false],
    [0, false],
    [null, false],
    ['yes', false],
    ['', false],
    [{}, false],
    [[], false],
  ])('takes %j for %s', async (value, allowed) => {
    expect((await ask(stub({ hasAccess: bulk({ [a]: value }) }).catalog, [a])).get(a)?.allowed).toBe(allowed);
  });

  it('is refused for a name that failed, even where it succeeded too, and unanswered where it is missing', async () => {
    const { catalog } = stub({ hasAccess: bulk({ [a]: true, '/vo': true }, { [a]: 'Illegal Path' }) });
    const answers = await ask(catalog, [a, b]);
    expect([...answers]).toEqual([[a, { allowed: false, reason: 'the File Catalog: Illegal Path' }]]);
  });

  it.each<[string, DiracValue]>([
    ['true', true],
    ['null', null],
    ['no Failed', { Successful: { [a]: true } }],
    ['a list', { Successful: [a], Failed: {} }],
    ['nothing of either', {}],
  ])('is refused when the answer is %s', async (_what, answer) => {
    await expect(ask(stub({ hasAccess: answer }).catalog, [a])).rejects.toMatchObject({ code: 'catalog-unavailable' });
  });

  it.each([
    [new DiracServiceError(1111, 'Unauthorized query'), 'catalog-unavailable', /refused: Unauthorized query/],
    [new DiracServiceError(1131, 'MySQL Error'), 'catalog-unavailable', /MySQL Error/],
    [new DiracServiceError(0, 'Operation type not known nonsense'), 'unsupported-operation', /not known/],
    [new DiracServiceError(0, 'No policy matching operation getSEDump'), 'unsupported-operation', /No policy/],
    [new DiracS3Error('service-unavailable', 'all URLs are down'), 'catalog-unavailable', /all URLs are down/],
    [new DiracS3Error('timeout', 'late'), 'timeout', /late/],
  ])('is refused with %s', async (fault, code, message) => {
    const { catalog, user } = stub({ hasAccess: fault });
    const refusal = { code, message: expect.stringMatching(message) };
    await expect(ask(catalog, [a])).rejects.toMatchObject(refusal);
    await expect(user().hasAccess('addFile', [a])).rejects.toMatchObject(refusal);
  });

  it('is asked for under the DN the caller showed, else under the first of the Registry, else not at all', async () => {
    const { catalog, calls } = stub({ hasAccess: bulk({ [a]: true }) }, { dnOf: (name) => (name === 'bob' ? '/CN=bob' : undefined) });
    await ask(catalog, [a], identityOf('bob'));
    expect(calls[0]?.[2]).toMatchObject({ delegated: { dn: '/CN=bob', group: 'users' } });
    await expect(ask(catalog, [a], identityOf('mallory'))).rejects.toMatchObject({
      code: 'permission-denied',
      message: /mallory has no DN/,
    });
    expect(calls).toHaveLength(1);
  });

  it('is asked for by users themselves without a word about who they are', async () => {
    const { catalog, calls } = stub({ hasAccess: bulk({ [a]: true }) }, 'themselves');
    await ask(catalog, [a]);
    expect(calls[0]?.[2]).toEqual({ repeatable: true });
  });
});

describe('a name the service would take for another one', () => {
  const improper = [
    "/vo/o'neill",
    "/vo/x') OR FileName IN ('y",
    '/vo/quo"te',
    '/vo/`tick`',
    '/vo/blank ',
    '/vo/blank /file',
    '/vo/no-break\u00a0',
    `/vo/${'x'.repeat(129)}`,
    `/vo/${'x'.repeat(128)}/${'y'.repeat(128)}/z`,
  ].map(parseLfn);

  it.each(improper)('is refused before it is asked for: %j', async (lfn) => {
    const { catalog, calls, user } = stub({});
    expect((await ask(catalog, [lfn])).get(lfn)?.allowed).toBe(false);
    expect((await catalog.lookUpReplicas([lfn])).get(lfn)).toEqual({ registered: false });
    for (const result of [
      await user().addFiles([newFile(lfn)]),
      await user().removeFiles([lfn]),
      await user().addReplicas([newFile(lfn)]),
      await user().getReplicas([lfn]),
      await user().exists([lfn]),
      await user().createDirectories([lfn]),
    ]) {
      expect([...result.failed.values()].map(({ code }) => code)).toEqual(['invalid-lfn']);
    }
    expect(calls).toEqual([]);
  });

  it('does not keep the others from being asked for', async () => {
    const { catalog, calls } = stub({ hasAccess: bulk({ [a]: true }) });
    expect((await ask(catalog, [improper[0]!, a])).get(a)).toEqual({ allowed: true });
    expect(calls[0]?.[1]).toEqual([{ [a]: false }, 'addFile']);
  });

  it('may be as long as the columns', async () => {
    const longest = parseLfn(`/vo/${'x'.repeat(128)}`);
    expect((await ask(stub({ hasAccess: bulk({ [longest]: true }) }).catalog, [longest])).get(longest)?.allowed).toBe(true);
  });
});

describe('a question about replicas', () => {
  const missing = 'No such file or directory';
  const names = ['/vo/file', '/vo/hidden', '/vo/dir', '/vo/none'].map(parseLfn);
  const [file, hidden, directory, none] = names as [Lfn, Lfn, Lfn, Lfn];
  /** Answers for the names it is asked about, and no others. */
  const service = () => {
    const among = (there: Record<string, DiracValue>, otherwise: 'failed' | false) => (args: readonly DiracValue[]) => {
      const asked = Object.keys(args[0] as object);
      const answers = (keep: boolean, value: (lfn: string) => DiracValue) =>
        Object.fromEntries(asked.filter((lfn) => Object.hasOwn(there, lfn) === keep).map((lfn) => [lfn, value(lfn)]));
      const found = answers(true, (lfn) => there[lfn]!);
      if (otherwise === 'failed')
        return bulk(
          found,
          answers(false, () => missing),
        );
      return bulk({ ...found, ...answers(false, () => otherwise) });
    };
    return stub({
      getReplicas: among({ [file]: { A: '', B: 's3://b' }, [hidden]: { A: '' } }, 'failed'),
      getFileMetadata: among({ [file]: {} }, 'failed'),
      isDirectory: among({ [directory]: true }, false),
    });
  };
  const [isFile, isHidden] = [
    { registered: true, what: 'file', storageElements: ['A', 'B'] },
    { registered: true, what: 'hidden', storageElements: ['A'] },
  ];
  const [isDirectory, isNone] = [{ registered: true, what: 'directory', storageElements: [] }, { registered: false }];

  it('is three calls of the host at most, and tells files, hidden files and directories apart', async () => {
    const { catalog, calls } = service();
    expect([...(await catalog.lookUpReplicas(names)).values()]).toEqual([isFile, isHidden, isDirectory, isNone]);
    expect(calls).toEqual([
      ['getReplicas', [Object.fromEntries(names.map((lfn) => [lfn, false])), true], { repeatable: true }],
      ['getFileMetadata', [{ [file]: false, [hidden]: false }], { repeatable: true }],
      ['isDirectory', [{ [directory]: false, [none]: false }], { repeatable: true }],
    ]);
  });

  it.each([
    ['files', [file, hidden], [isFile, isHidden], ['getReplicas', 'getFileMetadata']],
    ['no files', [directory, none], [isDirectory, isNone], ['getReplicas', 'isDirectory']],
    [
      'both, and leaves open whether files are seen',
      names,
      [{ ...isFile, what: 'unsettled' }, { ...isHidden, what: 'unsettled' }, isDirectory, isNone],
      ['getReplicas', 'isDirectory'],
    ],
  ])('is two calls when it is brief: about %s', async (_what, asked, answer, methods) => {
    const { catalog, calls } = service();
    expect([...(await catalog.lookUpReplicas(asked, { brief: true })).values()]).toEqual(answer);
    expect(calls.map(([method]) => method)).toEqual(methods);
  });

  it.each<[string, Record<string, DiracValue>]>([
    ['is not told to the host', { isDirectory: bulk({}, { [a]: 'Permission denied' }) }],
    ['lacks an answer', { isDirectory: bulk({}) }],
    ['failed in another way', { getReplicas: bulk({}, { [a]: 'MySQL Error' }) }],
    ['has no answer about metadata', { getReplicas: bulk({ [a]: {} }), getFileMetadata: bulk({}) }],
    ['has a strange answer about metadata', { getReplicas: bulk({ [a]: {} }), getFileMetadata: bulk({}, { [a]: 'MySQL Error' }) }],
  ])('is refused when it %s', async (_what, more) => {
    const answers = { getReplicas: bulk({}, { [a]: missing }), isDirectory: bulk({ [a]: false }) };
    const { catalog } = stub({ ...answers, ...more });
    await expect(catalog.lookUpReplicas([a])).rejects.toMatchObject({ code: 'catalog-unavailable' });
  });
});

describe('what users do', () => {
  it('is sent as the client of DIRAC sends it, and never twice', async () => {
    const { user, calls } = stub({ addFile: bulk({ [a]: true }) });
    const file = newFile(a);
    expect([...(await user().addFiles([file])).successful.keys()]).toEqual([a]);
    const sent = { PFN: file.pfn, SE: 'FIRST-SE', Size: 11, Checksum: file.checksum, ChecksumType: 'Adler32', GUID: file.guid };
    expect(calls).toEqual([['addFile', [{ [a]: sent }], { delegated: { dn: '/CN=alice', group: 'users' } }]]);
  });

  it.each([
    ['Permission denied', 'permission-denied'],
    ['File already registered with alternative metadata', 'conflict'],
    ['No such file or directory', 'no-such-file'],
    ['Directory does not exist: /vo', 'no-such-file'],
    ["Missing 'PFN' parameter", 'invalid-argument'],
    ['something else', 'service-error'],
  ])('fails with "%s" as %s', async (text, code) => {
    const result = await stub({ addFile: bulk({}, { [a]: text }) })
      .user()
      .addFiles([newFile(a)]);
    expect(result.failed.get(a)).toEqual({ code, message: `${a}: ${text}` });
  });

  it('names the file that has the GUID', async () => {
    const { guid } = newFile(a);
    const { user } = stub({
      addFile: bulk({}, { [a]: 'GUID already registered for another file 17' }),
      getLFNForGUID: bulk({ [guid]: b }),
    });
    const { failed } = await user().addFiles([newFile(a)]);
    expect(failed.get(a)).toEqual({ code: 'conflict', message: `${a}: its GUID ${guid} belongs to ${b}` });
  });

  it('removes only what is there', async () => {
    const { user, calls } = stub({ isFile: bulk({ [a]: a, [b]: false }), removeFile: bulk({ [a]: true }) });
    const { successful, failed } = await user().removeFiles([a, b]);
    expect([...successful.keys(), ...[...failed].map(([lfn, { code }]) => `${lfn} ${code}`)]).toEqual([a, `${b} no-such-file`]);
    expect(calls.map(([method, args]) => [method, args[0]])).toEqual([
      ['isFile', { [a]: false, [b]: false }],
      ['removeFile', { [a]: false }],
    ]);
  });

  it('adds several replicas of a file one after the other, and fails when one of them did', async () => {
    const at = (storageElement: string, lfn = a) => ({ lfn, storageElement, pfn: `s3://${storageElement}` });
    const { user, calls } = stub({
      addReplica: ([first]) =>
        JSON.stringify(first).includes('BAD') ? bulk({}, { [a]: 'Permission denied' }) : bulk({ [a]: true, [b]: true }),
    });
    const { successful, failed } = await user().addReplicas([at('BAD'), at('GOOD'), at('GOOD', b)]);
    expect([[...successful.keys()], failed.get(a)?.code]).toEqual([[b], 'permission-denied']);
    expect(calls).toHaveLength(2);
  });

  it.each(["s3://x'", 's3://x"', 's3://x`', 's3://x\\', 's3://x\u0000'])(
    'tells the service, which pastes it into its SQL, nothing of a replica at %j',
    async (pfn) => {
      const { user, calls } = stub({ addReplica: bulk({ [a]: true, [b]: true }), addFile: bulk({ [a]: true, [b]: true }) });
      const good = { lfn: b, storageElement: 'SE', pfn: 's3://x' };
      for (const bad of [
        { lfn: a, storageElement: 'SE', pfn },
        { lfn: a, storageElement: pfn, pfn: 's3://x' },
      ]) {
        const { successful, failed } = await user().addReplicas([bad, good]);
        expect([[...successful.keys()], failed.get(a)?.code]).toEqual([[b], 'invalid-argument']);
        expect((await user().addFiles([{ ...newFile(a), ...bad }])).failed.get(a)?.code).toBe('invalid-argument');
      }
      expect(JSON.stringify(calls)).not.toContain(JSON.stringify(a));
    },
  );

  it('reads of a mode the permission bits: the service takes any number', async () => {
    const file = { Size: 5, Mode: 0o102664, Status: 'AprioriGood' };
    const { user } = stub({
      getFileMetadata: bulk({ [a]: file }),
      listDirectory: bulk({ '/vo': { Files: { a: { MetaData: file } }, SubDirs: {}, Links: {} } }),
      getDirectoryMetadata: bulk({ '/vo': { Mode: 0o2775 } }),
    });
    const vo = parseLfnDirectory('/vo');
    expect((await user().getFileMetadata([a])).successful.get(a)?.mode).toBe(0o664);
    expect((await user().listDirectory([vo])).successful.get(vo)?.files.get(a)?.mode).toBe(0o664);
    expect((await user().getDirectoryMetadata([vo])).successful.get(vo)?.mode).toBe(0o775);
  });

  it('reads listings, metadata and GUIDs as they come', async () => {
    const when = new Date('2026-01-02T03:04:05Z');
    const metadata = {
      Size: 5,
      Checksum: '1',
      ChecksumType: 'MD5',
      GUID: 'G',
      Owner: 'o',
      OwnerGroup: 'g',
      Mode: 509,
      Status: 'AprioriGood',
    };
    const dated = { ...metadata, CreationDate: when, ModificationDate: '2026-01-02 03:04:05' };
    const directory = parseLfnDirectory('/vo');
    const { user } = stub({
      getFileMetadata: bulk({ [a]: dated, [b]: { Size: 'five' } }),
      listDirectory: bulk({ '/vo': { Files: { a: { MetaData: dated } }, SubDirs: { '/vo/d': true }, Links: {} } }),
      getDirectoryMetadata: bulk({
        [a]: { Owner: 'o', OwnerGroup: 'g', Mode: 493, ModificationDate: '2026-01-02 03:04:05' },
        [b]: { Owner: 'o' },
      }),
      getLFNForGUID: bulk({ G: '//a' }, { H: 'GUID does not exist' }),
      exists: bulk({ [a]: a, [b]: false }),
      getReplicas: bulk({ [a]: { A: '', B: 's3://b' } }, { [b]: 'No such file or directory' }),
    });
    const read = await user().getFileMetadata([a, b]);
    const [, found] = [...read.successful][0]!;
    expect(found).toEqual({
      sizeBytes: 5,
      checksum: '1',
      checksumType: 'MD5',
      guid: 'G',
      owner: 'o',
      ownerGroup: 'g',
      mode: 0o775,
      status: 'AprioriGood',
      createdAt: when,
      modifiedAt: when,
    });
    expect(read.failed.get(b)?.code).toBe('catalog-unavailable');
    expect((await user().listDirectory([directory])).successful.get(directory)).toEqual({
      files: new Map([[a, found]]),
      directories: ['/vo/d'],
    });
    const directories = await user().getDirectoryMetadata([a, b]);
    expect([...directories.successful]).toEqual([[a, { owner: 'o', ownerGroup: 'g', mode: 0o755, modifiedAt: when }]]);
    expect(directories.failed.get(b)?.code).toBe('catalog-unavailable');
    expect(await user().findByGuid(['G', 'H'])).toEqual(new Map([['G', '/a']]));
    expect([...(await user().exists([a, b])).successful.values()]).toEqual([true, false]);
    expect((await user().getReplicas([a])).successful.get(a)).toEqual(
      new Map([
        ['A', a],
        ['B', 's3://b'],
      ]),
    );
  });

  it.each(["o'neill", 'quo"te', 'a`b', 'back\\slash'])('never sends %s as the name of an owner or a group', async (name) => {
    const { calls, user } = stub({ changePathOwner: bulk({ [a]: true }), changePathGroup: bulk({ [a]: true }) });
    for (const change of [{ owner: name }, { ownerGroup: name }])
      expect((await user().changePaths([a], change)).failed.get(a)?.code).toBe('invalid-argument');
    expect(calls).toEqual([]);
  });

  it('changes a path once, and does not repeat it', async () => {
    const { calls, user } = stub({ changePathMode: bulk({ [a]: true }) });
    expect((await user().changePaths([a, parseLfn("/vo/o'neill")], { mode: 0 })).successful.size).toBe(1);
    expect(calls).toEqual([['changePathMode', [{ [a]: 0 }, false], { delegated: { dn: '/CN=alice', group: 'users' } }]]);
  });
});
