import { readFileSync } from 'node:fs';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface RealStore {
  readonly name: string;
  readonly origin: string;
  readonly region: string;
  readonly bucket: string;
  readonly credentials: Keys;
  readonly writeOnlyCredentials: Keys;
}

/** The Python with boto3 and requests that `npm run test:real` made. */
export function realPython(): string {
  const python = process.env.DIRAC_S3_PYTHON;
  if (python === undefined) throw new Error('DIRAC_S3_PYTHON is not set: run these tests with `npm run test:real`');
  return python;
}

/** The store `npm run test:real` started. Without it these tests fail: they are never skipped. */
export function realStore(): RealStore {
  const file = process.env.DIRAC_S3_REAL_STORE;
  if (file === undefined) throw new Error('DIRAC_S3_REAL_STORE is not set: run these tests with `npm run test:real`');
  return JSON.parse(readFileSync(file, 'utf8')) as RealStore;
}
