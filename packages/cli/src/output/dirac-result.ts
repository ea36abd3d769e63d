import { errorKind, type BulkResult, type Failure } from '@dirac-s3/core';
import { pprint, type PythonValue } from './pprint.js';

/** `{'Failed': {…}, 'Successful': {…}}`, as DIRAC's commands print a bulk answer. */
export function diracResult<Value>({ successful, failed }: BulkResult<Value>, valueOf: (value: Value) => PythonValue): string {
  const answer = new Map<string, PythonValue>([
    ['Failed', mapValues(failed, diracReason)],
    ['Successful', mapValues(successful, valueOf)],
  ]);
  return `${pprint(answer)}\n`;
}

/** A failure as text, led by the words scripts know from DIRAC ("No such file or directory"). */
export function diracReason({ code, message }: Failure): string {
  return `${errorKind(code).title}: ${message}`;
}

function mapValues<Value>(map: ReadonlyMap<string, Value>, valueOf: (value: Value) => PythonValue): ReadonlyMap<string, PythonValue> {
  return new Map([...map].map(([name, value]) => [name, valueOf(value)]));
}
