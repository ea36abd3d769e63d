import { setFlagsFromString } from 'node:v8';

/** V8 complains aloud of a flag that it does not know: Node.js to that version has it. */
const newestMajor = 24;

/**
 * Keeps V8's space for young objects at its first size. It would grow to 48 MiB in a process that moves much and keeps little: more memory than
 * all of a transfer's buffers, for a few per cent less time of the processor. V8 reads the factor whenever it might grow.
 */
if (Number.parseInt(process.versions.node, 10) <= newestMajor) setFlagsFromString('--semi-space-growth-factor=1');
