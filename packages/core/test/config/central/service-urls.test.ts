import { describe, expect, test } from '@jest/globals';
import { parseCfg, resolveServiceUrls } from '../../../src/config/index.js';

const resolve = (text: string, vo?: string) => {
  const { tree, errors } = parseCfg(text, { file: 'x.cfg' });
  expect(errors).toEqual([]);
  return resolveServiceUrls(tree, { system: 'ResourceStatus', service: 'ResourceStatus', vo });
};
const systems = (inner: string): string => `Systems\n{\nResourceStatus\n{\n${inner}\n}\n}\n`;

describe('URLs of a service', () => {
  test('are a list, in order and without doubles, those for fail-over last', () => {
    const text = systems(
      'URLs\n{\nResourceStatus = https://b, https://a, https://b\n}\nFailoverURLs\n{\nResourceStatus = https://c, https://a\n}',
    );
    expect(resolve(text)).toEqual({ urls: ['https://b', 'https://a', 'https://c'], warnings: [] });
  });

  test('are none when the service is not configured', () => {
    expect(resolve('').urls).toEqual([]);
    expect(resolve(systems('URLs\n{\nResourceManagement = https://a\n}')).urls).toEqual([]);
  });

  test('stand below the instance of the setup in DIRAC v7 and v8, unless they are there in the way of v9', () => {
    const setup = 'DIRAC\n{\nSetup = S\nSetups\n{\nS\n{\nResourceStatus = Prod\n}\n}\n}\n';
    const old = 'Prod\n{\nURLs\n{\nResourceStatus = dips://a:9160\n}\n}\n';
    expect(resolve(setup + systems(old)).urls).toEqual(['dips://a:9160']);
    expect(resolve(setup + systems(`${old}\nURLs\n{\nResourceStatus = https://new\n}`)).urls).toEqual(['https://new']);
    expect(resolve(systems(old)).urls).toEqual([]);
  });

  test('$MAINSERVERS$ stands for each of the main servers', () => {
    const urls = systems('URLs\n{\nResourceStatus = https://$MAINSERVERS$:8443/x, https://z\n}');
    const operations = 'Operations\n{\nDefaults\n{\nMainServers = a, b\n}\nlhcb\n{\nMainServers = c\n}\n}\n';
    expect(resolve(urls + operations).urls).toEqual(['https://a:8443/x', 'https://b:8443/x', 'https://z']);
    expect(resolve(urls + operations, 'lhcb').urls).toEqual(['https://c:8443/x', 'https://z']);
    expect(resolve(systems('URLs\n{\nResourceStatus = https://$MAINSERVERS$:8443/x\n}'))).toMatchObject({
      urls: [],
      warnings: [{ path: '/Systems/ResourceStatus/URLs/ResourceStatus', message: expect.stringContaining('no MainServers') }],
    });
  });
});
