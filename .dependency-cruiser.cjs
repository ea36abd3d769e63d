// The import rules of the house as a program: each rule has its reason. `npm run check:imports`.
// scripts/check-imports.mjs shows of each that it finds what it forbids.
const core = '^packages/core/src/';

/** The end-to-end tests make tokens as the sample world does. No package exports its maker; production code is kept off by testing-is-for-tests. */
const developmentIssuer = '^packages/gateway/dist/testing/development-issuer\\.js$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle means two rooms are one room; neither can be understood or tested alone.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { circular: true },
    },
    {
      name: 'errors-import-nothing',
      comment: 'The error table is the bottom of the house: everything may use it, so it may use nothing.',
      severity: 'error',
      from: { path: `${core}errors/` },
      to: { pathNot: `${core}errors/` },
    },
    {
      name: 'domain-imports-errors-only',
      comment: 'Domain words stay pure, so that every layer and every test can use them.',
      severity: 'error',
      from: { path: `${core}domain/` },
      to: { pathNot: [`${core}(domain|errors)/`, '^(node:)?util$'] },
    },
    {
      name: 'ports-import-words-only',
      comment: 'A port speaks our words: no driver, vendor or HTTP type may leak into a contract.',
      severity: 'error',
      from: { path: `${core}ports/` },
      to: { pathNot: `${core}(ports|domain|errors)/` },
    },
    {
      name: 'x509-is-pure',
      comment: 'Certificates in, verdict out: no network, no file and no clock may have a say in who somebody is.',
      severity: 'error',
      from: { path: `${core}x509/` },
      to: { pathNot: [`${core}(x509|domain|errors)/`, '^(node:)?crypto$'] },
    },
    {
      name: 'use-cases-know-no-adapter',
      comment: 'Use cases are handed their ports; importing an adapter would tie them to one outside system.',
      severity: 'error',
      from: { path: `${core}(config|permission|presign|storage|data-management|rest-api)/` },
      to: { path: `${core}adapters/` },
    },
    {
      name: 'adapters-do-not-meet',
      comment: 'An adapter speaks to one outside system; what two of them share belongs below them.',
      severity: 'error',
      from: { path: `${core}adapters/(catalog/[^/]+|[^/]+)/` },
      to: { path: `${core}adapters/`, pathNot: `${core}adapters/$1/` },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'Code that runs in production must not depend on fakes, suites or the development store.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: '^packages/[^/]+/src/testing/' },
      to: { path: '^packages/[^/]+/(src|dist)/testing/' },
    },
    {
      name: 'development-store-is-independent',
      comment: 'The store checks what the presigner makes: sharing code, both could be wrong in the same way.',
      severity: 'error',
      from: { path: `${core}testing/development-store/` },
      to: { path: '^packages/', pathNot: `${core}testing/development-store/` },
    },
    {
      name: 'store-suite-is-independent',
      comment: 'The conformance suite signs by hand; with the presigner inside it would test the presigner with itself.',
      severity: 'error',
      from: { path: '^packages/core/test/store-conformance/' },
      to: { path: `${core}(presign|adapters/s3)/` },
    },
    {
      name: 'shells-do-not-meet',
      comment: 'gateway and cli share core and nothing else; each is deployed without the other.',
      severity: 'error',
      from: { path: '^packages/(gateway|cli)/(src|test)/' },
      to: { path: '^packages/(gateway|cli)/', pathNot: ['^packages/$1/', developmentIssuer] },
    },
    {
      name: 'through-the-front-door',
      comment: "A package is used by its exports; reaching into another one's src or dist breaks with its next release.",
      severity: 'error',
      from: { path: '^packages/([^/]+)/(src|test)/' },
      // A path, that is: what a package exports is reached by its name.
      to: { path: '^packages/[^/]+/(src|dist)/', pathNot: ['^packages/$1/src/', developmentIssuer], dependencyTypes: ['local'] },
    },
    {
      name: 'core-stands-alone',
      comment: 'core is a library for others too; it knows neither of its shells.',
      severity: 'error',
      from: { path: '^packages/core/' },
      to: { path: '^packages/(gateway|cli)/' },
    },
    {
      name: 'one-composition-root',
      comment: 'Adapters are constructed in compose.ts only, so that the whole wiring is on one page.',
      severity: 'error',
      from: { path: '^packages/(gateway|cli)/src/', pathNot: '^packages/(gateway|cli)/src/compose' },
      to: { path: '^packages/core/dist/adapters/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'drivers-stay-in-their-adapter',
      comment: 'A driver (SDK, SQL) is an optional peer of its one adapter; others must work without it installed.',
      severity: 'error',
      from: { path: core, pathNot: `${core}adapters/` },
      to: { path: 'node_modules/(@aws-sdk|@smithy|libsql|mysql2)/' },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'What is imported must stand in the package that imports it, or an install elsewhere fails.',
      severity: 'error',
      from: { path: '^packages/(core|gateway)/src/' },
      // An optional peer is declared twice: as peer for users, as dev for the tests here.
      // A sibling package resolves into packages/, which pnpm links only for those that declare it.
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev', 'unknown', 'undetermined'],
        dependencyTypesNot: ['npm-peer', 'type-only'],
        pathNot: '^packages/core/dist/',
      },
    },
    {
      name: 'no-undeclared-packages-in-bundle',
      comment: 'What the command line imports must stand in its package.json; what is among the dev dependencies is bundled (ADR-018).',
      severity: 'error',
      from: { path: '^packages/cli/src/' },
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'],
        dependencyTypesNot: ['type-only'],
        pathNot: '^packages/core/dist/',
      },
    },
    {
      name: 'resolvable',
      comment: 'An import that resolves to nothing fails at run time only.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^packages/[^/]+/dist/'] },
    exclude: { path: ['/dist/.*\\.d\\.ts$', '\\.tsbuildinfo$'] },
    // Of the packages their code; of the rest all that it imports, the modules of Node and what is nowhere among it.
    includeOnly: { path: ['^packages/[^/]+/(src|test|dist)/', '^(?!packages/)'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default', 'node'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
    extraExtensionsToScan: [],
  },
};
