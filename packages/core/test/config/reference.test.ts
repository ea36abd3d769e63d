import { describe, expect, test } from '@jest/globals';
import { renderConfigurationReference } from '../../src/config/index.js';
import {
  catalogRuleOptions,
  fileCatalogDbOptions,
  fileCatalogOptions,
  fileCatalogServiceOptions,
  catalogCacheOptions,
} from '../../src/config/schema/catalog.js';
import {
  callerPolicyOptions,
  clientCertificateOptions,
  issuerOptions,
  oidcOptions,
  wlcgOptions,
} from '../../src/config/schema/authentication.js';
import {
  configurationServiceOptions,
  resourceStatusOptions,
  resourceStatusUrlOptions,
  securityOptions,
} from '../../src/config/schema/configuration-service.js';
import { fileSectionOptions } from '../../src/config/schema/file-section.js';
import { gatewayEntries, policyOptions } from '../../src/config/schema/gateway.js';
import { idProviderOptions } from '../../src/config/schema/id-provider.js';
import { localSiteOptions } from '../../src/config/schema/local-site.js';
import type { OptionSpec, OptionTable } from '../../src/config/schema/option.js';
import { probeOptions } from '../../src/config/schema/probe.js';
import {
  diracOptions,
  groupOptions,
  hostOptions,
  layerOptions,
  protocolOptions,
  registryOptions,
  urlOptions,
  userOptions,
} from '../../src/config/schema/registry.js';
import { uploadSessionOptions } from '../../src/config/schema/upload-sessions.js';
import { s3SectionOptions, storageElementOptions } from '../../src/config/schema/storage-element.js';

const tables: readonly OptionTable[] = [
  storageElementOptions,
  s3SectionOptions,
  fileSectionOptions,
  localSiteOptions,
  idProviderOptions,
  protocolOptions,
  gatewayEntries,
  clientCertificateOptions,
  issuerOptions,
  oidcOptions,
  wlcgOptions,
  policyOptions,
  callerPolicyOptions,
  probeOptions,
  uploadSessionOptions,
  urlOptions,
  fileCatalogOptions,
  fileCatalogDbOptions,
  fileCatalogServiceOptions,
  catalogCacheOptions,
  catalogRuleOptions,
  registryOptions,
  userOptions,
  groupOptions,
  hostOptions,
  diracOptions,
  layerOptions,
  configurationServiceOptions,
  securityOptions,
  resourceStatusUrlOptions,
  resourceStatusOptions,
];
const specs: readonly OptionSpec<unknown>[] = tables.flatMap((table) => Object.values(table));
const page = renderConfigurationReference();

describe('the reference page', () => {
  test.each(specs.map((spec) => [spec.name, spec] as const))('has a row for %s, with its meaning', (name, { meaning }) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`) && line.includes(meaning.replaceAll('|', '\\|')));
    expect(row?.split(/(?<!\\)\|/)).toHaveLength(7);
  });

  test('has no other rows', () => {
    expect(page.split('\n').filter((line) => line.startsWith('| `'))).toHaveLength(specs.length);
  });

  test('shows defaults as they are', () => {
    expect(page).toMatch(/\| `Port` \|[^|]*\| `9169` \|/);
    expect(page).toMatch(/\| `SecureConnection` \|[^|]*\| yes \|/);
    expect(page).toMatch(/\| `Host` \|[^|]*\| \*\*required\*\* \|/);
    expect(page).toMatch(/\| `VisibleFileStatus` \|[^|]*\| `AprioriGood` \|/);
    expect(page).toMatch(/\| `CertFile` \|[^|]*\| plain http \|/);
  });

  test('never shows what looks like a secret', () => {
    for (const line of page.split('\n').filter((row) => /^\| `Aws_.*(?:secret|token)/.test(row))) expect(line).toMatch(/\| – \|$/);
  });

  test('is made from tables whose examples and defaults the readers accept', () => {
    for (const { name, kind, example, fallback } of specs) {
      if (example !== '…') expect([name, kind.read(example)]).toEqual([name, { value: expect.anything() }]);
      const written = typeof fallback === 'boolean' ? (fallback ? 'yes' : 'no') : Array.isArray(fallback) ? fallback.join(', ') : fallback;
      if (typeof written === 'string' || typeof written === 'number')
        expect([name, kind.read(String(written))]).toEqual([name, { value: fallback }]);
    }
  });

  test('is made from meanings that are sentences', () => {
    for (const { meaning } of specs) expect(meaning).toMatch(/^["'A-Z`].*[.?]$/);
  });
});
