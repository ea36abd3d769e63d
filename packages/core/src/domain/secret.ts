import { inspect } from 'node:util';

const hidden = '[secret]';

/**
 * A text that cannot be printed by accident: `toString`, JSON, template strings, `util.inspect`, `structuredClone` and
 * object spread show nothing of it. Only {@link Secret.reveal} gives it away, and that is easy to search for.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [Symbol.toPrimitive](): string {
    return hidden;
  }

  [inspect.custom](): string {
    return hidden;
  }
}
