import {
  catalogCacheOptions,
  catalogRuleOptions,
  fileCatalogDbOptions,
  fileCatalogOptions,
  fileCatalogServiceOptions,
} from './schema/catalog.js';
import { callerPolicyOptions, clientCertificateOptions, issuerOptions, oidcOptions, wlcgOptions } from './schema/authentication.js';
import {
  configurationServiceOptions,
  resourceStatusOptions,
  resourceStatusUrlOptions,
  securityOptions,
} from './schema/configuration-service.js';
import { fileSectionOptions } from './schema/file-section.js';
import { gatewayEntries, policyOptions } from './schema/gateway.js';
import { idProviderOptions } from './schema/id-provider.js';
import type { OptionSpec, OptionTable } from './schema/option.js';
import { localSiteOptions } from './schema/local-site.js';
import { probeOptions } from './schema/probe.js';
import {
  diracOptions,
  groupOptions,
  hostOptions,
  layerOptions,
  protocolOptions,
  registryOptions,
  urlOptions,
  userOptions,
} from './schema/registry.js';
import { uploadSessionOptions } from './schema/upload-sessions.js';
import { s3SectionOptions, storageElementOptions } from './schema/storage-element.js';

/** Every section we read, in the order of the page. */
const sections: readonly { readonly path: string; readonly about: string; readonly table: OptionTable }[] = [
  {
    path: '/Resources/StorageElements/<SE>',
    about: 'One section per StorageElement. Those without an S3 section are left alone.',
    table: storageElementOptions,
  },
  {
    path: '/Resources/StorageElements/<SE>/<section>',
    about:
      'The protocol section of the S3 plugin, and the same below `/Resources/StorageElementBases`. A sub-section `VOPath` with `<vo> = <bucket>` gives a VO its own bucket. A StorageElement with a faulty option is left out with a warning.',
    table: s3SectionOptions,
  },
  {
    path: '/Resources/StorageElements/<SE>/<section>',
    about:
      'The protocol section of a mounted directory. Where the StorageElement has an S3 section too, the lists of protocols choose for each operation.',
    table: fileSectionOptions,
  },
  {
    path: '/LocalSite',
    about: 'Where this process runs. The StorageElements of a site are listed by `SE` of `/Resources/Sites/<grid>/<site>`.',
    table: localSiteOptions,
  },
  {
    path: '/Operations/<section>/DataManagement',
    about:
      'Lists that protocols are chosen by, in their order: a warning tells where `s3` is missing. The command line keeps to those that are set, and unmodified DIRAC clients to their defaults too. Registration is held to its list always: without the protocol of the StorageElement nothing is uploaded or replicated.',
    table: protocolOptions,
  },
  {
    path: '/Systems/DataManagement/Services/S3Gateway',
    about: 'The gateway process.',
    table: { ...gatewayEntries, ...clientCertificateOptions },
  },
  {
    path: '/Systems/DataManagement/Services/S3Gateway/Authorization',
    about:
      "Who may call which method, as for every DIRAC service; without this section that of `TornadoS3Gateway` counts. An option is a method (`createPresignedUrl`, `whoami` …) or `Default`, its value a list: properties of which the caller's group needs one, or `authenticated`, or `any`; `group:<group>` and `vo:<vo>` beside them admit those groups only. Without a rule: `authenticated`.",
    table: {},
  },
  {
    path: '/Systems/DataManagement/Services/S3Gateway/Issuers/<name>',
    about:
      'One section per issuer of tokens. Kind `wlcg` has two more sections: `Groups` with `<DIRAC group> = </group of the issuer>`, and, unless the Registry lists `/O=DIRAC/CN=<sub>` as a DN of each user, `Users` with `<user> = <sub>`.',
    table: { ...issuerOptions, ...oidcOptions, ...wlcgOptions },
  },
  {
    path: '/Systems/DataManagement/Services/S3Gateway/Policies',
    about: 'Deviations from DIRAC, safe by default (`as-dirac` switches one back), and what a site may want stricter.',
    table: { ...policyOptions, ...callerPolicyOptions },
  },
  {
    path: '/Systems/DataManagement/Services/S3Gateway/Probe',
    about:
      'A listener beside the gateway for `head_object` of DIRAC clients: one link that answers GET (is it there?) and HEAD (what is it?). Nothing else is served there.',
    table: probeOptions,
  },
  {
    path: '/Systems/DataManagement/Services/S3Gateway/UploadSessions',
    about: 'Uploads in parts: permitted when they begin and when they are renewed, and bound to their user by a token.',
    table: uploadSessionOptions,
  },
  { path: '/Systems/DataManagement/URLs', about: 'Where clients find the services.', table: urlOptions },
  { path: '/Systems/ResourceStatus/URLs', about: 'Where the states of StorageElements are known.', table: resourceStatusUrlOptions },
  { path: '/Operations/<section>/ResourceStatus/Config', about: 'How the ResourceStatus service is used.', table: resourceStatusOptions },
  { path: '/Resources/IdProviders/<name>', about: 'Issuers of tokens, for `dirac-s3 login`.', table: idProviderOptions },
  { path: '/Resources/FileCatalogs/<name>', about: 'Which catalog this process talks to.', table: fileCatalogOptions },
  {
    path: '/Resources/FileCatalogs/<name>',
    about: "With `CatalogType = FileCatalogDB`: DIRAC's database, read only.",
    table: fileCatalogDbOptions,
  },
  {
    path: '/Resources/FileCatalogs/<name>',
    about: "With `CatalogType = FileCatalog` or `FileCatalogDB`: DIRAC's service, and what is remembered of its answers.",
    table: { ...fileCatalogServiceOptions, ...catalogCacheOptions },
  },
  {
    path: '/Systems/DataManagement/Services/FileCatalog',
    about: 'How the embedded catalog and the reader of `FileCatalogDB` judge, where DIRAC has it.',
    table: catalogRuleOptions,
  },
  { path: '/Registry', about: 'The next three sections stand in it.', table: registryOptions },
  { path: '/Registry/Users/<user>', about: 'Who is who.', table: userOptions },
  { path: '/Registry/Groups/<group>', about: 'Who may act as what.', table: groupOptions },
  { path: '/Registry/Hosts/<host>', about: 'Services with a certificate of their own.', table: hostOptions },
  { path: '/DIRAC', about: 'The installation.', table: diracOptions },
  {
    path: '/DIRAC/Configuration',
    about:
      'Where the rest of the configuration is. The tree of a Configuration server carries its own `Version`, by which a newer one is known.',
    table: { ...layerOptions, ...configurationServiceOptions },
  },
  { path: '/DIRAC/Security', about: 'What clients of DIRAC services show and trust.', table: securityOptions },
];

