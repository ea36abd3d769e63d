import { describe, expect, test } from '@jest/globals';
import type { StorageElement } from '../../src/domain/index.js';
import { createStorageElementRegistry } from '../../src/config/index.js';
import { resolve, resolveElements, s3, type Sections } from './cfg-text.js';

/** The StorageElement X with these options in its S3 section. */
function only(options: Sections): { element: StorageElement | undefined; warnings: string[] } {
  const { config, warnings, errors } = resolveElements({ X: { S3: { ...s3, ...options } } });
  expect(errors).toEqual([]);
  return { element: config.storageElements.get('X'), warnings };
}

describe('an S3 StorageElement', () => {
  test('needs a protocol, a host and a bucket; everything else has a default', () => {
    const { element, warnings } = only({});
    expect(warnings).toEqual([]);
    expect(element).toEqual({
      name: 'X',
      baseName: undefined,
      section: 'S3',
      endpoint: { secure: true, host: 's3.example.org', port: undefined },
      publicEndpoint: undefined,
      bucket: 'data',
      voBuckets: new Map(),
      region: 'us-east-1',
      addressingStyle: 'path',
      caFile: undefined,
      vos: [],
      status: { Read: 'Active', Write: 'Active', Remove: 'Active', Check: 'Active' },
      unsignedHeaders: 'honoured',
      expiration: { transfer: { defaultSeconds: 3600, maxSeconds: 3600 }, external: { defaultSeconds: 86_400, maxSeconds: 86_400 } },
      access: 'via-gateway',
    });
  });

  test('takes every option', () => {
    const { config, warnings } = resolveElements({
      X: {
        BackendType: 'S3',
        VO: 'lhcb, gridpp',
        ReadAccess: 'Degraded',
        WriteAccess: 'Banned',
        'AccessProtocol.1': {
          ...s3,
          PluginName: 'S3',
          Host: 'S3.Example.org',
          Port: 9000,
          Region: 'eu-central-1',
          AddressingStyle: 'virtual-host',
          CAFile: '/etc/ca.pem',
          PublicEndpoint: 'https://public.example.org',
          UnsignedHeaders: 'refused',
          TransferExpiration: 600,
          MaxTransferExpiration: 7200,
          ExternalExpiration: 1200,
          MaxExternalExpiration: 604_800,
          VOPath: { gridpp: 'gridpp-data' },
        },
      },
    });
    expect(warnings).toEqual([]);
    expect(config.storageElements.get('X')).toEqual({
      name: 'X',
      baseName: undefined,
      section: 'AccessProtocol.1',
      endpoint: { secure: true, host: 's3.example.org', port: 9000 },
      publicEndpoint: { secure: true, host: 'public.example.org', port: undefined },
      bucket: 'data',
      voBuckets: new Map([['gridpp', 'gridpp-data']]),
      region: 'eu-central-1',
      addressingStyle: 'virtual-host',
      caFile: '/etc/ca.pem',
      vos: ['lhcb', 'gridpp'],
      status: { Read: 'Degraded', Write: 'Banned', Remove: 'Active', Check: 'Active' },
      unsignedHeaders: 'refused',
      expiration: { transfer: { defaultSeconds: 600, maxSeconds: 7200 }, external: { defaultSeconds: 1200, maxSeconds: 604_800 } },
      access: 'via-gateway',
    });
  });

  test.each([
    [{}, true, undefined],
    [{ Port: 0 }, true, undefined],
    [{ Port: '' }, true, undefined],
    [{ Port: 443 }, true, undefined],
    [{ Port: 80 }, true, 80],
    [{ Port: 80, SecureConnection: 'False' }, false, undefined],
    [{ Port: 443, SecureConnection: 'False' }, false, 443],
    [{ Port: 65_535 }, true, 65_535],
  ])('%j: absent, 0 and the default port are the same', (options, secure, port) => {
    expect(only(options).element?.endpoint).toEqual({ secure, host: 's3.example.org', port });
  });

  test.each(['true', 'yes', 'YES', 'y', '1', 'TRUE'])(
    'SecureConnection = %s is https, with a warning that DIRAC takes it for http',
    (word) => {
      const { element, warnings } = only({ SecureConnection: word });
      expect(element?.endpoint.secure).toBe(true);
      expect(warnings).toEqual([
        expect.stringMatching(/^\/Resources\/StorageElements\/X\/S3\/SecureConnection means https here, but DIRAC/),
      ]);
    },
  );

  test.each([
    ['True', true],
    ['False', false],
    ['false', false],
    ['no', false],
    ['N', false],
    ['0', false],
  ])('SecureConnection = %s is read as DIRAC does', (word, secure) => {
    const { element, warnings } = only({ SecureConnection: word });
    expect(element?.endpoint.secure).toBe(secure);
    expect(warnings).toEqual([]);
  });

  test.each([
    ['SecureConnection', 'on', /must be one of y, yes, true, 1/],
    ['SecureConnection', '', /must be one of y, yes, true, 1/],
    ['Protocol', '', /must be set/],
    ['Protocol', 'https', /must be s3/],
    ['Host', '', /must be set/],
    ['Host', 'https://s3.example.org', /without the scheme/],
    ['Host', 'KEY:hunter2@s3.example.org', /^(?!.*(?:KEY|hunter2)).*must be a host name/],
    ['PublicEndpoint', 'https://svc:hunter2@s3.example.org', /^(?!.*(?:svc|hunter2)).*must be https:/],
    ['Port', '70000', /must be a port/],
    ['Port', 'https', /must be a port/],
    ['Port', '-1', /must be a port/],
    ['Path', '', /must be set/],
    ['Path', '/data', /starts with "\/"/],
    ['Path', 'data/', /ends with "\/"/],
    ['Path', 'data/prefix', /a prefix inside the bucket is not supported/],
    ['Path', 'ab', /3 to 255/],
    ['Path', 'my bucket', /3 to 255/],
    ['Path', 'a..b', /dots stand alone/],
    ['Path', '...', /dots stand alone/],
    ['Region', 'eu central', /must be letters/],
    ['AddressingStyle', 'virtual', /must be path or virtual-host/],
    ['UnsignedHeaders', 'yes', /must be honoured or refused/],
    ['PublicEndpoint', 'public.example.org', /must be https:\/\/host/],
    ['TransferExpiration', '0', /from 1 to 604800/],
    ['MaxTransferExpiration', '604801', /from 1 to 604800/],
    ['MaxExternalExpiration', '1000000000', /from 1 to 604800/],
    ['TransferExpiration', '3601', /more than MaxTransferExpiration \(3600\) permits/],
    ['ExternalExpiration', '86401', /more than MaxExternalExpiration \(86400\) permits/],
  ])('%s = %j leaves it out, with a warning that names the option', (name, value, reason) => {
    const { element, warnings } = only({ [name]: value });
    expect(element).toBeUndefined();
    const [warning = '', ...more] = warnings.filter((text) => text.endsWith('StorageElement "X" is not used'));
    expect(more).toEqual([]);
    expect(warning).toMatch(reason);
    expect(warning.startsWith(`/Resources/StorageElements/X/S3/${name} `)).toBe(true);
  });

  test('a lower maximum lowers the default lifetime', () => {
    expect(only({ MaxTransferExpiration: 60, MaxExternalExpiration: 120 }).element?.expiration).toEqual({
      transfer: { defaultSeconds: 60, maxSeconds: 60 },
      external: { defaultSeconds: 120, maxSeconds: 120 },
    });
  });

  test('a faulty bucket of one VO leaves it out: that VO must not fall back to the common bucket', () => {
    const { element, warnings } = only({ VOPath: { lhcb: '/data' } });
    expect(element).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/^\/Resources\/StorageElements\/X\/S3\/VOPath\/lhcb .*starts with "\/"/)]);
  });

  test.each([
    [{ Path: 'My_Data' }, /bucket "My_Data" is no DNS name/],
    [{ VOPath: { lhcb: 'My_Data' } }, /bucket "My_Data" is no DNS name/],
    [{ Host: '127.0.0.1' }, /"127\.0\.0\.1" is an address/],
    [{ PublicEndpoint: 'https://[::1]' }, /"\[::1\]" is an address/],
  ])('virtual-host style is refused where a bucket cannot stand in front of the host (%j)', (options, reason) => {
    const { element, warnings } = only({ ...options, AddressingStyle: 'virtual-host' });
    expect(element).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(reason)]);
  });

  test('a public endpoint that is the internal one is none', () => {
    expect(only({ PublicEndpoint: 'https://S3.example.org:443' }).element?.publicEndpoint).toBeUndefined();
  });

  test.each(['', 'everywhere'])('Access = %j gets a remark', (access) => {
    const { element, warnings } = only({ Access: access });
    expect(element).toBeDefined();
    expect(warnings).toEqual([expect.stringMatching(/S3\/Access is neither remote nor local/)]);
  });

  test.each(['remote', 'Local', 'REMOTE'])('Access = %s is fine', (access) => expect(only({ Access: access }).warnings).toEqual([]));

  test('a state that DIRAC does not know forbids, and gets a warning', () => {
    const { config, warnings } = resolveElements({ X: { ReadAccess: 'True', WriteAccess: 'active', S3: s3 } });
    expect(config.storageElements.get('X')?.status).toMatchObject({ Read: 'True', Write: 'active' });
    expect(warnings).toEqual([expect.stringMatching(/X\/ReadAccess is "True"/), expect.stringMatching(/X\/WriteAccess is "active"/)]);
  });

  test('a misspelled option gets a hint, a foreign one none', () => {
    expect(only({ aws_access_key_id: '', Regoin: 'x', SpaceToken: 't', SomethingElse: '1' }).warnings).toEqual([
      '/Resources/StorageElements/X/S3/aws_access_key_id is not read; did you mean Aws_access_key_id?',
      '/Resources/StorageElements/X/S3/Regoin is not read; did you mean Region?',
    ]);
  });

  test('a trailing comment or quotes are named as what they are', () => {
    expect(only({ Path: 'data # bucket' }).warnings[0]).toMatch(/a CFG has no trailing comments/);
    expect(only({ Host: '"h"' }).warnings[0]).toMatch(/a CFG has no quoting/);
  });
});

