/**
 * What the WebAssembly modules of this folder are written with, instruction by instruction (WebAssembly core specification, "Binary Format"):
 * code is a list of bytes, made by small functions, and a module is one function over a memory that is given to it.
 */
export type Code = readonly number[];

export const get = (local: number): Code => [0x20, local];
export const set = (local: number): Code => [0x21, local];
/** Sets, and leaves the value. */
export const tee = (local: number): Code => [0x22, local];
/** A whole number, 0 to 2^31 - 1. */
export const constant = (value: number): Code => [0x41, ...leb(value)];
/** Of i32. */
export const op = {
  add: 0x6a,
  subtract: 0x6b,
  multiply: 0x6c,
  remainder: 0x70,
  and: 0x71,
  or: 0x72,
  shiftLeft: 0x74,
  shiftRight: 0x76,
  less: 0x49,
  notLess: 0x4f,
  select: 0x1b,
} as const;
export const [block, loop, branch, branchIf, close] = [[0x02, 0x40], [0x03, 0x40], 0x0c, 0x0d, 0x0b] as const;
export const types = { i32: 0x7f, v128: 0x7b } as const;

/** A whole number, 0 to 2^31 - 1, as signed LEB128; read as unsigned it is the same. */
export function leb(value: number): Code {
  return value < 64 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

const section = (id: number, content: Code): Code => [id, ...leb(content.length), ...content];
const name = (text: string): Code => [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))];

/** A function of i32 with at most one result, an i32; `body` begins with its further locals. */
export function moduleOf({ parameters, results, body }: { parameters: number; results: 0 | 1; body: Code }): Uint8Array {
  const numbers = (count: number): Code => [count, ...new Array<number>(count).fill(types.i32)];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, ...numbers(parameters), ...numbers(results)]),
    ...section(2, [1, ...name('given'), ...name('memory'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('run'), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

export interface Memory {
  readonly buffer: ArrayBuffer;
}

interface Engine {
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Memory: new (size: { initial: number; maximum: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: { given: { memory: Memory } }) => { readonly exports: unknown };
}

/** Node is compiled without the types of browsers; and started with `--jitless` it has no WebAssembly. */
const { WebAssembly: engine } = globalThis as { readonly WebAssembly?: Engine };

/** Makes a module work on a memory. */
export type Loader<Run> = (memory: Memory) => Run;

/** Undefined where there is no WebAssembly, or none with vectors: x86 processors before SSE 4.1. */
export function compile<Run>(module: Uint8Array): Loader<Run> | undefined {
  if (engine?.validate(module) !== true) return undefined;
  const { Instance, Module } = engine;
  const compiled = new Module(module);
  return (memory) => (new Instance(compiled, { given: { memory } }).exports as { run: Run }).run;
}

/**
 * Of so many bytes at least. Undefined where the system gives none: Node.js before 24 reserves addresses for 10 GiB with each, which limits of batch
 * systems (`ulimit -v`) do not permit.
 */
export function memoryOf(bytes: number): Memory | undefined {
  const pages = Math.ceil(bytes / 65_536);
  try {
    return engine && new engine.Memory({ initial: pages, maximum: pages });
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

/** Made when it is first asked for. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