const introduction = `# Configuration

<!-- Generated from packages/core/src/config/schema by \`npm run docs:generate\`. -->

The configuration is DIRAC's own: CFG files in layers, merged option by option (a list is replaced as a whole). The first layer that has an option wins:

1. \`-o /path/of/the/option=value\`
2. \`--cfg FILE\`, the last one first
3. \`~/.dirac.cfg\`
4. the files of \`DIRACSYSCONFIG\`, the first one first
5. \`etc/dirac.cfg\` below \`DIRAC_ROOT_PATH\`
6. the file of \`/DIRAC/Configuration/CentralFile\`
7. what the servers of \`/DIRAC/Configuration/Servers\` hand out

A CFG file has no quoting, no escapes and no trailing comments: an option is everything after its \`=\` to the end of the line, outer spaces removed. An empty
value counts as not set, except for a yes/no option. yes/no options take \`y\`, \`yes\`, \`true\`, \`1\` and \`n\`, \`no\`, \`false\`, \`0\` in any case; anything else is an
error. A list is separated by commas. What DIRAC would silently misread is an error that names file, line and column.

With DIRAC v7 and v8, \`/Systems/DataManagement/<instance>\` is read as \`/Systems/DataManagement\`, and \`/Operations/<section>\` is \`Defaults\`, \`<Setup>\`,
\`<VO>/Defaults\`, \`<VO>/<Setup>\`, later ones overriding earlier ones; with v9 it is \`Defaults\`, \`<VO>\`.`;

/** The reference page of the configuration (Markdown), made from the tables the options are read by. */
export function renderConfigurationReference(): string {
  return [introduction, ...sections.map(renderSection)].join('\n\n') + '\n';
}

function renderSection({ path, about, table }: (typeof sections)[number]): string {
  const rows = Object.values(table).map(
    (spec) => `| ${[`\`${spec.name}\``, spec.kind.type, defaultOf(spec), spec.meaning, exampleOf(spec)].map(cell).join(' | ')} |`,
  );
  return [
    `## ${path.replaceAll('<', '\\<')}`,
    about,
    ...(rows.length === 0
      ? []
      : [['| Option | Type | Default | Meaning | Example |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')]),
  ].join('\n\n');
}

function defaultOf({ fallback, written, required }: OptionSpec<unknown>): string {
  if (required) return '**required**';
  if (written !== undefined) return written;
  if (typeof fallback === 'boolean') return fallback ? 'yes' : 'no';
  const shown: unknown = Array.isArray(fallback) ? fallback.join(', ') : fallback;
  return (typeof shown === 'string' && shown !== '') || typeof shown === 'number' ? `\`${shown}\`` : '–';
}

function exampleOf({ example }: OptionSpec<unknown>): string {
  return example === '…' ? '–' : `\`${example}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
