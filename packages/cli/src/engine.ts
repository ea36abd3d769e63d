import { setFlagsFromString } from 'node:v8';

/** V8 complains aloud of a flag that it does not know: Node.js to that version has these. */
const newestMajor = 24;

/** For a process that lives for seconds, moves much and keeps little. */
const flags = [
  // The space for young objects stays at its first size. It would grow to 48 MiB: more memory than all of a transfer's buffers, for a few per cent less
  // time of the processor. V8 reads the factor whenever it might grow.
  '--semi-space-growth-factor=1',
  // Functions are optimized when they ran some ten times as long as V8 would wait: optimizing took a sixth of the processor time of a thousand
  // downloads, beside a store that needed it.
  '--interrupt-budget=1500000',
];

if (Number.parseInt(process.versions.node, 10) <= newestMajor) flags.forEach((flag) => setFlagsFromString(flag));
