import { createIdentity, DiracS3Error, Secret } from '@dirac-s3/core';
import type { AuditRecord } from '@dirac-s3/core/ports';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLog, type LogOptions } from '../../src/ops/log.js';
import { redactFields } from '../../src/ops/redact-fields.js';

function capture(level: LogOptions['level'] = 'debug') {
  const lines: string[] = [];
  const log = createLog({ level, destination: { write: (line) => void lines.push(line) } });
  const raw = () => lines.join('');
  const parsed = () =>
    raw()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...log, raw, parsed, writes: () => lines.length };
}

const signed = `https://s.example/b/k?X-Amz-Credential=AKIA%2Fx&X-Amz-Signature=${'a1'.repeat(32)}&x=1`;
const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

const record: AuditRecord = {
  at: new Date('2026-01-02T03:04:05.000Z'),
  requestId: 'r-1',
  identity: createIdentity({ username: 'alice', group: 'vo_user', vo: 'vo', properties: ['NormalUser'], source: 'token' }),
  storageElement: 'CERN-S3',
  method: 'get_object',
  purpose: 'transfer',
  lfn: '/vo/a',
  outcome: { granted: true, expiresAt: new Date('2026-01-02T04:04:05.000Z') },
};

describe('a log line', () => {
  it('is one JSON object with level, time, message and fields', () => {
    const log = capture();
    log.logger.info({ port: 1, list: ['a', 2, null], at: new Date(0) }, 'listening');
    expect(log.parsed()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        port: 1,
        list: ['a', 2, null],
        at: '1970-01-01T00:00:00.000Z',
        msg: 'listening',
      },
    ]);
  });

  it('is written from its level on', () => {
    const log = capture('warn');
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log.logger[level]({}, level);
    expect(log.parsed().map(({ level }) => level)).toEqual(['warn', 'error']);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a signed URL', { url: signed }],
    ['a signed URL deep inside', { a: [{ b: { c: signed } }] }],
    ['a token', { text: `token was ${jwt}` }],
    ['a header', { headers: { Authorization: `Bearer ${jwt}` } }],
    ['a header of any name', { 'x-security-token': 'plain-secret' }],
    ['a secret', { value: new Secret('plain-secret') }],
    ['an error', { error: new Error(`failed for ${signed}`) }],
    ['an error behind an error', { error: new DiracS3Error('internal', 'x', { cause: new Error(`failed for ${signed}`) }) }],
    ['properties of a foreign error', { error: Object.assign(new Error('x'), { request: { token: 'plain-secret', url: signed } }) }],
  ])('shows nothing of %s', (_title, fields) => {
    const log = capture();
    log.logger.error(fields, `message with ${signed} and ${jwt}`);
    expect(log.raw()).not.toMatch(/a1a1a1|AKIA|eyJ|plain-secret/);
    expect(log.parsed()).toHaveLength(1);
  });

  it('keeps what explains an error', () => {
    const error = new DiracS3Error('timeout', 'too late', { cause: new TypeError('socket') });
    expect(redactFields({ error })).toMatchObject({
      error: { name: 'DiracS3Error', code: 'timeout', message: 'too late', cause: { name: 'TypeError', message: 'socket' } },
    });
  });

  it('survives whatever it is given', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const log = capture();
    log.logger.info({ circle, big: 10n, missing: undefined, odd: Symbol('s'), call: () => 1 }, 'm');
    expect(log.parsed()).toHaveLength(1);
  });

  it('is one line of valid JSON for every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (name, text) => {
        const log = capture();
        log.logger.info({ fields: { [name]: text }, line: `authorization: "${text}"` }, text);
        expect(log.raw().trimEnd()).not.toContain('\n');
        expect(log.parsed()[0]?.msg).toBeDefined();
      }),
    );
  });
});

