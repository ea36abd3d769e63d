import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createIdentity } from '@dirac-s3/core';
import { measurePermissions } from '@dirac-s3/core/adapters/catalog/decorators';
import type { AuditRecord } from '@dirac-s3/core/ports';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createMetrics, type GatewayMetrics } from '../../src/ops/metrics.js';

let server: Server | undefined;
afterEach(async () => {
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
});

async function serve({ listener }: GatewayMetrics): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const lines = async (url: string): Promise<string[]> => (await (await fetch(`${url}/metrics`)).text()).split('\n');

const record = (outcome: AuditRecord['outcome']): AuditRecord => ({
  at: new Date(0),
  requestId: 'r',
  identity: createIdentity({ username: 'secret-user', group: 'vo_user', vo: 'vo', properties: [], source: 'token' }),
  storageElement: 'SE',
  method: 'put_object',
  purpose: 'transfer',
  lfn: '/vo/secret-name',
  outcome,
});

describe('metrics', () => {
  it('tell questions, names, time and faults of each catalog', async () => {
    const metrics = createMetrics();
    let now = 0;
    const measuring = { metrics: metrics.ofCatalog('file-catalog'), clock: { now: () => new Date((now += 250)) } };
    const answers = [Promise.resolve(new Map()), Promise.reject(new TypeError('secret-host is down'))];
    const checker = measurePermissions({ checkPermission: () => answers.shift()! }, measuring);
    const { identity } = record({ granted: true, expiresAt: new Date(0) });
    const question = { identity, method: 'addFile', lfns: ['/vo/secret-name', '/vo/b'] as never[] } as const;
    await checker.checkPermission(question);
    await expect(checker.checkPermission(question)).rejects.toThrow('down');
    metrics.ofCatalog('sqlite').questionAnswered({ question: 'lookUpReplicas', outcome: 'ok', names: 3, seconds: 0.002 });
    const told = await lines(await serve(metrics));
    expect(told).toEqual(
      expect.arrayContaining([
        'dirac_s3_catalog_questions_total{catalog="file-catalog",question="checkPermission",outcome="ok"} 1',
        'dirac_s3_catalog_questions_total{catalog="file-catalog",question="checkPermission",outcome="internal"} 1',
        'dirac_s3_catalog_questions_total{catalog="sqlite",question="lookUpReplicas",outcome="ok"} 1',
        'dirac_s3_catalog_names_total{catalog="file-catalog",question="checkPermission"} 4',
        'dirac_s3_catalog_question_seconds_sum{catalog="file-catalog",question="checkPermission"} 0.5',
        'dirac_s3_catalog_question_seconds_bucket{le="0.1",catalog="file-catalog",question="checkPermission"} 0',
        'dirac_s3_catalog_question_seconds_bucket{le="0.5",catalog="file-catalog",question="checkPermission"} 2',
      ]),
    );
    expect(told.join('\n')).not.toMatch(/secret/);
  });

  it('tell decisions by method and outcome, once they are recorded', async () => {
    const metrics = createMetrics();
    const recorded: AuditRecord[] = [];
    const audit = metrics.counting({ record: (records) => Promise.resolve(void recorded.push(...records)) });
    const refused = record({ granted: false, code: 'permission-denied', reason: 'secret reason' });
    await audit.record([record({ granted: true, expiresAt: new Date(0) }), refused, refused]);
    const failing = metrics.counting({ record: () => Promise.reject(new Error('disk full')) });
    await expect(failing.record([refused])).rejects.toThrow('disk full');
    const told = await lines(await serve(metrics));
    expect(recorded).toHaveLength(3);
    expect(told).toEqual(
      expect.arrayContaining([
        'dirac_s3_presign_decisions_total{method="put_object",outcome="granted"} 1',
        'dirac_s3_presign_decisions_total{method="put_object",outcome="permission-denied"} 2',
      ]),
    );
    expect(told.join('\n')).not.toMatch(/secret/);
  });

  it('are served under their one address, by GET and HEAD, and nothing else is', async () => {
    const url = await serve(createMetrics());
    const answer = await fetch(`${url}/metrics`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain; version=0\.0\.4/)]);
    expect((await fetch(`${url}/metrics`, { method: 'HEAD' })).status).toBe(200);
    for (const [path, method] of [
      ['/', 'GET'],
      ['/metrics', 'POST'],
      ['/api/v1/health/ready', 'GET'],
    ])
      expect((await fetch(`${url}${path}`, { method: method! })).status).toBe(404);
  });
});
