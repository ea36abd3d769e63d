import { describe, expect, test } from '@jest/globals';
import { parseCfg, resolveResourceStatus } from '../../../src/config/index.js';
import { cfg, type Sections } from '../cfg-text.js';

const resolve = (sections: Sections) => resolveResourceStatus(parseCfg(cfg(sections), { file: 'x.cfg' }).tree, { vo: 'lhcb' }).settings;
const urls = { URLs: { ResourceStatus: 'https://rss' } };
const setups = { Setup: 'S', Setups: { S: { ResourceStatus: 'Prod' } } };
const state = (text: string): Sections => ({ ResourceStatus: { Config: { State: text } } });

describe('where states come from', () => {
  test('in v9 from the service, wherever it has a URL', () => {
    expect(resolve({ Systems: { ResourceStatus: urls } })).toEqual({ urls: ['https://rss'], cacheSeconds: 300 });
    // What is left of setups does not matter.
    expect(resolve({ DIRAC: setups, Systems: { ResourceStatus: urls } }).urls).toEqual(['https://rss']);
    expect(resolve({}).urls).toEqual([]);
  });

  test('in v7 and v8 from the service only where Operations say that it is active', () => {
    const old: Sections = { DIRAC: setups, Systems: { ResourceStatus: { Prod: urls } } };
    expect(resolve(old).urls).toEqual([]);
    expect(resolve({ ...old, Operations: { Defaults: state('InActive') } }).urls).toEqual([]);
    expect(resolve({ ...old, Operations: { Defaults: state('Active') } }).urls).toEqual(['https://rss']);
    expect(resolve({ ...old, Operations: { Defaults: state('InActive'), lhcb: { S: state('Active') } } }).urls).toEqual(['https://rss']);
  });

  test('how long they count is in Operations too', () => {
    const cache = (text: string) => resolve({ Operations: { Defaults: { ResourceStatus: { Config: { Cache: text } } } } }).cacheSeconds;
    expect([cache('720'), cache('0'), cache('soon')]).toEqual([720, 300, 300]);
  });
});
