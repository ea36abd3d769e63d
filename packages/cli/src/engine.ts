import { setFlagsFromString } from 'node:v8';

/** For a process that lives for seconds, moves much and keeps little. V8 complains aloud of a flag that it does not know: the newest Node.js that has it. */
const flags = [
  // The space for young objects stays at its first size. It would grow to 48 MiB: more memory than all of a transfer's buffers, for a few per cent less
  // time of the processor. V8 reads the factor whenever it might grow.
  { flag: '--semi-space-growth-factor=1', newestMajor: 24 },
  // Functions are optimized when they ran twenty times as long as V8 would wait: optimizing took a sixth of the processor time of a thousand downloads,
  // beside a store that needed it. Later versions count calls instead, and wait for more of them.
  { flag: '--interrupt-budget=1500000', newestMajor: 20 },
];

const major = Number.parseInt(process.versions.node, 10);
for (const { flag, newestMajor } of flags) if (major <= newestMajor) setFlagsFromString(flag);