describe('the audit log', () => {
  const common = {
    level: 'info',
    msg: 'audit',
    at: '2026-01-02T03:04:05.000Z',
    requestId: 'r-1',
    username: 'alice',
    group: 'vo_user',
    vo: 'vo',
    source: 'token',
    storageElement: 'CERN-S3',
    method: 'get_object',
    purpose: 'transfer',
    lfn: '/vo/a',
  };

  it('has one line per decision, granted or not', async () => {
    const log = capture();
    const outcome = { granted: false, code: 'permission-denied', reason: 'no Read' } as const;
    await log.audit.record([record, { ...record, lfn: '/vo/b', outcome }]);
    expect(log.parsed()).toEqual([
      { ...common, time: expect.any(String), granted: true, expiresAt: '2026-01-02T04:04:05.000Z' },
      { ...common, time: expect.any(String), lfn: '/vo/b', ...outcome },
    ]);
  });

  it('is written at once for all names of a request, each with its own name and decision', async () => {
    const log = capture();
    const denied = { granted: false, code: 'permission-denied', reason: 'no Read' } as const;
    const records = Array.from({ length: 1000 }, (_, at) => ({ ...record, lfn: `/vo/${at}`, ...(at % 3 === 0 && { outcome: denied }) }));
    await log.audit.record(records);
    expect(log.writes()).toBe(1);
    expect(log.parsed().map(({ lfn, granted }) => [lfn, granted])).toEqual(records.map(({ lfn }, at) => [lfn, at % 3 !== 0]));
  });

  it('says of each decision what its own question was', async () => {
    const log = capture();
    const bob = createIdentity({ ...record.identity, username: 'bob' });
    const others = [{ identity: bob }, { requestId: 'r-2' }, { storageElement: 'S' }, { method: 'head_object' as const }];
    await log.audit.record([record, ...others.map((other) => ({ ...record, ...other })), record]);
    expect(log.parsed()).toMatchObject([
      common,
      { ...common, username: 'bob' },
      ...others.slice(1).map((other) => ({ ...common, ...other })),
      common,
    ]);
  });

  it('holds nothing of an earlier call that failed', async () => {
    const log = capture();
    const broken = { ...record, outcome: { granted: true, expiresAt: new Date(Number.NaN) } } as const;
    await expect(log.audit.record([record, broken])).rejects.toThrow('Invalid time value');
    await log.audit.record([{ ...record, lfn: '/vo/b' }]);
    expect(log.parsed()).toMatchObject([{ lfn: '/vo/b' }]);
  });

  it.each([
    '/demo/user/a/alice/signature=v2/secret.bin',
    '/demo/a&X-Amz-Signature=v2/secret.bin',
    '/demo/authorization: x/secretAccessKey=y.bin',
    `/demo/${jwt}`,
    '/demo/"quoted", \u00fc and \u2028',
  ])('has the name %j just as it was asked for', async (lfn) => {
    const log = capture();
    await log.audit.record([{ ...record, lfn }]);
    expect(log.parsed()).toMatchObject([{ lfn }]);
    expect(log.raw().trimEnd()).not.toContain('\n');
  });

  it('shows no secret of what is given in place of a name', async () => {
    const log = capture();
    await log.audit.record([{ ...record, lfn: signed }]);
    expect(log.raw()).not.toMatch(/a1a1a1|AKIA/);
  });

  it('is written when the rest of the log is silent', async () => {
    const log = capture('error');
    await log.audit.record([record]);
    expect(log.parsed()).toHaveLength(1);
  });

  it('throws when the line cannot be written, so that no answer leaves unrecorded', async () => {
    const { audit } = createLog({
      level: 'info',
      destination: {
        write: () => {
          throw new Error('disk full');
        },
      },
    });
    await expect(audit.record([record])).rejects.toThrow('disk full');
  });

  it('throws when nobody reads the log any more, while other lines are lost in silence', async () => {
    const { audit, logger } = createLog({
      level: 'info',
      destination: {
        write: () => {
          throw Object.assign(new Error('broken pipe'), { code: 'EPIPE' });
        },
      },
    });
    expect(() => logger.info({}, 'm')).not.toThrow();
    await expect(audit.record([record])).rejects.toThrow('broken pipe');
  });

  it('names the DN when there is one', async () => {
    const log = capture();
    await log.audit.record([{ ...record, identity: createIdentity({ ...record.identity, dn: '/CN=alice' }) }]);
    expect(log.parsed()[0]).toMatchObject({ dn: '/CN=alice' });
  });
});
