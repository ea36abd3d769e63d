import { endToEndSuite } from './suite.js';

endToEndSuite('the development store', () => Promise.resolve(undefined));
