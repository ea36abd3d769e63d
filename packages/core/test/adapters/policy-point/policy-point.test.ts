import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { createPolicyPoint, type PolicyPointOptions } from '../../../src/adapters/policy-point/index.js';
import { parseLfn, type LfnDirectory } from '../../../src/domain/index.js';
import { decideAll, type CallerQuestion, type FileFacts, type Ownership } from '../../../src/permission/index.js';
import type { PermissionChecker } from '../../../src/ports/index.js';
import { identityOf, permissionCheckerContract } from '../../../src/testing/index.js';

const alice = identityOf('alice');
const [one, other] = [parseLfn('/vo/one'), parseLfn('/vo/other')];

/** A policy point on loopback for as long as `work` takes. */
async function withPolicyPoint(
  listener: RequestListener,
  work: (checker: PermissionChecker) => Promise<void>,
  more: Partial<PolicyPointOptions> = {},
): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/data/dirac_s3/decisions`;
  try {
    await work(createPolicyPoint({ url, timeoutSeconds: 5, ...more }));
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

const answering =
  (status: number, body: string, seen: unknown[] = []): RequestListener =>
  (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      seen.push([request.method, request.url, request.headers.authorization, JSON.parse(text)]);
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body);
    });
  };
const question = { identity: alice, method: 'addFile' as const, lfns: [one, other] };

describe('a policy point over HTTP', () => {
  it.each([...permissionCheckerContract])('$name', async ({ check }) => {
    const directories = new Map<string, Ownership>([['/', { owner: 'nobody', group: 'nobody', mode: 0o775 }]]);
    const files = new Map<string, FileFacts>();
    const rules = {
      securityManager: 'VOMSSecurityManager' as const,
      globalReadAccess: false,
      visibleStates: ['AprioriGood'],
      openRoot: 'never' as const,
      vomsRoleOf: () => undefined,
    };
    const decide: RequestListener = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { input } = JSON.parse(Buffer.concat(chunks).toString()) as { input: CallerQuestion & { lfns: LfnDirectory[] } };
        const verdicts = decideAll(rules, { directories, files }, { question: input, paths: input.lfns });
        const result = Object.fromEntries([...verdicts].map(([lfn, verdict]) => [lfn, verdict.allowed || verdict.reason]));
        response.end(JSON.stringify({ result }));
      });
    };
    await withPolicyPoint(decide, (checker) =>
      check({
        checker,
        createDirectory: ({ path, ...entry }) => Promise.resolve(void directories.set(path, entry)),
        addFile: ({ lfn }, { username: owner, group }) =>
          Promise.resolve(void files.set(lfn, { owner, group, mode: 0o775, status: 'AprioriGood' })),
      }),
    );
  });

  it('is told who asks for what, once for all names', async () => {
    const seen: unknown[] = [];
    const body = JSON.stringify({ result: { [one]: true, [other]: 'embargo until 2027', '/vo/unasked': true } });
    const ask = async (checker: PermissionChecker): Promise<void> => {
      expect([...(await checker.checkPermission(question))]).toEqual([
        [one, { allowed: true }],
        [other, { allowed: false, reason: 'embargo until 2027' }],
      ]);
    };
    await withPolicyPoint(answering(200, body, seen), ask, { authorization: 'Bearer mine' });
    const input = { username: 'alice', group: 'users', vo: 'vo', properties: [], method: 'addFile', lfns: [one, other] };
    expect(seen).toEqual([['POST', '/v1/data/dirac_s3/decisions', 'Bearer mine', { input }]]);
  });

  it('gives no answer for a name that was not decided', () =>
    withPolicyPoint(answering(200, JSON.stringify({ result: { [one]: false } })), async (checker) => {
      expect([...(await checker.checkPermission(question))]).toEqual([
        [one, { allowed: false, reason: 'the policy of the site does not allow it' }],
      ]);
    }));

  it.each([
    ['an error', 500, '{"result": {"/vo/one": true}}'],
    ['a redirect', 302, '{"result": {"/vo/one": true}}'],
    ['no decision, as of an undefined rule', 200, '{}'],
    ['a decision that is a number', 200, '{"result": {"/vo/one": 1}}'],
    ['text', 200, 'true'],
    ['no JSON', 200, '<html>'],
  ])('takes %s for no permission', (_fault, status, body) =>
    withPolicyPoint(answering(status, body), async (checker) => {
      await expect(checker.checkPermission(question)).rejects.toMatchObject({ code: 'catalog-unavailable' });
    }),
  );

  it('refuses when it is silent, and when nobody is there', async () => {
    await withPolicyPoint(
      () => undefined,
      async (checker) => {
        await expect(checker.checkPermission(question)).rejects.toMatchObject({ code: 'timeout' });
      },
      { timeoutSeconds: 0.2 },
    );
    const nobody = createPolicyPoint({ url: 'http://127.0.0.1:1/', timeoutSeconds: 5 });
    await expect(nobody.checkPermission(question)).rejects.toMatchObject({ code: 'catalog-unavailable' });
  });
});
