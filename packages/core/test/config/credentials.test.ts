import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { createCredentialsProvider, formatRemark, loadConfiguration, parseCfg, resolveConfiguration } from '../../src/config/index.js';
import { cfg, goodOperations, resolve, resolveElements, s3, type Sections } from './cfg-text.js';

const main = { Aws_access_key_id: 'AKIAEXAMPLE', Aws_secret_access_key: 'wJalrXUtnFEMIK7MDENG' };
const writer = { Aws_write_access_key_id: 'AKIAWRITER', Aws_write_secret_access_key: 'zzWriterSecretzz' };

function only(options: Sections) {
  const { config, warnings } = resolveElements({ X: { S3: { ...s3, ...options } } });
  return { element: config.storageElements.get('X'), keys: config.credentials.get('X'), config, warnings };
}

describe('credentials', () => {
  test('make a StorageElement direct; without them everything goes through the gateway', () => {
    expect(only(main).element?.access).toBe('direct');
    expect(only(main).keys?.main.secretAccessKey.reveal()).toBe('wJalrXUtnFEMIK7MDENG');
    expect(only(main).keys?.writeOnly).toBeUndefined();
    expect(only({}).element?.access).toBe('via-gateway');
    expect(only({}).keys).toBeUndefined();
  });

  test('that are empty are none', () => {
    const { element, keys, warnings } = only({ Aws_access_key_id: '', Aws_secret_access_key: '' });
    expect([element?.access, keys, warnings]).toEqual(['via-gateway', undefined, []]);
  });

  test('may be temporary, and may come with a write-only key', () => {
    const { keys, warnings } = only({
      ...main,
      ...writer,
      Aws_session_token: 'FwoGZXIvYXdz',
      Aws_credentials_expiration: '2026-01-31T12:00:00Z',
    });
    expect(warnings).toEqual([]);
    expect(keys?.main.accessKeyId).toBe('AKIAEXAMPLE');
    expect(keys?.main.sessionToken?.reveal()).toBe('FwoGZXIvYXdz');
    expect(keys?.main.expiresAt).toEqual(new Date('2026-01-31T12:00:00Z'));
    expect(keys?.writeOnly?.accessKeyId).toBe('AKIAWRITER');
    expect(keys?.writeOnly?.secretAccessKey.reveal()).toBe('zzWriterSecretzz');
  });

  test.each([
    [{ Aws_access_key_id: 'AKIAEXAMPLE' }, 'Aws_secret_access_key must be set, because Aws_access_key_id is'],
    [{ Aws_secret_access_key: 'wJalrXUtnFEMIK7MDENG' }, 'Aws_access_key_id must be set, because Aws_secret_access_key is'],
    [{ ...main, Aws_write_access_key_id: 'AKIAWRITER' }, 'Aws_write_secret_access_key must be set, because Aws_write_access_key_id is'],
    [
      { ...main, Aws_write_secret_access_key: 'zzWriterSecretzz' },
      'Aws_write_access_key_id must be set, because Aws_write_secret_access_key is',
    ],
    [writer, 'Aws_access_key_id must be set, because Aws_write_access_key_id is'],
    [{ Aws_session_token: 'FwoGZXIvYXdz' }, 'Aws_access_key_id must be set, because Aws_session_token is'],
    [{ Aws_credentials_expiration: '2026-01-31T12:00:00Z' }, 'Aws_access_key_id must be set, because Aws_credentials_expiration is'],
  ])('in halves leave the StorageElement out (%#)', (options, reason) => {
    const { element, keys, warnings } = only(options);
    expect([element, keys]).toEqual([undefined, undefined]);
    expect(warnings).toEqual([expect.stringContaining(`/Resources/StorageElements/X/S3/${reason}`)]);
    expect(warnings[0]).toMatch(/StorageElement "X" is not used$/);
  });

  test.each([
    [
      { ...main, Aws_secret_access_key: 'wJalr # production' },
      /Aws_secret_access_key must be printable ASCII without spaces; a CFG has no trailing comments/,
    ],
    [{ ...main, Aws_secret_access_key: '"wJalr"' }, /Aws_secret_access_key must be written bare; it is written in quotes/],
    [{ ...main, Aws_access_key_id: 'wJalr wJalr' }, /Aws_access_key_id must be printable ASCII/],
    [{ ...main, Aws_credentials_expiration: 'tomorrow' }, /Aws_credentials_expiration must be an instant with its zone/],
  ])('that cannot be right leave it out, without being quoted (%#)', (options, reason) => {
    const { element, warnings } = only(options);
    expect(element).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(reason)]);
    expect(warnings.join()).not.toContain('wJalr');
  });

  test('inherited from a base cannot be blanked, as in DIRAC', () => {
    const { config } = resolveElements({ X: { BaseSE: 'B', S3: { Aws_secret_access_key: '' } } }, { B: { S3: { ...s3, ...main } } });
    expect(config.credentials.get('X')?.main.secretAccessKey.reveal()).toBe('wJalrXUtnFEMIK7MDENG');
  });

  test('of an alias are those of its target', () => {
    const { config } = resolveElements({ A: { Alias: 'X' }, X: { S3: { ...s3, ...main } } });
    const provider = createCredentialsProvider(config);
    expect(provider.credentialsOf('A', 'main')).toEqual(provider.credentialsOf('X', 'main'));
    expect(provider.credentialsOf('A', 'main')?.accessKeyId).toBe('AKIAEXAMPLE');
  });

  test('the provider knows main and write-only keys apart, and no others', () => {
    const provider = createCredentialsProvider(only({ ...main, ...writer }).config);
    expect(provider.credentialsOf('X', 'main')?.accessKeyId).toBe('AKIAEXAMPLE');
    expect(provider.credentialsOf('X', 'write-only')?.accessKeyId).toBe('AKIAWRITER');
    expect(provider.credentialsOf('Y', 'main')).toBeUndefined();
    expect(createCredentialsProvider(only(main).config).credentialsOf('X', 'write-only')).toBeUndefined();
  });
});

