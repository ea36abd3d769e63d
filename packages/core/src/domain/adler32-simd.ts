import {
  block,
  branch,
  branchIf,
  close,
  compile,
  constant,
  get,
  leb,
  loop,
  memoryOf,
  moduleOf,
  once,
  op,
  set,
  types,
  type Code,
} from './wasm-code.js';

/**
 * Adler-32 of whole blocks, as a WebAssembly module that is written here instruction by instruction: it is more than ten times as fast as a loop over
 * bytes. Adler-32 of n bytes d after (a, b), modulo 65521: a + sum of d(i), and b + n * a + sum of (n - i) * d(i).
 *
 * `state` is b << 16 | a; the bytes from `start` to `end` of the memory, whole blocks, are added to it.
 */
export type AddAdlerBlocks = (state: number, start: number, end: number) => number;

/** Sixteen vectors: the sums of their bytes, and the sums of those, fit into sixteen bits. */
export const adlerBlockBytes = 256;
const vectorBytes = 16;
/** Bytes are copied there to be summed. */
const roomBytes = 256 * 1024;
/** Sums of so many bytes, the most blocks within NMAX of zlib, stay below 2^32 without a modulo. */
const runBytes = 21 * adlerBlockBytes;

const [state, at, end, a, b, stop, length] = [0, 1, 2, 3, 4, 5, 6];
/** Of a run, in 32 bits; and of a block, in 16, for the first eight bytes of each vector and the others. */
const [sums, weighted, before, low, high, lowBefore, highBefore, bytes] = [7, 8, 9, 10, 11, 12, 13, 14];

const vector = (sixteenBits: readonly number[]): Code => [0xfd, 0x0c, ...sixteenBits.flatMap((value) => [value, 0])];
const zeros = vector([0, 0, 0, 0, 0, 0, 0, 0]);
const ones = vector([1, 1, 1, 1, 1, 1, 1, 1]);
/** 16 for the first byte of a vector to 1 for the last. */
const [lowWeights, highWeights] = [vector([16, 15, 14, 13, 12, 11, 10, 9]), vector([8, 7, 6, 5, 4, 3, 2, 1])];
const simd = {
  load: [0xfd, 0x00, 0x00],
  /** Bytes to sixteen bits. */
  widenLow: [0xfd, 0x89, 0x01],
  widenHigh: [0xfd, 0x8a, 0x01],
  /** Products of sixteen bits, two neighbours together: i16x8 to i32x4, signed. */
  dot: [0xfd, 0xba, 0x01],
  shiftLeft32: [0xfd, 0xab, 0x01],
  add16: [0xfd, 0x8e, 0x01],
  add32: [0xfd, 0xae, 0x01],
} as const;
/** The four lanes of a vector together. */
const total = (ofVector: number): Code =>
  [0, 1, 2, 3].flatMap((lane) => [...get(ofVector), 0xfd, 0x1b, lane, ...(lane > 0 ? [op.add] : [])]);
const addTo = (sum: number, code: Code, add: Code): Code => [...get(sum), ...code, ...add, ...set(sum)];

const addBlock = [
  ...[low, high, lowBefore, highBefore].flatMap((sum) => [...zeros, ...set(sum)]),
  ...Array.from({ length: adlerBlockBytes / vectorBytes }, (_, n) => [
    ...[...get(at), ...simd.load, ...leb(n * vectorBytes), ...set(bytes)],
    // Every byte counts once more for each vector that follows.
    ...[...addTo(lowBefore, get(low), simd.add16), ...addTo(highBefore, get(high), simd.add16)],
    ...addTo(low, [...get(bytes), ...simd.widenLow], simd.add16),
    ...addTo(high, [...get(bytes), ...simd.widenHigh], simd.add16),
  ]).flat(),
  ...addTo(before, [...get(sums), ...constant(Math.log2(adlerBlockBytes / vectorBytes)), ...simd.shiftLeft32], simd.add32),
  ...[lowBefore, highBefore].flatMap((sum) => addTo(before, [...get(sum), ...ones, ...simd.dot], simd.add32)),
  ...[low, high].flatMap((sum) => addTo(sums, [...get(sum), ...ones, ...simd.dot], simd.add32)),
  ...addTo(weighted, [...get(low), ...lowWeights, ...simd.dot], simd.add32),
  ...addTo(weighted, [...get(high), ...highWeights, ...simd.dot], simd.add32),
];

const body = [
  // Locals: four i32, eight v128.
  ...[2, 4, types.i32, 8, types.v128],
  ...[...get(state), ...constant(0xffff), op.and, ...set(a)],
  ...[...get(state), ...constant(16), op.shiftRight, ...set(b)],
  ...block,
  ...loop,
  ...[...get(at), ...get(end), op.notLess, branchIf, 1],
  ...[...get(at), ...constant(runBytes), op.add, ...get(end), ...get(at), ...constant(runBytes), op.add, ...get(end), op.less],
  ...[op.select, ...set(stop)],
  ...[...get(stop), ...get(at), op.subtract, ...set(length)],
  ...[sums, weighted, before].flatMap((sum) => [...zeros, ...set(sum)]),
  ...loop,
  ...addBlock,
  ...[...get(at), ...constant(adlerBlockBytes), op.add, ...set(at)],
  ...[...get(at), ...get(stop), op.less, branchIf, 0, close],
  ...[...get(b), ...get(length), ...get(a), op.multiply, op.add, ...total(weighted), op.add],
  ...[...total(before), ...constant(vectorBytes), op.multiply, op.add, ...constant(65_521), op.remainder, ...set(b)],
  ...[...get(a), ...total(sums), op.add, ...constant(65_521), op.remainder, ...set(a)],
  ...[branch, 0, close, close],
  ...[...get(b), ...constant(16), op.shiftLeft, ...get(a), op.or, close],
];

/** Over a memory of the caller's. Undefined where there is no WebAssembly. */
export const adlerLoader = once(() => compile<AddAdlerBlocks>(moduleOf({ parameters: 3, results: 1, body })));

const ownRoom = once(() => {
  const load = adlerLoader();
  const memory = load && memoryOf(roomBytes);
  return memory && { add: load(memory), room: new Uint8Array(memory.buffer) };
});

/**
 * Adds the bytes of the front, as many as are whole blocks.
 *
 * @param packed b << 16 | a
 * @returns the same of the sum, and how many bytes at the end are not in it: all of them where there is no WebAssembly
 */
export function addWholeBlocks(packed: number, more: Uint8Array): { readonly packed: number; readonly left: number } {
  const own = ownRoom();
  if (own === undefined) return { packed, left: more.length };
  const { add, room } = own;
  const left = more.length % adlerBlockBytes;
  let sum = packed;
  for (let from = 0; from < more.length - left; from += room.length) {
    const piece = more.subarray(from, Math.min(from + room.length, more.length - left));
    room.set(piece);
    sum = add(sum, 0, piece.length);
  }
  return { packed: sum, left };
}
