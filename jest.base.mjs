/** Jest for every package: TypeScript through swc (types are checked by `typecheck`), native ES modules. */
export const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  // Sources import "./x.js", as Node needs it in dist; in tests the file is x.ts.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Those need real servers: `npm run test:real`, `npm run test:dirac`, `npm run test:catalogs`.
  testPathIgnorePatterns: ['/node_modules/', '\\.(real|dirac|catalogs)\\.test\\.ts$'],
  testTimeout: 30_000,
  errorOnDeprecated: true,
};
