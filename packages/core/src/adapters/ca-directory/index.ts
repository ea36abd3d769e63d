export { createCaDirectory, type CaDirectory, type CaDirectoryOptions } from './ca-directory.js';
