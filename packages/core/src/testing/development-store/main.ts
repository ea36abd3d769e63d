#!/usr/bin/env node
/**
 * The development store as a program: prints one line of JSON when it is up, and ends with SIGTERM, SIGINT or when its standard input
 * closes, which is what happens when whoever started it dies.
 *
 *   node main.js --directory DIR --bucket NAME [--bucket NAME] [--port 0] [--region us-east-1] [--allowed-origin ORIGIN]
 */
import { parseArgs } from 'node:util';
import { startDevelopmentStore } from './store.js';

const { values } = parseArgs({
  options: {
    directory: { type: 'string' },
    bucket: { type: 'string', short: 'b', multiple: true, default: [] },
    port: { type: 'string', default: '0' },
    region: { type: 'string', default: 'us-east-1' },
    'allowed-origin': { type: 'string', multiple: true, default: [] },
  },
});
if (values.directory === undefined) throw new Error('--directory is missing: where the store keeps its files');

const store = await startDevelopmentStore({
  directory: values.directory,
  buckets: values.bucket,
  port: Number(values.port),
  region: values.region,
  allowedOrigins: values['allowed-origin'],
});
// Before the line goes out: whoever reads it may end us at once.
const stop = (): void => void store.close().then(() => process.exit(0));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
process.stdin.once('end', stop).once('close', stop).resume();

const [main, writer] = store.credentials;
console.log(
  JSON.stringify({
    origin: store.origin,
    region: store.region,
    buckets: values.bucket,
    accessKeyId: main?.accessKeyId,
    secretAccessKey: main?.secretAccessKey,
    writeOnlyAccessKeyId: writer?.accessKeyId,
    writeOnlySecretAccessKey: writer?.secretAccessKey,
  }),
);
