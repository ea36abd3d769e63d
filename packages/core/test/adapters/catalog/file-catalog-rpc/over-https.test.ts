import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openFileCatalogRpc, type FileCatalogRpc } from '../../../../src/adapters/catalog/file-catalog-rpc/index.js';
import { createDiracService, type DiracServiceOptions } from '../../../../src/dirac-protocol/index.js';
import { parseLfn, parseLfnDirectory, type Lfn } from '../../../../src/domain/index.js';
import { identityOf, newFile } from '../../../../src/testing/index.js';
import { clientCertificateOf, issue } from '../../../dirac-protocol/pki.js';
import { makePki, startHttpsStub, type Asked, type Stub, type StubOptions } from '../../../dirac-protocol/stubs.js';

/**
 * DIRAC's HTTPS server cannot be installed from the package index: a stub answers, in the very bytes that Tornado and JEncode write. The form it
 * reads is that of recorded exchanges with DIRAC 9.
 */
const pki = makePki();
const alice = identityOf('alice', { dn: '/DC=org/CN=alice' });
const [a, b] = ['/vo/a', '/vo/b'].map(parseLfn) as [Lfn, Lfn];
const file = newFile(a);
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const answering = (body: string): { status: number; body: string } => ({ status: 200, body });
const ok = (value: string) => answering(`{"OK": true, "Value": ${value}}`);
const bulk = (successful: string, failed = '{}') => ok(`{"Successful": ${successful}, "Failed": ${failed}}`);
const missing = (...lfns: string[]): string => JSON.stringify(Object.fromEntries(lfns.map((lfn) => [lfn, 'No such file or directory'])));

async function serve(answer: StubOptions['answer']): Promise<Stub> {
  const stub = await startHttpsStub({ pki, answer });
  closing.push(() => stub.close());
  return stub;
}

function open(urls: readonly string[], more: Partial<DiracServiceOptions> = {}): FileCatalogRpc {
  const service = createDiracService({
    service: 'DataManagement/FileCatalog',
    urls,
    certificate: clientCertificateOf(pki.host),
    caPem: pki.caPem,
    asHost: true,
    vo: 'vo',
    random: () => 0,
    ...more,
  });
  const catalog = openFileCatalogRpc({ service, users: { dnOf: () => undefined } });
  closing.push(() => catalog.close());
  return catalog;
}

const ask = (catalog: FileCatalogRpc) => catalog.checkPermission({ identity: alice, method: 'getFileMetadata', lfns: [a, b] });
const allowed = (lfn: string) => [lfn, { allowed: true }];
const yes = bulk(`{"${a}": true, "${b}": 256}`);

/** A port that nobody listens on, or that takes connections and never says a word. */
async function lonelyPort(kind: 'dead' | 'hanging'): Promise<number> {
  const sockets: { destroy(): unknown }[] = [];
  const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  };
  if (kind === 'dead') await close();
  else closing.push(close);
  return port;
}

