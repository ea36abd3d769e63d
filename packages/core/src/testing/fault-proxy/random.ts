/** Numbers in [0, 1), the same for the same seed on every machine. Not for secrets. */
export type Random = () => number;

/** sfc32 (Chris Doty-Humphrey, PractRand), its state drawn from the text by FNV-1a. */
export function seededRandom(seed: string): Random {
  let [a, b, c] = [hash(`a${seed}`), hash(`b${seed}`), hash(`c${seed}`)];
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first numbers of similar seeds are similar.
  for (let n = 0; n < 16; n += 1) next();
  return next;
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value;
}
