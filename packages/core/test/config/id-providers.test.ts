import { describe, expect, test } from '@jest/globals';
import { parseCfg, resolveConfiguration } from '../../src/config/index.js';

const read = (text: string) => resolveConfiguration(parseCfg(`Resources\n{\nIdProviders\n{\n${text}\n}\n}\n`, { file: 'x.cfg' }).tree);

describe('issuers to log in at', () => {
  test('are those of /Resources/IdProviders, with what they say', () => {
    const { config } = read('A\n{\nissuer = https://a\nclient_id = us\nscope = openid x\n}\nB\n{\nissuer = https://b\n}');
    expect([...config.idProviders]).toEqual([
      ['A', { issuer: 'https://a', clientId: 'us', scope: 'openid x' }],
      ['B', { issuer: 'https://b', clientId: undefined, scope: undefined }],
    ]);
  });

  test('one without an issuer is left out with a warning', () => {
    const { config, warnings } = read('A\n{\nclient_id = us\n}');
    expect(config.idProviders.size).toBe(0);
    expect(warnings).toContainEqual(expect.objectContaining({ path: '/Resources/IdProviders/A/issuer' }));
  });
});
