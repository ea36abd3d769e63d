import { adlerBlockBytes, adlerLoader, type AddAdlerBlocks } from './adler32-simd.js';
import { addBytes, writtenAdler32 } from './adler32.js';
import { md5Lanes, md5Loader, md5Places, md5Start, setConstants, type AddBlocks } from './md5-simd.js';
import { memoryOf } from './wasm-code.js';

/** What a message is known by, hexadecimal. */
export interface Sums {
  readonly adler: string;
  readonly md5: string;
}

const blockBytes = 64;
/** Behind a room, for what ends a message (RFC 1321, section 3.1). */
const paddingBytes = 2 * blockBytes;

/** A message that is being summed. */
interface Lane {
  /** b << 16 | a */
  adler: number;
  bytes: number;
  /** Where the bytes ended that were added last. */
  end: number;
}

/**
 * Adler-32 and MD5 of up to eight messages side by side, several times as fast as one after the other. Each has two rooms, into which its bytes are
 * read, so that nothing is copied: while those in one are summed, the other one fills.
 */
export class LaneSums {
  static readonly lanes = md5Lanes;

  readonly #view: DataView;
  readonly #memory: ArrayBuffer;
  readonly #roomBytes: number;
  readonly #add: { readonly adler: AddAdlerBlocks; readonly md5: AddBlocks };
  readonly #lanes: Lane[] = [];

  private constructor(memory: ArrayBuffer, roomBytes: number, add: { readonly adler: AddAdlerBlocks; readonly md5: AddBlocks }) {
    this.#memory = memory;
    this.#view = new DataView(memory);
    this.#roomBytes = roomBytes;
    this.#add = add;
    setConstants(this.#view);
    for (let lane = 0; lane < md5Lanes; lane += 1) this.begin(lane);
  }

  /**
   * Undefined where there is no WebAssembly, none with vectors, or no memory for it.
   *
   * @param roomBytes a multiple of 64
   */
  static create(roomBytes: number): LaneSums | undefined {
    const [loadAdler, loadMd5] = [adlerLoader(), md5Loader()];
    if (loadAdler === undefined || loadMd5 === undefined) return undefined;
    const memory = memoryOf(md5Places.end + 2 * md5Lanes * (roomBytes + paddingBytes));
    if (memory === undefined) return undefined;
    return new LaneSums(memory.buffer, roomBytes, { adler: loadAdler(memory), md5: loadMd5(memory) });
  }

  /** Where the next bytes of a message go. */
  room(lane: number, half: 0 | 1): Uint8Array {
    return new Uint8Array(this.#memory, this.#roomAt(lane, half), this.#roomBytes);
  }

  /** An empty message. */
  begin(lane: number): void {
    this.#lanes[lane] = { adler: 1, bytes: 0, end: this.#roomAt(lane, 0) };
    md5Start.forEach((value, word) => this.#view.setUint32(stateAt(lane, word), value, true));
  }

  /**
   * Adds the bytes at the front of the rooms of a half.
   *
   * @param lengths of each lane, in bytes: a multiple of 64 except where a message ends
   */
  add(half: 0 | 1, lengths: readonly number[]): void {
    lengths.forEach((length, lane) => {
      if (length === 0) return;
      const one = this.#lanes[lane]!;
      if (one.bytes % blockBytes !== 0) throw new RangeError('a message of a lane goes on in whole blocks');
      const from = this.#roomAt(lane, half);
      one.adler = this.#adlerOf(one.adler, from, length);
      one.bytes += length;
      one.end = from + length;
    });
    this.#addBlocks(lengths.map((length, lane) => ({ at: this.#roomAt(lane, half), blocks: Math.floor(length / blockBytes) })));
  }

  /** Of all bytes that were added. The next message of the lane has to be begun. */
  end(lane: number): Sums {
    const { adler, bytes, end } = this.#lanes[lane]!;
    const rest = bytes % blockBytes;
    const at = end - rest;
    const blocks = rest < blockBytes - 8 ? 1 : 2;
    const lengthAt = at + blocks * blockBytes - 8;
    new Uint8Array(this.#memory, end, lengthAt - end).fill(0);
    this.#view.setUint8(end, 0x80);
    this.#view.setBigUint64(lengthAt, BigInt(bytes) * 8n, true);
    const none = { at, blocks: 0 };
    this.#addBlocks(Array.from({ length: md5Lanes }, (_, other) => (other === lane ? { at, blocks } : none)));
    const md5 = Buffer.alloc(16);
    md5Start.forEach((_, word) => md5.writeUInt32LE(this.#view.getUint32(stateAt(lane, word), true), 4 * word));
    return { adler: writtenAdler32(adler), md5: md5.toString('hex') };
  }

  #roomAt(lane: number, half: 0 | 1): number {
    return md5Places.end + (2 * lane + half) * (this.#roomBytes + paddingBytes);
  }

  #adlerOf(adler: number, from: number, length: number): number {
    const left = length % adlerBlockBytes;
    const end = from + length;
    return addBytes(this.#add.adler(adler, from, end - left), new Uint8Array(this.#memory, end - left, left));
  }

  /** A lane that has fewer blocks than others keeps its state while they go on. */
  #addBlocks(lanes: readonly { readonly at: number; readonly blocks: number }[]): void {
    for (let done = 0; ;) {
      const more = lanes.filter(({ blocks }) => blocks > done);
      if (more.length === 0) return;
      for (let lane = 0; lane < md5Lanes; lane += 1) {
        const { at, blocks } = lanes[lane] ?? { at: more[0]!.at, blocks: 0 };
        const goesOn = blocks > done;
        this.#view.setUint32(md5Places.mask + 4 * lane, goesOn ? 0xffffffff : 0, true);
        // It reads the bytes of another one, and forgets them.
        this.#view.setUint32(md5Places.block + 4 * lane, (goesOn ? at : more[0]!.at) + done * blockBytes, true);
      }
      const next = Math.min(...more.map(({ blocks }) => blocks));
      this.#add.md5(next - done);
      done = next;
    }
  }
}

function stateAt(lane: number, word: number): number {
  return md5Places.state + 4 * (md5Lanes * word + lane);
}