describe('each question by HTTPS', () => {
  const metadata =
    '{"FileID": 7, "Size": 11, "Checksum": "1a0b045d", "ChecksumType": "Adler32", "GUID": "G", "UID": 1, "Owner": "alice", "GID": 1, ' +
    '"OwnerGroup": "users", "Mode": 509, "Status": "AprioriGood", "CreationDate": {"__dCls": "dt", "obj": "2026-01-02 03:04:05"}, ' +
    '"ModificationDate": {"__dCls": "dt", "obj": "2026-01-02 03:04:06"}}';
  const directory =
    '{"DirID": 3, "UID": 1, "Owner": "alice", "GID": 1, "OwnerGroup": "users", "Status": 1, "Mode": 493, ' +
    '"CreationDate": {"__dCls": "dt", "obj": "2026-01-02 03:04:05"}, "ModificationDate": null}';
  const names = { [a]: false, [b]: false };
  const sent = { PFN: file.pfn, SE: file.storageElement, Size: 11, Checksum: file.checksum, ChecksumType: 'Adler32', GUID: file.guid };
  const replica = { lfn: a, storageElement: 'SE', pfn: 's3://se/a' };
  type User = ReturnType<FileCatalogRpc['catalogFor']>;
  type Row = [method: string, args: unknown[], answer: ReturnType<typeof ok>, ask: (user: User) => Promise<unknown>, outcome: unknown];
  const parsed = {
    sizeBytes: 11,
    checksum: '1a0b045d',
    checksumType: 'Adler32',
    guid: 'G',
    owner: 'alice',
    ownerGroup: 'users',
    mode: 0o775,
    status: 'AprioriGood',
    createdAt: new Date('2026-01-02T03:04:05Z'),
    modifiedAt: new Date('2026-01-02T03:04:06Z'),
  };
  const outcomes = async (result: Promise<{ successful: ReadonlyMap<string, unknown>; failed: ReadonlyMap<string, { code: string }> }>) => {
    const { successful, failed } = await result;
    return [...successful, ...[...failed].map(([name, { code }]) => [name, code])];
  };
  const rows: Row[] = [
    [
      'hasAccess',
      [names, 'addFile'],
      bulk(`{"${a}": true, "${b}": 0}`),
      (u) => outcomes(u.hasAccess('addFile', [a, b])),
      [
        [a, true],
        [b, false],
      ],
    ],
    ['addFile', [{ [a]: sent }], bulk(`{"${a}": true}`), (u) => outcomes(u.addFiles([file])), [[a, true]]],
    [
      'addReplica',
      [{ [a]: { PFN: replica.pfn, SE: 'SE' } }],
      bulk('{}', `{"${a}": "Permission denied"}`),
      (u) => outcomes(u.addReplicas([replica])),
      [[a, 'permission-denied']],
    ],
    ['removeReplica', [{ [a]: { SE: 'SE' } }], bulk(`{"${a}": true}`), (u) => outcomes(u.removeReplicas([replica])), [[a, true]]],
    [
      'createDirectory',
      [{ '/vo/d': false }],
      bulk('{"/vo/d": true}'),
      (u) => outcomes(u.createDirectories([parseLfn('/vo/d')])),
      [['/vo/d', true]],
    ],
    [
      'getReplicas',
      [names, false],
      bulk(`{"${a}": {"SE": "s3://se/a", "STRONG": ""}}`, missing(b)),
      (u) => outcomes(u.getReplicas([a, b])),
      [
        [
          a,
          new Map([
            ['SE', 's3://se/a'],
            ['STRONG', a],
          ]),
        ],
        [b, 'no-such-file'],
      ],
    ],
    [
      'getFileMetadata',
      [names],
      bulk(`{"${a}": ${metadata}}`, missing(b)),
      (u) => outcomes(u.getFileMetadata([a, b])),
      [
        [a, parsed],
        [b, 'no-such-file'],
      ],
    ],
    [
      'getDirectoryMetadata',
      [names],
      bulk(`{"${a}": ${directory}}`, `{"${b}": "Directory does not exist ${b}"}`),
      (u) => outcomes(u.getDirectoryMetadata([a, b])),
      [
        [a, { owner: 'alice', ownerGroup: 'users', mode: 0o755, createdAt: new Date('2026-01-02T03:04:05Z') }],
        [b, 'no-such-file'],
      ],
    ],
    [
      'changePathMode',
      [{ [a]: 0o750, [b]: 0o750 }, true],
      bulk(`{"${a}": true}`, `{"${b}": "No such file or directory"}`),
      (u) => outcomes(u.changePaths([a, b], { mode: 0o750 }, { recursive: true })),
      [
        [a, true],
        [b, 'no-such-file'],
      ],
    ],
    [
      'changePathOwner',
      [{ [a]: 'bob' }, false],
      bulk('{}', `{"${a}": "Permission denied"}`),
      (u) => outcomes(u.changePaths([a], { owner: 'bob' })),
      [[a, 'permission-denied']],
    ],
    [
      'changePathGroup',
      [{ [a]: 'guests' }, false],
      bulk(`{"${a}": true}`),
      (u) => outcomes(u.changePaths([a], { ownerGroup: 'guests' })),
      [[a, true]],
    ],
    ['getLFNForGUID', [['G']], bulk('{"G": "/vo/a"}'), (u) => u.findByGuid(['G']), new Map([['G', a]])],
    [
      'exists',
      [names],
      bulk(`{"${a}": "${a}", "${b}": false}`),
      (u) => outcomes(u.exists([a, b])),
      [
        [a, true],
        [b, false],
      ],
    ],
    [
      'listDirectory',
      [{ '/vo': false }, true],
      bulk(`{"/vo": {"Files": {"a": {"MetaData": ${metadata}}}, "SubDirs": {"/vo/d": true}, "Links": {}, "Datasets": {}}}`),
      (u) => outcomes(u.listDirectory([parseLfnDirectory('/vo')])),
      [['/vo', { files: new Map([[a, parsed]]), directories: ['/vo/d'] }]],
    ],
  ];

  it.each(rows)('%s goes out as DIRAC would send it, for the user, and comes back read', async (method, args, answer, use, outcome) => {
    const { url, asked } = await serve(() => answer);
    expect(await use(open([url]).catalogFor(alice))).toEqual(outcome);
    const said = { service: 'DataManagement/FileCatalog', vo: 'vo', setup: 'None', peer: 'dirac.example.org', authorization: undefined };
    expect(asked).toMatchObject([{ ...said, method, extraCredentials: [alice.dn, 'users'] }]);
    expect(JSON.parse(JSON.stringify(asked[0]!.args))).toEqual(args);
  });

  it('removeFile asks what is there first, and removes that', async () => {
    const { url, asked } = await serve(({ method }) =>
      method === 'isFile' ? bulk(`{"${a}": "${a}", "${b}": false}`) : bulk(`{"${a}": true}`),
    );
    const { successful, failed } = await open([url]).catalogFor(alice).removeFiles([a, b]);
    expect([[...successful.keys()], failed.get(b)?.code]).toEqual([[a], 'no-such-file']);
    expect(asked.map(({ method }) => method)).toEqual(['isFile', 'removeFile']);
  });

  it('where names are registered is asked by the host itself', async () => {
    const answers: Record<string, ReturnType<typeof ok>> = {
      getReplicas: bulk(`{"${a}": {"SE": ""}}`, missing(b)),
      getFileMetadata: bulk('{}', missing(a)),
      isDirectory: bulk(`{"${b}": true}`),
    };
    const { url, asked } = await serve(({ method }) => answers[method]!);
    expect(Object.fromEntries(await open([url]).lookUpReplicas([a, b]))).toEqual({
      [a]: { registered: true, what: 'hidden', storageElements: ['SE'] },
      [b]: { registered: true, what: 'directory', storageElements: [] },
    });
    expect(asked.map(({ method }) => method).sort()).toEqual(Object.keys(answers).sort());
    for (const { extraCredentials, peer } of asked) expect([extraCredentials, peer]).toEqual(['hosts', 'dirac.example.org']);
  });
});

