import { realStore } from '../../store-conformance/real-store.js';
import { objectListerSuite } from './object-lister-suite.js';

objectListerSuite('Ceph RGW', () => Promise.resolve(realStore()));
