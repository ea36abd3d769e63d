import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { resolve, type Sections } from './cfg-text.js';

const path = '/Systems/DataManagement/Services/S3Gateway/Probe';
const probe = (options: Sections | undefined) => {
  const { config, warnings, errors } = resolve({
    Systems: { DataManagement: { Services: { S3Gateway: options === undefined ? {} : { Probe: options } } } },
  });
  return { probe: config.gateway.probe, faults: errors, warnings };
};
const key = 'kY3n8Qw1ZrT5uVb7Xc9MdF2gHj4LpSa6';
const needed = { PublicUrl: 'https://s3gw.example.org', SecretKeys: key };

describe('the probe listener', () => {
  test('is not configured by default, and may be declined', () => {
    expect(probe(undefined)).toEqual({ probe: undefined, faults: [], warnings: [] });
    expect(probe({ HeadObject: 'as-dirac' })).toEqual({ probe: 'as-dirac', faults: [], warnings: [] });
    expect(probe({ ...needed, HeadObject: 'as-dirac' }).probe).toBe('as-dirac');
  });

  test('has a default for every setting but two', () => {
    const { probe: settings, faults, warnings } = probe(needed);
    expect([faults, warnings]).toEqual([[], []]);
    expect(settings).toMatchObject({ publicUrl: 'https://s3gw.example.org', host: '127.0.0.1', port: 9170, lifetimeSeconds: 600 });
    expect(typeof settings === 'object' && settings.tls).toBeUndefined();
    expect(probe({ Host: '0.0.0.0' }).faults).toEqual([
      expect.stringMatching(`^${path}/PublicUrl must be set: `),
      expect.stringMatching(`^${path}/SecretKeys must be set: `),
    ]);
  });

  test('takes every setting', () => {
    const { probe: settings, faults } = probe({
      PublicUrl: 'http://s3gw.example.org:8080/links//',
      Host: '::',
      Port: 0,
      SecretKeys: `${key}, ${key.toLowerCase()}`,
      CertFile: '/etc/cert.pem',
      KeyFile: '/etc/key.pem',
      Lifetime: 60,
    });
    expect(faults).toEqual([]);
    if (typeof settings !== 'object') throw new Error('no settings');
    expect(settings).toMatchObject({
      publicUrl: 'http://s3gw.example.org:8080/links',
      host: '::',
      port: 0,
      tls: { certFile: '/etc/cert.pem', keyFile: '/etc/key.pem' },
      lifetimeSeconds: 60,
    });
    expect(settings.keys.map((secret) => secret.reveal())).toEqual([key, key.toLowerCase()]);
    expect(inspect(settings, { depth: 9 }) + JSON.stringify(settings)).not.toContain(key);
  });

  test.each<[Sections, string]>([
    [
      { ...needed, PublicUrl: 's3gw.example.org' },
      'PublicUrl must be an http or https URL without user, query or fragment (it is "s3gw.example.org")',
    ],
    [{ ...needed, PublicUrl: 'ftp://x' }, 'PublicUrl must be an http or https URL'],
    [{ ...needed, PublicUrl: 'https://u:p@x' }, 'PublicUrl must be an http or https URL'],
    [{ ...needed, PublicUrl: 'https://x/?a' }, 'PublicUrl must be an http or https URL'],
    [{ ...needed, PublicUrl: 'https://x/#a' }, 'PublicUrl must be an http or https URL'],
    [{ ...needed, Lifetime: 0 }, 'Lifetime must be a whole number from 1 to 3600'],
    [{ ...needed, Lifetime: 3601 }, 'Lifetime must be a whole number from 1 to 3600'],
    [{ ...needed, Port: 65_536 }, 'Port must be a whole number from 0 to 65535'],
    [{ ...needed, HeadObject: 'yes' }, 'HeadObject must be probe or as-dirac'],
    [{ ...needed, CertFile: '/c' }, 'KeyFile must be set, because CertFile is'],
    [{ ...needed, KeyFile: '/k' }, 'CertFile must be set, because KeyFile is'],
  ])('refuses %j', (options, fault) => expect(probe(options).faults).toEqual([expect.stringContaining(`${path}/${fault}`)]));

  test.each(['short', key.slice(1), 'a'.repeat(64), `${key}, short`, `${key}ü`, `"${key}"`])(
    'refuses the keys %j without quoting them',
    (keys) => {
      const { faults } = probe({ ...needed, SecretKeys: keys });
      expect(faults).toEqual([
        expect.stringContaining(`${path}/SecretKeys must be one or more random keys of at least 32 characters of base64`),
      ]);
      expect(faults.join('')).not.toContain(keys.slice(0, 5));
    },
  );

  test('does not read other options, and says so', () => {
    expect(probe({ ...needed, PublicURL: 'x' }).warnings).toEqual([`${path}/PublicURL is not read; did you mean PublicUrl?`]);
  });
});
