import { createHash } from 'node:crypto';
import { errorTable } from '@dirac-s3/core';
import type { OpenApiDocument, OpenApiOperation } from './openapi.js';

const style = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1b1f24; background: #fff; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #d0d7de; }
details { border: 1px solid #d0d7de; border-radius: 6px; margin: .5rem 0; padding: .5rem 1rem; }
summary { cursor: pointer; } summary b { display: inline-block; min-width: 3.5rem; }
pre { background: #f6f8fa; padding: .75rem; overflow-x: auto; font-size: 13px; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; }
.note { color: #57606a; float: right; }
@media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117; } pre { background: #161b22; } a { color: #58a6ff; } }
`;

/** The page's own style is allowed by its hash, and nothing else at all: no script, no image, no request elsewhere. */
export const docsPagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The OpenAPI document as one page to browse: operations by tag, schemas, errors. */
export function renderDocsPage(document: OpenApiDocument): string {
  const prefix = document.servers[0]?.url ?? '';
  const entries = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path: prefix + path, method, operation })),
  );
  const tags = [...new Set(entries.flatMap(({ operation }) => operation.tags))];
  const title = escape(document.info.title);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style></head>
<body><h1>${title} ${escape(document.info.version)}</h1>
<p>${escape(document.info.description)} Machine-readable: <a href="openapi.json">openapi.json</a> (OpenAPI ${document.openapi}).</p>
${tags
  .map((tag) => {
    const shown = entries.filter(({ operation }) => operation.tags.includes(tag));
    return `<h2>${escape(tag)}</h2>\n${shown.map(renderOperation).join('\n')}`;
  })
  .join('\n')}
<h2>schemas</h2>
${Object.entries(document.components.schemas)
  .map(([name, schema]) => `<details id="${escape(name)}"><summary>${escape(name)}</summary>${code(schema)}</details>`)
  .join('\n')}
<h2>errors</h2>
${renderErrors()}
</body></html>
`;
}

function renderOperation({ path, method, operation }: { path: string; method: string; operation: OpenApiOperation }): string {
  const access = operation.security.length === 0 ? 'open to everybody' : 'needs a token';
  const body = operation.requestBody === undefined ? '' : `<h4>Body</h4>${code(operation.requestBody.content)}`;
  return `<details id="${escape(operation.operationId)}"><summary><b>${escape(method.toUpperCase())}</b> <code>${escape(path)}</code> — ${escape(operation.summary)} <span class="note">${access}</span></summary>
<p>${escape(operation.description)}</p>${body}<h4>Answers</h4>${code(operation.responses)}</details>`;
}

function renderErrors(): string {
  const rows = Object.entries(errorTable).map(
    ([name, kind]) =>
      `<tr><td><code>${name}</code></td><td>${kind.httpStatus}</td><td>${kind.errno}</td><td>${escape(kind.title)}. ${escape(kind.remedy)}</td></tr>`,
  );
  return `<table><tr><th>code</th><th>HTTP</th><th>errno</th><th>meaning</th></tr>\n${rows.join('\n')}\n</table>`;
}

/** A part of the document as indented JSON; references to schemas become links within the page. */
function code(part: unknown): string {
  const text = escape(JSON.stringify(part, undefined, 2));
  return `<pre>${text.replace(/#\/components\/schemas\/([A-Za-z]+)/g, '<a href="#$1">$1</a>')}</pre>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
