import { failureOf, type BulkResult, type Failure } from '@dirac-s3/core';
import type { CommandResult } from './result.js';

/** What came of the files at one StorageElement. */
export interface AtElement<Value> {
  readonly storageElement: string;
  readonly result: BulkResult<Value>;
}

/**
 * One StorageElement after the other. What is wrong with one as a whole is a failure of each of the names and does not stop the next; where all
 * of them are wrong as a whole, the first fault is thrown.
 */
export async function askElements<Value>(
  names: readonly string[],
  elements: readonly string[],
  ask: (storageElement: string) => Promise<BulkResult<Value>>,
): Promise<AtElement<Value>[]> {
  const done: AtElement<Value>[] = [];
  const thrown: unknown[] = [];
  for (const storageElement of elements) {
    const result = await ask(storageElement).catch((fault: unknown): BulkResult<Value> => {
      thrown.push(fault);
      const failed = failureOf(fault);
      return { successful: new Map(), failed: new Map(names.map((name) => [name, failed])) };
    });
    done.push({ storageElement, result });
  }
  if (thrown.length > 0 && thrown.length === elements.length) throw thrown[0] as Error;
  return done;
}

interface ElementWriting<Value> {
  readonly text: (done: readonly AtElement<Value>[]) => string;
  /** Fields of one entry of `successful`, beside its `lfn` and `storageElement`. */
  readonly entry: (value: Value) => Record<string, unknown>;
  /** Between a file and a StorageElement in messages: `at`, `to`. */
  readonly preposition?: string;
}

/** As `bulkResult`, each entry with its `storageElement`; of several StorageElements a failure names the one. */
export function elementResult<Value>(
  done: readonly AtElement<Value>[],
  { text, entry, preposition = 'at' }: ElementWriting<Value>,
): CommandResult {
  const each = <Item, Entry>(pick: (result: BulkResult<Value>) => ReadonlyMap<string, Item>, show: (item: Item) => Entry) =>
    done.flatMap(({ storageElement, result }) => [...pick(result)].map(([lfn, item]) => ({ lfn, storageElement, ...show(item) })));
  const successful = each((result) => result.successful, entry);
  const failed = each(
    (result) => result.failed,
    ({ code, message }) => ({ code, message }),
  );
  const nameOf = (lfn: string, storageElement: string): string => (done.length === 1 ? lfn : `${lfn} ${preposition} ${storageElement}`);
  return {
    text: text(done),
    json: { successful, failed },
    failures: new Map(failed.map(({ lfn, storageElement, ...fault }): [string, Failure] => [nameOf(lfn, storageElement), fault])),
    succeeded: successful.length,
  };
}

/** One line for each file that is done, StorageElement by StorageElement. */
export function elementLines<Value>(
  line: (lfn: string, storageElement: string, value: Value) => string,
): (done: readonly AtElement<Value>[]) => string {
  return (done) =>
    done
      .flatMap(({ storageElement, result }) => [...result.successful].map(([lfn, value]) => `${line(lfn, storageElement, value)}\n`))
      .join('');
}
