import { close, compile, constant, branchIf, get, leb, loop, moduleOf, once, op, set, tee, types, type Code } from './wasm-code.js';

/**
 * MD5 (RFC 1321) of eight messages side by side, as a WebAssembly module that is written here instruction by instruction. Every step of MD5 waits
 * for the one before it; so the words of four messages are in one vector, and the steps of two vectors take turns. Together the eight go
 * about five times as fast as one message after the other, and two of them already faster.
 *
 * Adds so many blocks of 64 bytes, at least 1, to each message, from where the memory says ({@link md5Places}).
 */
export type AddBlocks = (blocks: number) => void;

export const md5Lanes = 8;

/** What lies at the front of the memory, each in words of 32 bits, little-endian, a word per lane. */
export const md5Places = {
  /** Words A of the lanes, then B, C and D. */
  state: 0,
  /** All ones where a lane takes part, zero where its state is to stay. */
  mask: 128,
  /** Where its blocks begin. */
  block: 160,
  /** Free from there; the constants of the steps are below. */
  end: 448,
} as const;
const constants = 192;

/** A, B, C and D of an empty message. */
export const md5Start = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476] as const;

const groups = [0, 1] as const;
const four = [0, 1, 2, 3] as const;

/** Locals: the parameter, eight i32, then v128. */
const blocks = 0;
const pointer = (group: number, lane: number): number => 1 + 4 * group + lane;
const state = (group: number, word: number): number => 9 + 4 * group + word;
const message = (group: number, word: number): number => 17 + 16 * group + word;
const [spare, stepConstant] = [49, 57];

const simd = {
  load: (at: number): Code => [0xfd, 0x00, 0, ...leb(at)],
  loadSplat: (at: number): Code => [0xfd, 0x09, 2, ...leb(at)],
  store: (at: number): Code => [0xfd, 0x0b, 0, ...leb(at)],
  shuffle: (...words: readonly number[]): Code => [0xfd, 0x0d, ...words.flatMap((word) => four.map((byte) => 4 * word + byte))],
  and: [0xfd, 0x4e],
  /** The first without the bits of the second. */
  andNot: [0xfd, 0x4f],
  or: [0xfd, 0x50],
  xor: [0xfd, 0x51],
  shiftLeft: [0xfd, 0xab, 0x01],
  shiftRight: [0xfd, 0xad, 0x01],
  add: [0xfd, 0xae, 0x01],
  subtract: [0xfd, 0xb1, 0x01],
} as const;

/** Sixteen bytes of each of four messages, turned into four words of all of them. */
const turn = (group: number, quarter: number): Code => {
  const rows = four.map((lane) => [...get(pointer(group, lane)), ...simd.load(16 * quarter), ...set(spare + lane)]);
  const join = (one: number, other: number, words: readonly number[], to: number): Code => [
    ...[...get(one), ...get(other), ...simd.shuffle(...words), ...set(to)],
  ];
  const [front, back, low, high] = [
    [0, 4, 1, 5],
    [2, 6, 3, 7],
    [0, 1, 4, 5],
    [2, 3, 6, 7],
  ] as const;
  const to = message(group, 4 * quarter);
  return [
    ...rows.flat(),
    ...join(spare, spare + 1, front, spare + 4),
    ...join(spare + 2, spare + 3, front, spare + 5),
    ...join(spare, spare + 1, back, spare + 6),
    ...join(spare + 2, spare + 3, back, spare + 7),
    ...four.flatMap((word) => {
      const from = spare + (word < 2 ? 4 : 6);
      return join(from, from + 1, word % 2 === 0 ? low : high, to + word);
    }),
  ];
};

