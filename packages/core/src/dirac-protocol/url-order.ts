/** How long a URL that failed is asked last: this, doubled with every further failure. */
const backOffSeconds = { first: 2, longest: 120 } as const;

interface Health {
  failures: number;
  downUntil: number;
}

/**
 * In which order several URLs of a service are asked: from a random one on, those that failed lately after all others, the one that may be
 * back soonest first. None is ever left out: with all of them down, asking is the only way to find out.
 */
export class UrlOrder<Url extends object> {
  readonly all: readonly Url[];
  readonly #random: () => number;
  readonly #now: () => number;
  readonly #health = new Map<Url, Health>();

  constructor(urls: readonly Url[], { random, now }: { readonly random: () => number; readonly now: () => number }) {
    this.all = urls;
    this.#random = random;
    this.#now = now;
  }

  next(): Url[] {
    const first = Math.floor(this.#random() * this.all.length) % Math.max(1, this.all.length);
    const rotated = [...this.all.slice(first), ...this.all.slice(0, first)];
    const now = this.#now();
    const downUntil = (url: Url): number => Math.max(now, this.#health.get(url)?.downUntil ?? now);
    return rotated.toSorted((one, other) => downUntil(one) - downUntil(other));
  }

  answered(url: Url): void {
    this.#health.delete(url);
  }

  failed(url: Url): void {
    const failures = (this.#health.get(url)?.failures ?? 0) + 1;
    const seconds = Math.min(backOffSeconds.longest, backOffSeconds.first * 2 ** (failures - 1));
    this.#health.set(url, { failures, downUntil: this.#now() + seconds * 1000 });
  }
}
