import { DiracS3Error } from '@dirac-s3/core';
import { decodeJson, isDiracArray, type DiracValue } from '@dirac-s3/core/dirac-protocol';
import { HttpRefusal } from './http-refusal.js';
import type { RpcMethod } from './method.js';
import { readForm, readUrlEncoded, type Form } from './read-form.js';

/** A call as it came: for whom and with what is not looked at yet. */
export interface EncodedCall {
  readonly method: RpcMethod;
  readonly form: Form;
}

export interface RequestBytes {
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  /** With its `?`, or empty. */
  readonly query: string;
}

/**
 * Which method is called. As in Tornado it may stand in the query too, while everything else stands in the body alone; `clientVO`,
 * `clientSetup` and unknown fields are not read. `rawContent` makes no difference: every method here answers with S_OK or S_ERROR, and of
 * those the original sends JSON then, too.
 *
 * @throws HttpRefusal 400 without a method, 501 for an unknown one: both before anybody is authenticated, as the original does
 */
export async function decodeCall(request: RequestBytes, methods: ReadonlyMap<string, RpcMethod>): Promise<EncodedCall> {
  const form = await readForm(request.body, request.contentType);
  const name = form?.get('method') ?? methodInQuery(request.query);
  if (name === undefined) throw new HttpRefusal(400, form === undefined ? 'the body is no form' : 'the form has no field "method"');
  const method = methods.get(name.trim());
  if (method === undefined) throw new HttpRefusal(501, 'no such method');
  return { method, form: form ?? new Map() };
}

function methodInQuery(query: string): string | undefined {
  try {
    return readUrlEncoded(Buffer.from(query.slice(1), 'latin1')).get('method');
  } catch {
    return undefined;
  }
}

/** `hosts`, a group, or `[DN, group]`; undefined when the caller claims nothing. */
export function decodeExtraCredentials(form: Form): DiracValue | undefined {
  const text = form.get('extraCredentials');
  if (text === undefined || text.trim() === '') return undefined;
  const value = decodeField('extraCredentials', text);
  if (isDiracArray(value) && value.length !== 2) {
    throw new DiracS3Error('invalid-argument', `extraCredentials: a list must be [DN, group], not of ${value.length} items`);
  }
  return value === null || value === '' ? undefined : value;
}

/** The arguments, as many as the method takes. */
export function decodeArguments({ method, form }: EncodedCall): readonly DiracValue[] {
  const value = decodeField('args', form.get('args') ?? '[]');
  if (!isDiracArray(value)) throw new DiracS3Error('invalid-argument', 'args: must be a list');
  const { name, parameters } = method;
  if (value.length !== parameters.length) {
    const wanted = parameters.length === 0 ? 'no arguments' : `${parameters.length} arguments (${parameters.join(', ')})`;
    throw new DiracS3Error('invalid-argument', `args: ${name} takes ${wanted}, not ${value.length}`);
  }
  return value;
}

function decodeField(field: string, text: string): DiracValue {
  try {
    return decodeJson(text);
  } catch (fault) {
    if (fault instanceof DiracS3Error) throw new DiracS3Error(fault.code, `${field}: ${fault.message}`);
    throw fault;
  }
}
