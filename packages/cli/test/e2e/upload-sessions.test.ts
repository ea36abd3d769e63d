import { uploadSessionsSuite } from './upload-sessions-suite.js';

uploadSessionsSuite('the development store', () => Promise.resolve(undefined));