describe('a question by HTTPS is refused', () => {
  const refusal = (message: RegExp) => ({ code: 'catalog-unavailable', message: expect.stringMatching(message) });
  it.each<[string, StubOptions['answer'], RegExp]>([
    ['when our certificate is turned away', () => ({ status: 401, body: '<html>401: Unauthorized</html>' }), /No access to https/],
    ['when the host may not speak for users', () => ({ status: 403, body: '<html>403: Forbidden</html>' }), /No access to https/],
    ['when there is no such method', () => ({ status: 501, body: '<html>' }), /not implemented/],
    ['when the method raised', () => ({ status: 500, body: "KeyError: 'Mode'" }), /answered 500/],
    [
      'when the whole call failed',
      () => answering('{"OK": false, "Errno": 1131, "Message": "MySQL Error ( 1131 : gone away)", "CallStack": []}'),
      /gone away/,
    ],
    ['when the answer has no Failed', () => ok(`{"Successful": {"${a}": true, "${b}": true}}`), /neither for nor against/],
    ['when the answer is nothing', () => ok('null'), /neither for nor against/],
    ['when the answer breaks off', () => answering(`{"OK": true, "Value": {"Successful": {"${a}": tr`), /not DIRAC's/],
    ['when the connection breaks off', () => 'reset', /lost|ECONNRESET/],
  ])('%s', async (_when, answer, message) => {
    const { url } = await serve(answer);
    await expect(ask(open([url]))).rejects.toMatchObject(refusal(message));
  });

  it('when the server asks for a certificate of another authority', async () => {
    const stranger = issue('stranger', { issuer: issue('Other Root', { ca: true }) });
    // As Tornado with CERT_REQUIRED: it goes on with nobody whose chain it cannot follow.
    const { url } = await serve(({ peer }) => (peer === undefined ? { status: 401 } : yes));
    expect([...(await ask(open([url])))]).toEqual([a, b].map(allowed));
    await expect(ask(open([url], { certificate: clientCertificateOf(stranger) }))).rejects.toMatchObject(refusal(/No access/));
  });

  it('for the names that are missing from a partial answer, and for those that failed', async () => {
    const partial = await serve(() => bulk(`{"${a}": true, "/vo": true}`));
    expect([...(await ask(open([partial.url])))]).toEqual([allowed(a)]);
    const failed = await serve(() => bulk(`{"${a}": true}`, `{"${a}": "Illegal Path", "${b}": "Empty path"}`));
    expect([...(await ask(open([failed.url]))).values()].map((verdict) => verdict.allowed)).toEqual([false, false]);
  });

  it('when the server says nothing in time', async () => {
    const { url } = await serve(() => 'silence');
    await expect(ask(open([url], { timeoutSeconds: 0.3 }))).rejects.toMatchObject({ code: 'timeout' });
  });
});

describe('of several URLs', () => {
  const urlOf = (port: number): string => `https://localhost:${port}/DataManagement/FileCatalog`;

  it('one dead and one hanging leave time for the third, and are not asked again for a while', async () => {
    const good = await serve(() => yes);
    const urls = [urlOf(await lonelyPort('dead')), urlOf(await lonelyPort('hanging')), good.url];
    const attempts: string[] = [];
    let now = 0;
    const catalog = open(urls, { timeoutSeconds: 2, now: () => now, onCall: (line) => void attempts.push(line.replace(/^\w+ /, '')) });
    const start = performance.now();
    expect([...(await ask(catalog))]).toEqual([a, b].map(allowed));
    expect(performance.now() - start).toBeLessThan(2000);
    expect(attempts).toEqual(urls);
    attempts.length = 0;
    for (let question = 0; question < 5; question += 1) await ask(catalog);
    expect(attempts).toEqual(Array.from({ length: 5 }, () => good.url));
    now += 2001;
    attempts.length = 0;
    await ask(catalog);
    expect(attempts).toEqual(urls);
  });

  it('none but dead and hanging ones refuse within the time of one question', async () => {
    const urls = [urlOf(await lonelyPort('hanging')), urlOf(await lonelyPort('dead')), urlOf(await lonelyPort('hanging'))];
    const catalog = open(urls, { timeoutSeconds: 1, connectTimeoutSeconds: 10 });
    for (let question = 0; question < 2; question += 1) {
      const start = performance.now();
      await expect(ask(catalog)).rejects.toMatchObject({ code: expect.stringMatching(/^(?:catalog-unavailable|timeout)$/) });
      expect(performance.now() - start).toBeLessThan(2500);
    }
  });

  it('the next is asked for reading when one breaks off, and never for a change that may have been made', async () => {
    const broken = await serve(() => 'reset');
    const good = await serve(({ method }) => (method === 'hasAccess' ? yes : bulk(`{"${a}": true}`)));
    expect([...(await ask(open([broken.url, good.url])))]).toEqual([a, b].map(allowed));
    const user = open([broken.url, good.url]).catalogFor(alice);
    await expect(user.addFiles([file])).rejects.toMatchObject({ code: 'catalog-unavailable' });
    expect(good.asked.map(({ method }: Asked) => method)).toEqual(['hasAccess']);
  });

  it('a refusal of one is final', async () => {
    const stubs = [await serve(() => ({ status: 403 })), await serve(() => yes)];
    await expect(ask(open(stubs.map(({ url }) => url)))).rejects.toMatchObject({ code: 'catalog-unavailable' });
    expect(stubs[1]!.asked).toEqual([]);
  });
});