describe('which StorageElements are ours', () => {
  test('the plugin tells, by its name or by that of the section', () => {
    const { config, warnings } = resolveElements({
      A: { S3: s3 },
      B: { 'AccessProtocol.1': { ...s3, PluginName: 'S3' } },
      C: { S3: { ...s3, PluginName: 'GFAL2_HTTPS', Protocol: 'https' } },
      D: { BackendType: 'Eos', 'AccessProtocol.1': { PluginName: 'GFAL2_XROOT', Protocol: 'root' } },
      E: {},
    });
    expect([...config.storageElements.keys()]).toEqual(['A', 'B']);
    expect(warnings).toEqual([]);
  });

  test('s3 with another plugin is a mistake worth a warning', () => {
    const { config, warnings } = resolveElements({ X: { 'AccessProtocol.1': s3 } });
    expect(config.storageElements.size).toBe(0);
    expect(warnings).toEqual([
      expect.stringMatching(/AccessProtocol\.1\/PluginName must be S3: .* its plugin would be "AccessProtocol\.1"/),
    ]);
  });

  test('one broken StorageElement does not stop the others', () => {
    const { config, warnings, errors } = resolveElements({ Bad: { S3: { ...s3, Port: 'x' } }, Good: { S3: s3 } });
    expect([...config.storageElements.keys()]).toEqual(['Good']);
    expect(warnings).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  test('of several S3 sections the first working one counts', () => {
    const two = (first: Sections) =>
      resolveElements({ X: { One: { ...s3, PluginName: 'S3', ...first }, Two: { ...s3, PluginName: 'S3', Path: 'other' } } });
    expect(two({}).config.storageElements.get('X')?.section).toBe('One');
    expect(two({}).warnings).toEqual([expect.stringMatching(/X\/Two is not used: section "One" serves/)]);
    expect(two({ Host: '' }).config.storageElements.get('X')?.section).toBe('Two');
  });

  test('a remark says where the option was read', () => {
    const { remarks } = resolveElements({ X: { S3: { ...s3, Port: 'x' } } });
    expect(remarks[0]?.source).toMatch(/^dirac\.cfg:\d+:\d+$/);
  });
});

describe('Alias', () => {
  test('stands for another StorageElement, whose configuration and name it takes', () => {
    const { config, warnings } = resolveElements({
      Real: { S3: s3 },
      Also: { Alias: 'Real', ReadAccess: 'Banned', S3: { Path: 'ignored' } },
    });
    expect(warnings).toEqual([]);
    expect(config.storageElements.get('Also')).toEqual(config.storageElements.get('Real'));
    expect(config.storageElements.get('Also')?.name).toBe('Real');
  });

  test('is followed through a chain', () => {
    const { config } = resolveElements({ A: { Alias: 'B' }, B: { Alias: 'C' }, C: { S3: s3 } });
    expect([...config.storageElements].map(([name, element]) => [name, element.name])).toEqual([
      ['A', 'C'],
      ['B', 'C'],
      ['C', 'C'],
    ]);
  });

  test('in a circle is a warning, not an endless loop', () => {
    const { config, warnings } = resolveElements({ A: { Alias: 'B' }, B: { Alias: 'A' }, C: { Alias: 'C' }, D: { S3: s3 } });
    expect([...config.storageElements.keys()]).toEqual(['D']);
    expect(warnings[0]).toMatch(/\/A\/Alias leads in a circle: A -> B -> A/);
    expect(warnings).toHaveLength(3);
  });

  test('of something that is not there is a warning', () => {
    expect(resolveElements({ A: { Alias: 'Nope' } }).warnings).toEqual([expect.stringMatching(/\/A\/Alias names "Nope"/)]);
  });

  test('of a mere base is a warning: DIRAC cannot use it either', () => {
    const { config, warnings } = resolveElements({ A: { Alias: 'Base' } }, { Base: { S3: s3 } });
    expect(config.storageElements.size).toBe(0);
    expect(warnings).toEqual([expect.stringMatching(/"Base" is no StorageElement/)]);
  });

  test('the registry finds it and lists its target once', () => {
    const registry = createStorageElementRegistry(resolveElements({ A: { Alias: 'B' }, B: { S3: s3 } }).config);
    expect(registry.find('A')?.name).toBe('B');
    expect(registry.all().map(({ name }) => name)).toEqual(['B']);
    expect(registry.find('C')).toBeUndefined();
  });
});

describe('BaseSE', () => {
  const bases: Sections = {
    Base: {
      VO: 'lhcb',
      ReadAccess: 'Banned',
      WriteAccess: 'Banned',
      S3: { ...s3, Port: 9000, SecureConnection: 'False', Region: 'eu', VOPath: { lhcb: 'lhcb-base', gridpp: 'gridpp-base' } },
    },
  };
  const derive = (own: Sections, more: Sections = {}) => resolveElements({ X: { BaseSE: 'Base', ...own } }, { ...bases, ...more });

  test('pure inheritance: everything but the states', () => {
    const { config, warnings } = derive({});
    expect(warnings).toEqual([]);
    expect(config.storageElements.get('X')).toMatchObject({
      name: 'X',
      baseName: 'Base',
      bucket: 'data',
      region: 'eu',
      vos: ['lhcb'],
      endpoint: { secure: false, host: 's3.example.org', port: 9000 },
      status: { Read: 'Active', Write: 'Active' },
    });
  });

  test('the base is no StorageElement by itself', () => {
    expect([...derive({}).config.storageElements.keys()]).toEqual(['X']);
  });

  test('options of the StorageElement override, an empty one too', () => {
    expect(derive({ VO: 'gridpp' }).config.storageElements.get('X')?.vos).toEqual(['gridpp']);
    expect(derive({ VO: '' }).config.storageElements.get('X')?.vos).toEqual([]);
    expect(derive({ RemoveAccess: 'Banned' }).config.storageElements.get('X')?.status.Remove).toBe('Banned');
  });

  test('the section of the same name is merged, and an empty value overrides nothing there', () => {
    const element = derive({ S3: { Path: 'mine', Region: '', SecureConnection: '', Host: '' } }).config.storageElements.get('X');
    expect(element).toMatchObject({ bucket: 'mine', region: 'eu', endpoint: { secure: false, host: 's3.example.org', port: 9000 } });
  });

  test('a Path of its own outranks the paths per VO of the base; its own VOPath outranks all', () => {
    const buckets = (own: Sections) => [...(derive({ S3: own }).config.storageElements.get('X')?.voBuckets ?? [])];
    expect(buckets({})).toEqual([
      ['lhcb', 'lhcb-base'],
      ['gridpp', 'gridpp-base'],
    ]);
    expect(buckets({ VOPath: { lhcb: 'lhcb-own' } })).toEqual([
      ['lhcb', 'lhcb-own'],
      ['gridpp', 'gridpp-base'],
    ]);
    expect(buckets({ Path: 'mine' })).toEqual([]);
    expect(buckets({ Path: 'mine', VOPath: { lhcb: 'lhcb-own' } })).toEqual([['lhcb', 'lhcb-own']]);
    expect(buckets({ VOPath: { lhcb: '' } })).toEqual([
      ['lhcb', 'lhcb-base'],
      ['gridpp', 'gridpp-base'],
    ]);
  });

  test('a section of another name inherits nothing', () => {
    const { config } = resolveElements(
      { X: { BaseSE: 'Base', Mine: { PluginName: 'S3', Protocol: 's3' } } },
      { Base: { Other: { Protocol: 'root', Host: 'h' } } },
    );
    expect(config.storageElements.size).toBe(0);
  });

  test('sections of the base come first, by name', () => {
    const two = { Zeta: { ...s3, PluginName: 'S3' }, Alpha: { ...s3, PluginName: 'S3' } };
    expect(
      resolveElements({ X: { BaseSE: 'Two', Aaa: { ...s3, PluginName: 'S3' } } }, { Two: two }).config.storageElements.get('X')?.section,
    ).toBe('Alpha');
  });

  test('is one level deep: a BaseSE inside a base means nothing', () => {
    const { config, warnings } = resolveElements(
      { X: { BaseSE: 'One' } },
      { One: { BaseSE: 'Two', S3: { ...s3, Host: '' } }, Two: { S3: s3 } },
    );
    expect(config.storageElements.size).toBe(0);
    expect(warnings).toEqual([expect.stringMatching(/S3\/Host must be set/)]);
  });

  test('an Alias inside the base is followed', () => {
    const { config } = resolveElements({ X: { BaseSE: 'One' } }, { One: { Alias: 'Two' }, Two: { S3: s3 } });
    expect(config.storageElements.get('X')?.baseName).toBe('Two');
  });

  test('must stand in StorageElementBases', () => {
    const { config, warnings } = resolveElements({ X: { BaseSE: 'Y' }, Y: { S3: s3 } });
    expect([...config.storageElements.keys()]).toEqual(['Y']);
    expect(warnings).toEqual([expect.stringMatching(/\/X\/BaseSE "Y" must stand in \/Resources\/StorageElementBases/)]);
  });

  test('of something that is not there is a warning', () => {
    expect(resolveElements({ X: { BaseSE: 'Nope' } }).warnings).toEqual([expect.stringMatching(/\/X\/BaseSE names "Nope"/)]);
  });

  test('an alias of a derived StorageElement keeps its base', () => {
    const { config } = resolveElements({ A: { Alias: 'X' }, X: { BaseSE: 'Base' } }, bases);
    expect(config.storageElements.get('A')).toMatchObject({ name: 'X', baseName: 'Base' });
  });
});

describe('protocol lists', () => {
  const lists = (own: Sections, operations: Sections | undefined) =>
    resolve({
      DIRAC: { VirtualOrganization: 'lhcb' },
      ...(operations === undefined ? {} : { Operations: operations }),
      Resources: { StorageElements: { X: { ...own, S3: s3 }, Y: { S3: s3 } } },
    }).warnings;
  const all = { AccessProtocols: 's3', WriteProtocols: 'root, s3', RegistrationProtocols: 's3' };

  test("DIRAC's defaults lack s3 everywhere", () => {
    expect(lists({}, undefined)).toEqual([
      '/Operations/Defaults/DataManagement/AccessProtocols does not hold s3: DIRAC clients cannot read from X, Y (not set, it is srm, dips)',
      '/Operations/Defaults/DataManagement/WriteProtocols does not hold s3: DIRAC clients cannot write to or remove from X, Y (not set, it is srm, dips)',
      '/Operations/Defaults/DataManagement/RegistrationProtocols does not hold s3: DIRAC clients fail to register after an upload to X, Y (not set, it is srm, dips)',
    ]);
  });

  test('nothing is said when every list holds it', () => {
    expect(lists({}, { Defaults: { DataManagement: all } })).toEqual([]);
  });

  test('a list of the StorageElement counts instead of that of Operations', () => {
    expect(lists({ AccessProtocols: 's3' }, { Defaults: { DataManagement: { ...all, AccessProtocols: 'root' } } })).toEqual([
      '/Operations/Defaults/DataManagement/AccessProtocols does not hold s3: DIRAC clients cannot read from Y',
    ]);
    expect(lists({ WriteProtocols: 'root' }, { Defaults: { DataManagement: all } })).toEqual([
      '/Resources/StorageElements/X/WriteProtocols does not hold s3: DIRAC clients cannot write to or remove from X',
    ]);
  });

  test('the list of the VO overrides the default one, and is named', () => {
    expect(lists({}, { Defaults: { DataManagement: all }, lhcb: { DataManagement: { RegistrationProtocols: 'root' } } })).toEqual([
      expect.stringMatching(/^\/Operations\/lhcb\/DataManagement\/RegistrationProtocols does not hold s3/),
    ]);
  });

  test('s3 in the third-party list is ignored, with a warning', () => {
    expect(lists({}, { Defaults: { DataManagement: { ...all, ThirdPartyProtocols: 'https, s3' } } })).toEqual([
      expect.stringMatching(/^\/Operations\/Defaults\/DataManagement\/ThirdPartyProtocols s3 is ignored here/),
    ]);
  });

  test('an installation without S3 hears nothing of it', () => {
    expect(resolve({ Resources: { StorageElements: { D: { X: { Protocol: 'root' } } } } }).warnings).toEqual([]);
  });
});
