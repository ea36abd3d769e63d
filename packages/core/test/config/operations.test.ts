import { describe, expect, test } from '@jest/globals';
import { parseCfg, resolveConfiguration, resolveOperations } from '../../src/config/index.js';

const section = (name: string, inner: string): string => `${name}\n{\n${inner}\n}\n`;
const marked = (...names: string[]): string => names.map((name) => `who = ${name}\n${name} = yes`).join('\n');
const { tree } = parseCfg(
  section(
    'Operations',
    section('Defaults', marked('defaults')) +
      section('Production', marked('setup')) +
      section('lhcb', marked('vo') + '\n' + section('Defaults', marked('vo-defaults')) + section('Production', marked('vo-setup'))),
  ),
  { file: 'f' },
);

/** Who won, and which marks are there. */
const seen = (scope: Parameters<typeof resolveOperations>[1]): [string | undefined, string[]] => {
  const operations = resolveOperations(tree, scope);
  return [
    operations.option('who')?.value,
    operations
      .options()
      .map(({ name }) => name)
      .filter((name) => name !== 'who'),
  ];
};

describe('resolveOperations', () => {
  test('v9: Defaults, then the VO', () => {
    expect(seen({ vo: 'lhcb' })).toEqual(['vo', ['defaults', 'vo']]);
  });

  test('v7 and v8: Defaults, Setup, VO/Defaults, VO/Setup', () => {
    expect(seen({ vo: 'lhcb', setup: 'Production' })).toEqual(['vo-setup', ['defaults', 'setup', 'vo-defaults', 'vo-setup']]);
  });

  test('without a VO only what is for everybody applies', () => {
    expect(seen({})).toEqual(['defaults', ['defaults']]);
    expect(seen({ vo: '' })).toEqual(['defaults', ['defaults']]);
    expect(seen({ setup: 'Production' })).toEqual(['setup', ['defaults', 'setup']]);
  });

  test('an unknown VO or setup adds nothing', () => {
    expect(seen({ vo: 'other' })).toEqual(['defaults', ['defaults']]);
    expect(seen({ vo: 'other', setup: 'Other' })).toEqual(['defaults', ['defaults']]);
  });

  test('a configuration without Operations has empty ones', () => {
    expect(resolveOperations(parseCfg('', { file: 'f' }).tree, { vo: 'lhcb' }).entries.size).toBe(0);
  });
});

describe('the layout by setups', () => {
  const gateway = (port: number): string => section('Services', section('S3Gateway', `Port = ${port}`));
  const resolve = (text: string) => resolveConfiguration(parseCfg(text, { file: 'f' }).tree).config;
  const setups = 'Setup = Production\n' + section('Setups', section('Production', 'DataManagement = prod'));

  test('v7 and v8: the instance named by the setup is read', () => {
    expect(
      resolve(section('DIRAC', setups) + section('Systems', section('DataManagement', section('prod', gateway(1234))))).gateway.port,
    ).toBe(1234);
  });

  test('URLs of the gateway stand in the instance too', () => {
    const urls = section('URLs', 'S3Gateway = https://gw.example.org/DataManagement/S3Gateway');
    expect(resolve(section('DIRAC', setups) + section('Systems', section('DataManagement', section('prod', urls)))).gatewayUrls).toEqual([
      'https://gw.example.org/DataManagement/S3Gateway',
    ]);
  });

  test('an option written the v9 way beats the one of the instance', () => {
    const systems = section('Systems', section('DataManagement', section('prod', gateway(1)) + gateway(2)));
    expect(resolve(section('DIRAC', setups) + systems).gateway.port).toBe(2);
  });

  test('without a setup only the v9 place counts', () => {
    expect(resolve(section('Systems', section('DataManagement', section('prod', gateway(1234))))).gateway.port).toBe(9169);
  });

  test('a setup that v9 no longer uses does not hide the Operations of the VO', () => {
    const lists = section('DataManagement', 'AccessProtocols = s3\nWriteProtocols = s3\nRegistrationProtocols = s3');
    const element = section(
      'Resources',
      section('StorageElements', section('X', section('S3', 'Protocol = s3\nHost = h\nPath = abc\nAccess = remote'))),
    );
    const text = (operations: string): string =>
      section('DIRAC', 'Setup = Production\nVirtualOrganization = lhcb') + element + section('Operations', operations);
    const warningsOf = (operations: string) => resolveConfiguration(parseCfg(text(operations), { file: 'f' }).tree).warnings;
    expect(warningsOf(section('lhcb', lists))).toEqual([]);
    expect(warningsOf(section('Production', lists))).toEqual([]);
    expect(warningsOf(section('lhcb', section('Defaults', lists)))).toEqual([]);
    expect(warningsOf(section('lhcb', section('Other', lists)))).toHaveLength(3);
  });
});
