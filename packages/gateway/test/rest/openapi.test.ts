import { restPaths, restPrefix } from '@dirac-s3/core/rest-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { createOpenApiDocument, operations, renderRestReference, type OpenApiDocument } from '../../src/rest/index.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let served: OpenApiDocument;
beforeAll(async () => {
  gateway = await startTestGateway();
  served = (await (await gateway.call('/openapi.json', { token: '' })).json()) as OpenApiDocument;
});
afterAll(() => gateway.close());

/** Every value below `name` anywhere in the document. */
function collect(value: unknown, name: string, found: unknown[] = []): unknown[] {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, entry] of Object.entries(value)) {
    if (key === name) found.push(entry);
    collect(entry, name, found);
  }
  return found;
}

describe('the OpenAPI document', () => {
  it('is served as JSON, of version 3.1, with the version of the gateway', () => {
    expect(served).toEqual(JSON.parse(JSON.stringify(createOpenApiDocument(operations, '1.2.3'))));
    expect(served.openapi).toBe('3.1.0');
    expect(served.info).toMatchObject({ title: expect.any(String), version: '1.2.3' });
  });

  it('has references, each of which leads somewhere', () => {
    const references = collect(served, '$ref') as string[];
    expect(references.length).toBeGreaterThan(operations.length);
    for (const reference of references) {
      expect(reference).toMatch(/^#\//);
      const target = reference
        .slice(2)
        .split('/')
        .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], served);
      expect([reference, typeof target]).toEqual([reference, 'object']);
    }
  });

  it('keeps no trace of how it was made', () => {
    expect(collect(served, '$defs')).toEqual([]);
    expect(collect(served, '$schema')).toEqual([]);
    for (const name of Object.keys(served.components.schemas)) expect(name).toMatch(/^[A-Za-z]+$/);
  });

  it('describes exactly the operations there are, and the contract paths are exactly those', () => {
    const described = Object.entries(served.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
    expect(described.sort()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).sort());
    expect(operations.map(({ path }) => path).sort()).toEqual(Object.values(restPaths).sort());
    expect(served.servers).toEqual([{ url: restPrefix }]);
  });

  it('leads to a route for each operation', async () => {
    for (const [path, methods] of Object.entries(served.paths)) {
      for (const method of Object.keys(methods)) {
        const response = await gateway.call(path, { method: method.toUpperCase(), token: '' });
        expect([path, [200, 401].includes(response.status)]).toEqual([path, true]);
      }
    }
  });

  it('says for each operation who may call it and what a refusal looks like', () => {
    for (const { path, method, guard, body } of operations) {
      const described = served.paths[path]?.[method];
      expect(described?.security).toEqual(guard === 'public' ? [] : [{ bearer: [] }]);
      expect(described?.requestBody !== undefined).toBe(body !== undefined);
      expect(Object.keys(described?.responses ?? {})).toEqual(['200', 'default']);
      expect(described?.summary).not.toBe('');
    }
    expect(served.components.securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } });
  });

  it('closes every object of a request to unknown fields', () => {
    for (const name of ['PresignRequest', 'PresignItem', 'LfnsRequest', 'AddFilesRequest', 'NewFile', 'ReplicasRequest', 'AccessRequest']) {
      expect([name, served.components.schemas[name]?.additionalProperties]).toEqual([name, false]);
    }
  });

  it('refuses two schemas of one name', () => {
    const [first] = operations;
    const clash = { ...first!, path: '/clash', body: z.strictObject({ a: z.array(z.string().meta({ id: 'Lfn' })) }) };
    expect(() => createOpenApiDocument([first!, clash], '1')).toThrow(/two different schemas are called "Lfn"/);
  });
});

describe('the page', () => {
  it('shows every operation and every error, runs no script and loads nothing', async () => {
    const response = await gateway.call('/docs', { token: '' });
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]+=*'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    const page = await response.text();
    for (const { path, id } of operations) {
      expect(page).toContain(`<code>${restPrefix}${path}</code>`);
      expect(page).toContain(`id="${id}"`);
    }
    expect(page).toContain('<code>upload-unsafe</code>');
    expect(page).not.toMatch(/<script|<img|<link|<iframe|\son\w+=|style="/i);
    expect(page).not.toMatch(/(?:src|href)="(?!openapi\.json|#)/);
  });

  it('has links within itself that all lead somewhere', async () => {
    const page = await (await gateway.call('/docs', { token: '' })).text();
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, name]) => name!);
    expect(links.length).toBeGreaterThan(20);
    for (const name of links) expect(page).toContain(`id="${name}"`);
  });
});

describe('the reference', () => {
  it('has a section for every operation, with the fields of its body', () => {
    const text = renderRestReference();
    for (const { method, path } of operations) expect(text).toContain(`### ${method.toUpperCase()} ${restPrefix}${path}\n`);
    expect(text).toContain('- Body: `storageElement`, `method`, `items` (each: `lfn`, `sizeBytes?`');
    expect(text).toContain('- Answer: an HTML page');
    expect(text).toContain('`successful` (each: `lfn`, `kind`, `httpMethod`');
  });
});
