import { open } from 'node:fs/promises';
import { isNativeError } from 'node:util/types';

/** Bytes of a configuration file, and its permission bits where the platform has them. */
export interface ConfigFile {
  readonly bytes: Uint8Array;
  readonly mode: number | undefined;
}

/** Reads a file; undefined when there is none. Anything else that prevents reading is thrown. */
export type ReadConfigFile = (path: string) => Promise<ConfigFile | undefined>;

export const readConfigFile: ReadConfigFile = async (path) => {
  try {
    const file = await open(path, 'r');
    try {
      const { mode } = await file.stat();
      return { bytes: await file.readFile(), mode: process.platform === 'win32' ? undefined : mode & 0o777 };
    } finally {
      await file.close();
    }
  } catch (thrown) {
    const code = isNativeError(thrown) && 'code' in thrown ? thrown.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw thrown;
  }
};