describe('secrets are shown by nothing', () => {
  const secrets = ['wJalrXUtnFEMIK7MDENG', 'FwoGZXIvYXdz', 'zzWriterSecretzz'];
  const shown = (...things: unknown[]): string =>
    things
      .flatMap((thing) => [
        JSON.stringify(thing),
        inspect(thing, { depth: 20, showHidden: true }),
        inspect(thing, { depth: 20, customInspect: false }),
      ])
      .join('\n');
  const hidden = (text: string): void => {
    for (const secret of secrets) expect(text).not.toContain(secret);
  };
  const everything = { ...main, ...writer, Aws_session_token: 'FwoGZXIvYXdz' };

  test('not by the result, in whatever way it is printed', () => {
    const { config } = only(everything);
    hidden(
      shown(
        config,
        [...config.credentials],
        [...config.storageElements],
        structuredClone([...config.credentials.values()].map(({ main: key }) => key.secretAccessKey)),
      ),
    );
    expect(shown([...config.credentials])).toContain('AKIAEXAMPLE');
  });

  test('not by any remark, when everything about the options around them is wrong', () => {
    const { tree, warnings, errors } = parseCfg(
      cfg({
        Operations: goodOperations,
        Resources: { StorageElements: { X: { S3: { ...everything, Host: 'a b', Aws_write_access_key_id: '' } } } },
      }) + 'Aws_secret_access_key wJalrXUtnFEMIK7MDENG\nS {\nAws_session_token = FwoGZXIvYXdz }\n',
      { file: 'f' },
    );
    const outcome = resolveConfiguration(tree);
    const remarks = [...warnings, ...errors, ...outcome.warnings, ...outcome.errors];
    expect(remarks.length).toBeGreaterThan(4);
    hidden(shown(remarks) + remarks.map(formatRemark).join('\n'));
  });

  test('not by a look at the tree', () => {
    const { tree } = parseCfg(cfg({ S: everything, Password: 'FwoGZXIvYXdz', Other: 'visible' }), { file: 'f' });
    const text =
      JSON.stringify(tree) +
      inspect(tree, { depth: 20 }) +
      inspect(tree.option('S/Aws_secret_access_key')) +
      JSON.stringify(tree.option('Password'));
    hidden(text);
    expect(text).toContain('visible');
  });

  test('not by the source of an option given with -o', async () => {
    const { tree } = await loadConfiguration({ options: ['/Resources/StorageElements/X/S3/Aws_secret_access_key=wJalrXUtnFEMIK7MDENG'] });
    const outcome = resolveConfiguration(tree);
    expect(tree.option('/Resources/StorageElements/X/S3/Aws_secret_access_key')?.value).toBe('wJalrXUtnFEMIK7MDENG');
    hidden(shown(outcome) + inspect(tree.option('/Resources/StorageElements/X/S3/Aws_secret_access_key')?.source));
  });

  test('also when one stands in the wrong option: in that of the key id', () => {
    const { warnings } = resolve({
      Resources: { StorageElements: { X: { S3: { ...s3, ...main, Aws_access_key_id: 'wJalrXUtnFEMIK7MDENG x' } } } },
    });
    hidden(warnings.join('\n'));
  });
});
