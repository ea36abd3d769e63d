import { realStore } from './real-store.js';
import { sdkClientSuite } from './sdk-client.js';
import { conformanceSuite } from './suite.js';

const store = realStore();
conformanceSuite('Ceph RGW', () => store);
sdkClientSuite('Ceph RGW', () => store);