/** The four rounds: which word of the block is added, by how much is rotated, and the function of B, C and D added to what is on the stack. */
const rounds: readonly { word: (step: number) => number; turns: readonly number[]; mix: (b: Code, c: Code, d: Code) => Code }[] = [
  {
    word: (step) => step,
    turns: [7, 12, 17, 22],
    // d ^ (b & (c ^ d)) is (b & c) | (~b & d).
    mix: (b, c, d) => [...b, ...c, ...d, ...simd.xor, ...simd.and, ...d, ...simd.xor, ...simd.add],
  },
  {
    word: (step) => (5 * step + 1) % 16,
    turns: [5, 9, 14, 20],
    // The two halves of (b & d) | (c & ~d) have no bit in common; the one without b, which is the last to be known, goes first.
    mix: (b, c, d) => [...c, ...d, ...simd.andNot, ...simd.add, ...b, ...d, ...simd.and, ...simd.add],
  },
  {
    word: (step) => (3 * step + 5) % 16,
    turns: [4, 11, 16, 23],
    mix: (b, c, d) => [...c, ...d, ...simd.xor, ...b, ...simd.xor, ...simd.add],
  },
  {
    word: (step) => (7 * step) % 16,
    turns: [6, 10, 15, 21],
    // c ^ (b | ~d) is ~(c ^ (d & ~b)), and ~x is -x - 1; the 1 is in the constants.
    mix: (b, c, d) => [...d, ...b, ...simd.andNot, ...c, ...simd.xor, ...simd.subtract],
  },
];

/** a = b + rotated(a + mix(b, c, d) + word + constant); then the four change their places. */
const step = (group: number, number: number): Code => {
  const { word, turns, mix } = rounds[number >> 4]!;
  const [a, b, c, d] = four.map((place) => state(group, (place + 64 - number) % 4)) as [number, number, number, number];
  const rotation = turns[number % 4]!;
  return [
    ...[...get(a), ...get(message(group, word(number))), ...simd.add, ...get(stepConstant), ...simd.add],
    ...[...mix(get(b), get(c), get(d)), ...tee(a)],
    ...[...constant(rotation), ...simd.shiftLeft, ...get(a), ...constant(32 - rotation), ...simd.shiftRight, ...simd.or],
    ...[...get(b), ...simd.add, ...set(a)],
  ];
};

const eachWord = (code: (group: number, word: number, at: number) => Code): Code =>
  groups.flatMap((group) => four.flatMap((word) => code(group, word, md5Places.state + 32 * word + 16 * group)));
const eachPointer = (code: (local: number, lane: number) => Code): Code =>
  groups.flatMap((group) => four.flatMap((lane) => code(pointer(group, lane), 4 * group + lane)));

const body = (): Code => [
  ...[2, md5Lanes, types.i32, 49, types.v128],
  ...eachPointer((local, lane) => [...constant(0), 0x28, 2, ...leb(md5Places.block + 4 * lane), ...set(local)]),
  ...loop,
  ...groups.flatMap((group) => four.flatMap((quarter) => turn(group, quarter))),
  ...eachWord((group, word, at) => [...constant(0), ...simd.load(at), ...set(state(group, word))]),
  ...Array.from({ length: 64 }, (_, number) => [
    ...[...constant(0), ...simd.loadSplat(constants + 4 * number), ...set(stepConstant)],
    ...groups.flatMap((group) => step(group, number)),
  ]).flat(),
  ...eachWord((group, word, at) => [
    ...[...constant(0), ...get(state(group, word)), ...constant(0), ...simd.load(md5Places.mask + 16 * group), ...simd.and],
    ...[...constant(0), ...simd.load(at), ...simd.add, ...simd.store(at)],
  ]),
  ...eachPointer((local) => [...get(local), ...constant(64), op.add, ...set(local)]),
  ...[...get(blocks), ...constant(1), op.subtract, ...tee(blocks), branchIf, 0, close, close],
];

/** Over a memory of the caller's. Undefined where there is no WebAssembly. */
export const md5Loader = once(() => compile<AddBlocks>(moduleOf({ parameters: 1, results: 0, body: body() })));

/** Writes what the module needs to the front of its memory. */
export function setConstants(view: DataView): void {
  for (let number = 0; number < 64; number += 1) {
    const value = Math.floor(2 ** 32 * Math.abs(Math.sin(number + 1))) - (number < 48 ? 0 : 1);
    view.setUint32(constants + 4 * number, value, true);
  }
}
