import { base } from './jest.base.mjs';

/** The tests with the real, unmodified DIRAC: started by `npm run test:dirac`. */
export default {
  ...base,
  testMatch: ['<rootDir>/packages/*/test/**/*.dirac.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 60_000,
  // One file is one installation, and two at a time are enough for a small machine.
  maxWorkers: 2,
};
