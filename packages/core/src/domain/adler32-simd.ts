import { block, branch, branchIf, close, compile, constant, get, loop, memoryOf, moduleOf, once, op, set, types } from './wasm-code.js';

/**
 * Adler-32 sixteen bytes at a time, as a WebAssembly module that is written here instruction by instruction: it is four times as fast as a
 * loop over bytes. Adler-32 of n bytes d after (a, b), modulo 65521: a + sum of d(i), and b + n * a + sum of (n - i) * d(i).
 *
 * `state` is b << 16 | a; the bytes from `start` to `end` of the memory, a multiple of 16, are added to it.
 */
export type AddSixteens = (state: number, start: number, end: number) => number;

/** Bytes are copied there to be summed. */
const roomBytes = 256 * 1024;
/** Sums of so many bytes, NMAX of zlib and a multiple of 16, stay below 2^32 without a modulo. */
const runBytes = 5552;

const [state, at, end, a, b, stop, length, sums, weighted, before, bytes] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

const zeros = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
/** 16 for the first byte to 1 for the last. */
const weights = [0xfd, 0x0c, ...Array.from({ length: 16 }, (_, n) => 16 - n)];
const simd = {
  load: [0xfd, 0x00, 0x00, 0x00],
  /** Neighbours together: i8x16 to i16x8, i16x8 to i32x4, both unsigned. */
  pairs16: [0xfd, 0x7d],
  pairs32: [0xfd, 0x7f],
  multiplyLow: [0xfd, 0x9e, 0x01],
  multiplyHigh: [0xfd, 0x9f, 0x01],
  add16: [0xfd, 0x8e, 0x01],
  add32: [0xfd, 0xae, 0x01],
} as const;
/** The four lanes of a vector together. */
const total = (vector: number): number[] =>
  [0, 1, 2, 3].flatMap((lane) => [...get(vector), 0xfd, 0x1b, lane, ...(lane > 0 ? [op.add] : [])]);

const body = [
  // Locals: four i32, four v128.
  ...[2, 4, types.i32, 4, types.v128],
  ...[...get(state), ...constant(0xffff), op.and, ...set(a)],
  ...[...get(state), ...constant(16), op.shiftRight, ...set(b)],
  ...block,
  ...loop,
  ...[...get(at), ...get(end), op.notLess, branchIf, 1],
  ...[...get(at), ...constant(runBytes), op.add, ...get(end), ...get(at), ...constant(runBytes), op.add, ...get(end), op.less],
  ...[op.select, ...set(stop)],
  ...[...get(stop), ...get(at), op.subtract, ...set(length)],
  ...[sums, weighted, before].flatMap((vector) => [...zeros, ...set(vector)]),
  ...loop,
  // Every byte counts once more for each sixteen that follow.
  ...[...get(before), ...get(sums), ...simd.add32, ...set(before)],
  ...[...get(at), ...simd.load, ...set(bytes)],
  ...[...get(sums), ...get(bytes), ...simd.pairs16, ...simd.pairs32, ...simd.add32, ...set(sums)],
  ...[...get(weighted), ...get(bytes), ...weights, ...simd.multiplyLow, ...get(bytes), ...weights, ...simd.multiplyHigh],
  ...[...simd.add16, ...simd.pairs32, ...simd.add32, ...set(weighted)],
  ...[...get(at), ...constant(16), op.add, ...set(at)],
  ...[...get(at), ...get(stop), op.less, branchIf, 0, close],
  ...[...get(b), ...get(length), ...get(a), op.multiply, op.add, ...total(weighted), op.add],
  ...[...total(before), ...constant(16), op.multiply, op.add, ...constant(65_521), op.remainder, ...set(b)],
  ...[...get(a), ...total(sums), op.add, ...constant(65_521), op.remainder, ...set(a)],
  ...[branch, 0, close, close],
  ...[...get(b), ...constant(16), op.shiftLeft, ...get(a), op.or, close],
];

/** Over a memory of the caller's. Undefined where there is no WebAssembly. */
export const adlerLoader = once(() => compile<AddSixteens>(moduleOf({ parameters: 3, results: 1, body })));

const ownRoom = once(() => {
  const load = adlerLoader();
  const memory = load && memoryOf(roomBytes);
  return memory && { add: load(memory), room: new Uint8Array(memory.buffer) };
});

/**
 * Adds the bytes of the front, as many as are sixteens.
 *
 * @param packed b << 16 | a
 * @returns the same of the sum, and how many bytes at the end are not in it: all of them where there is no WebAssembly
 */
export function addSixteens(packed: number, more: Uint8Array): { readonly packed: number; readonly left: number } {
  const own = ownRoom();
  if (own === undefined) return { packed, left: more.length };
  const { add, room } = own;
  const left = more.length % 16;
  let sum = packed;
  for (let from = 0; from < more.length - left; from += room.length) {
    const piece = more.subarray(from, Math.min(from + room.length, more.length - left));
    room.set(piece);
    sum = add(sum, 0, piece.length);
  }
  return { packed: sum, left };
}
