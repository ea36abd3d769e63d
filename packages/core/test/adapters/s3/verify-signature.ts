import { createHash, createHmac } from 'node:crypto';

/**
 * SigV4 of a presigned request as a store checks it, from AWS's description of the algorithm and nothing of ours: the
 * raw path as sent, the parameters re-encoded and sorted, the headers named in X-Amz-SignedHeaders.
 */
export function verifies(
  { method, url, headers }: { method: string; url: string; headers: Record<string, string> },
  secret: string,
): boolean {
  const [, host = '', path = '', query = ''] = /^https?:\/\/([^/]+)([^?]*)\?(.*)$/.exec(url) ?? [];
  const parameters = query.split('&').map((pair) => pair.split('=').map(decodeURIComponent) as [string, string]);
  const value = (name: string): string => parameters.find(([one]) => one === name)?.[1] ?? '';
  const sent: Record<string, string> = { ...headers, host };
  const signed = value('X-Amz-SignedHeaders').split(';');
  if (signed.some((name) => sent[name] === undefined)) return false;
  const canonical = [
    method,
    path,
    parameters
      .filter(([name]) => name !== 'X-Amz-Signature')
      .map(([name, text]) => [rfc3986(name), rfc3986(text)] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map((pair) => pair.join('='))
      .join('&'),
    ...signed.map((name) => `${name}:${sent[name]!.trim().replace(/ +/g, ' ')}`),
    '',
    signed.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const scope = value('X-Amz-Credential').split('/').slice(1);
  const text = ['AWS4-HMAC-SHA256', value('X-Amz-Date'), scope.join('/'), createHash('sha256').update(canonical).digest('hex')].join('\n');
  let key = Buffer.from(`AWS4${secret}`);
  for (const part of [...scope, text]) key = createHmac('sha256', key).update(part).digest();
  return key.toString('hex') === value('X-Amz-Signature');
}

function rfc3986(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) =>
      /[A-Za-z0-9\-._~]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
}
