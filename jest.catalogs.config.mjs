import { base } from './jest.base.mjs';

/** The tests with a real MariaDB and DIRAC's real File Catalog service: started by `npm run test:catalogs`. */
export default {
  ...base,
  testMatch: ['<rootDir>/packages/*/test/**/*.catalogs.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 60_000,
  // Some of them kill and stop the one server.
  maxWorkers: 1,
};
