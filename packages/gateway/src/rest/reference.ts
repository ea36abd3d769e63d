import { restPrefix } from '@dirac-s3/core/rest-api';
import { z } from 'zod';
import type { Operation } from './operation.js';
import { operations } from './operations/index.js';

/** `docs/reference/rest.md`: the endpoints, from the same list the router is made of. */
export function renderRestReference(): string {
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  return `# REST interface of the gateway

<!-- Generated from packages/gateway/src/rest/operations by \`npm run docs:generate\`. -->

Everything below \`${restPrefix}\`. The gateway itself describes the bodies in full: \`${restPrefix}/openapi.json\` (OpenAPI 3.1), and
\`${restPrefix}/docs\` as a page to read.

- **Bulk only.** A request names many LFNs and the answer holds each of them once, in \`successful\` or in \`failed\`, in the order asked. One LFN is a
  list of one. An entry of \`failed\` carries \`lfn\`, \`code\`, \`errno\` and \`message\`; the HTTP status is 200 all the same.
- **Errors of the whole request** are [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problems (\`application/problem+json\`) with \`code\`, \`errno\` and
  \`requestId\` beside the standard members. The codes are listed in the [error reference](errors.md).
- **Authentication**: \`Authorization: Bearer <token>\`, a JSON Web Token of a configured issuer. Otherwise 401.
- **Strict bodies**: \`Content-Type: application/json\`, UTF-8, no unknown fields; the message names the field and its fault.
- **\`X-Request-Id\`** (letters, digits, \`_\`, \`-\`; at most 64) is taken over, or made, and stands in the answer and in every log line.
- **Never a redirect**, and no answer may be stored (\`Cache-Control: no-store\`).

${tags.map((tag) => renderTag(tag)).join('\n')}`;
}

function renderTag(tag: Operation['tag']): string {
  return `## ${tag}\n\n${operations
    .filter((operation) => operation.tag === tag)
    .map(renderOperation)
    .join('\n')}`;
}

function renderOperation({ method, path, summary, description, guard, body, answer }: Operation): string {
  const lines = [
    `### ${method.toUpperCase()} ${restPrefix}${path}`,
    '',
    `${summary}. ${description}`,
    '',
    `- Caller: ${guard === 'public' ? 'anybody' : 'authenticated'}`,
    ...(body ? [`- Body: ${fieldsOf(body)}`] : []),
    `- Answer: ${answer === 'html' ? 'an HTML page' : fieldsOf(answer)}`,
    '',
  ];
  return lines.join('\n');
}

/** The fields of an object schema in one line: name, `?` when it may be left out. */
function fieldsOf(schema: z.ZodType): string {
  if (!(schema instanceof z.ZodObject)) return 'JSON';
  return Object.entries(schema.shape as Record<string, z.ZodType>)
    .map(([name, field]) => `\`${name}${field instanceof z.ZodOptional ? '?' : ''}\`${itemFields(field)}`)
    .join(', ');
}

function itemFields(field: z.ZodType): string {
  if (!(field instanceof z.ZodArray)) return '';
  const item = field.element as z.ZodType;
  if (item instanceof z.ZodObject) return ` (each: ${fieldsOf(item)})`;
  if (item instanceof z.ZodUnion) return ` (each: ${(item.options as z.ZodType[]).map(fieldsOf).join(' or ')})`;
  return '';
}
