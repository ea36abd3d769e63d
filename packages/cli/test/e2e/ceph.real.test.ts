import { endToEndSuite } from './suite.js';
import { realStore } from './real-store.js';

endToEndSuite('Ceph RGW', () => Promise.resolve(realStore()));
