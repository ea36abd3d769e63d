import { base } from './jest.base.mjs';

/** The tests against a real S3 server, of all packages: started by `npm run test:real`. */
export default {
  ...base,
  testMatch: ['<rootDir>/packages/*/test/**/*.real.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 120_000,
};
