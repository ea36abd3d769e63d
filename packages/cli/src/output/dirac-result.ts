import type { BulkResult } from '@dirac-s3/core';
import { faultReason } from './fault-lines.js';
import { pprint, repr, type PythonValue } from './pprint.js';

/** `{'Failed': {…}, 'Successful': {…}}`, as DIRAC's commands print a bulk answer. */
export function diracResult<Value>({ successful, failed }: BulkResult<Value>, valueOf: (value: Value) => PythonValue): string {
  const answer = new Map<string, PythonValue>([
    ['Failed', mapValues(failed, (fault, lfn) => faultReason(fault, lfn))],
    ['Successful', mapValues(successful, valueOf)],
  ]);
  return `${pprint(answer)}\n`;
}

/** The line that `dirac-dms-get-file` puts below its answer when something failed: the answer once more, as Python shows it. */
export function diracErrorLine<Value>({ successful, failed }: BulkResult<Value>, valueOf: (value: Value) => PythonValue): string {
  if (failed.size === 0) return '';
  const reasons = mapValues(failed, (fault, lfn) => faultReason(fault, lfn));
  return `ERROR {'Successful': ${repr(mapValues(successful, valueOf))}, 'Failed': ${repr(reasons)}}\n`;
}

function mapValues<Value>(
  map: ReadonlyMap<string, Value>,
  valueOf: (value: Value, name: string) => PythonValue,
): ReadonlyMap<string, PythonValue> {
  return new Map([...map].map(([name, value]) => [name, valueOf(value, name)]));
}
