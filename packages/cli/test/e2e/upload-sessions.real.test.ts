import { realStore } from './real-store.js';
import { uploadSessionsSuite } from './upload-sessions-suite.js';

uploadSessionsSuite('Ceph RGW', () => Promise.resolve(realStore()));
