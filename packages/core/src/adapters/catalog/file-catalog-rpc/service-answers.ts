import { BulkResultBuilder, type BulkResult } from '../../../domain/index.js';
import { DiracS3Error, failure, type ErrorCode, type Failure } from '../../../errors/index.js';
import { DiracServiceError, isDiracObject, type DiracObject, type DiracValue } from '../../../dirac-protocol/index.js';

/** `Successful` and `Failed` of an answer of the service, whatever they hold. Throws `catalog-unavailable` when it is no such answer. */
export function bulkOf(value: DiracValue): { readonly successful: DiracObject; readonly failed: DiracObject } {
  const { Successful: successful, Failed: failed } = isDiracObject(value) ? value : {};
  if (successful === undefined || failed === undefined || !isDiracObject(successful) || !isDiracObject(failed)) throw strange();
  return { successful, failed };
}

/**
 * One outcome per asked name, under the spelling it was asked with. A name that is answered twice, or not at all, has failed; so has one
 * whose value `read` does not understand (it gives undefined).
 */
export function outcomesOf<Value, Name extends string>(
  asked: Iterable<Name>,
  value: DiracValue,
  read: (value: DiracValue, name: Name) => Value | undefined,
): BulkResult<Value, Name> {
  const { successful, failed } = bulkOf(value);
  const answer = new BulkResultBuilder<Value, Name>(asked);
  for (const name of answer.pending()) {
    if (Object.hasOwn(failed, name)) answer.fail(name, failureOfText(name, failed[name]));
    else if (Object.hasOwn(successful, name)) {
      const outcome = read(successful[name] ?? null, name);
      if (outcome === undefined)
        answer.fail(name, failure('catalog-unavailable', `${name}: the File Catalog gave an answer that has no meaning`));
      else answer.succeed(name, outcome);
    }
  }
  return answer.build(failure('catalog-unavailable', 'the File Catalog did not answer for this name'));
}

/** The service tells what failed in words, and never by a number. */
const words: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^Permission denied/, 'permission-denied'],
  [/No such file or directory|does not exist|[Nn]ot found/, 'no-such-file'],
  [/already registered|Duplicate entry|non-empty directory/, 'conflict'],
  [/^(?:Missing|Invalid)/, 'invalid-argument'],
];

export function failureOfText(name: string, text: DiracValue | undefined): Failure {
  const message = typeof text === 'string' && text !== '' ? text.slice(0, 500) : 'the File Catalog gave no reason';
  const code = words.find(([pattern]) => pattern.test(message))?.[1] ?? 'service-error';
  return failure(code, `${name}: ${message}`);
}

/** A fault of the whole call as the ports have it: the catalog could not answer, whatever kept it from doing so. */
export function faultOfCall(thrown: unknown): unknown {
  if (thrown instanceof DiracServiceError) {
    const unknownMethod = /Operation type not known|No policy matching/.test(thrown.message);
    return new DiracS3Error(unknownMethod ? 'unsupported-operation' : 'catalog-unavailable', `the File Catalog refused: ${thrown.message}`);
  }
  if (thrown instanceof DiracS3Error && thrown.code === 'service-unavailable') {
    return new DiracS3Error('catalog-unavailable', thrown.message, { cause: thrown });
  }
  return thrown;
}

function strange(): DiracS3Error {
  return new DiracS3Error('catalog-unavailable', 'the answer of the File Catalog is neither for nor against');
}
