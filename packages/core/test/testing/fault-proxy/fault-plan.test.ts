import { describe, expect, test } from '@jest/globals';
import {
  createFaultPlan,
  proxyFaultKinds,
  type FaultPlanOptions,
  type ProxiedRequest,
  type ProxyFault,
} from '../../../src/testing/index.js';
import { seededRandom } from '../../../src/testing/fault-proxy/random.js';

const put: ProxiedRequest = { method: 'PUT', target: '/b/k?X-Amz-Signature=x', hasBody: true };
const get: ProxiedRequest = { method: 'GET', target: '/b/k', hasBody: false };
const head: ProxiedRequest = { method: 'HEAD', target: '/b/k', hasBody: false };
const complete: ProxiedRequest = { method: 'POST', target: '/b/k?uploadId=u', hasBody: true };
const listParts: ProxiedRequest = { method: 'GET', target: '/b/k?uploadId=u', hasBody: false };

const faultsOf = (options: Partial<FaultPlanOptions>, requests: readonly ProxiedRequest[]): (ProxyFault | undefined)[] =>
  requests.map(createFaultPlan({ seed: 'one', ...options }));
const many = (request: ProxiedRequest, count = 2000): ProxiedRequest[] => Array.from({ length: count }, () => request);
const kindsFor = (request: ProxiedRequest): Set<string | undefined> =>
  new Set(faultsOf({ rate: 1 }, many(request)).map((fault) => fault?.kind));

describe('a plan of faults', () => {
  test('is the same for the same seed and the same requests, and another for another seed', () => {
    const mixed = Array.from({ length: 500 }, (_, n) => [put, get, head, complete][n % 4]!);
    expect(faultsOf({}, mixed)).toEqual(faultsOf({}, mixed));
    expect(faultsOf({ seed: 'two' }, mixed)).not.toEqual(faultsOf({}, mixed));
  });

  test('keeps to its place however many requests before were spared', () => {
    const [all, some] = [faultsOf({ rate: 1 }, many(put)), faultsOf({ rate: 0.3 }, many(put))];
    some.forEach((fault, at) => fault && expect(fault).toEqual(all[at]));
  });

  test('fails the share it was asked for, and never more than so many', () => {
    const share = faultsOf({ rate: 0.25 }, many(put, 4000)).filter(Boolean).length / 4000;
    expect(share).toBeGreaterThan(0.22);
    expect(share).toBeLessThan(0.28);
    expect(faultsOf({ rate: 1, maxFaults: 7 }, many(put)).filter(Boolean)).toHaveLength(7);
    expect(faultsOf({ rate: 0 }, many(put)).filter(Boolean)).toHaveLength(0);
  });

  test('draws every kind that suits a request, and no other', () => {
    const always = ['delay', 'answer', 'lose-answer'];
    expect(kindsFor(head)).toEqual(new Set(always));
    expect(kindsFor(put)).toEqual(new Set([...always, 'trickle', 'cut-request', 'corrupt-request']));
    expect(kindsFor(get)).toEqual(new Set([...always, 'trickle', 'cut-answer', 'corrupt-answer']));
    expect(kindsFor(complete)).toEqual(new Set([...always, 'trickle', 'cut-request', 'failed-complete']));
    expect(kindsFor(listParts)).toEqual(new Set([...always, 'trickle', 'cut-answer']));
  });

  test('draws only the kinds it was given, and spares a request that none of them suits', () => {
    expect(new Set(faultsOf({ rate: 1, kinds: ['cut-answer'] }, many(get)).map((fault) => fault?.kind))).toEqual(new Set(['cut-answer']));
    expect(faultsOf({ rate: 1, kinds: ['cut-answer'] }, many(put)).filter(Boolean)).toEqual([]);
  });

  test('stays within its ranges', () => {
    const statuses = new Set<number>();
    for (const fault of faultsOf({ rate: 1, maxMilliseconds: 20 }, [...many(put), ...many(get), ...many(complete)])) {
      if (fault === undefined) throw new Error('every request was to fail');
      expect(proxyFaultKinds).toContain(fault.kind);
      if (fault.kind === 'answer') statuses.add(fault.status);
      if ('milliseconds' in fault) expect(fault.milliseconds <= 20 && fault.milliseconds >= 0).toBe(true);
      if ('place' in fault) expect(fault.place >= 0 && fault.place < 1).toBe(true);
      if ('mask' in fault) expect(Number.isInteger(fault.mask) && fault.mask >= 1 && fault.mask <= 255).toBe(true);
    }
    expect(statuses).toEqual(new Set([403, 429, 500, 503]));
  });
});

describe('seeded random numbers', () => {
  test('are spread evenly over [0, 1)', () => {
    const random = seededRandom('spread');
    const buckets = new Array<number>(10).fill(0);
    for (let n = 0; n < 20_000; n += 1) buckets[Math.floor(random() * 10)]! += 1;
    for (const count of buckets) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  test('begin differently for seeds that differ by one letter', () => {
    const first = Array.from({ length: 50 }, (_, n) => seededRandom(`seed ${n}`)());
    expect(new Set(first).size).toBe(50);
    expect(Math.max(...first) - Math.min(...first)).toBeGreaterThan(0.8);
  });
});
