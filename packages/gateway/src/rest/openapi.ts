import { problemSchema, restPrefix } from '@dirac-s3/core/rest-api';
import { z } from 'zod';
import type { Operation } from './operation.js';
import { problemMediaType } from './problem.js';

type Json = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string; readonly license: Json };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly responses: Json; readonly securitySchemes: Json };
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly security: readonly Json[];
  readonly requestBody?: { readonly required: true; readonly content: Json };
  readonly responses: Readonly<Record<string, Json>>;
}

/** OpenAPI 3.1 description (its schemas are JSON Schema 2020-12, which zod writes) of the operations. */
export function createOpenApiDocument(operations: readonly Operation[], version: string): OpenApiDocument {
  const schemas = new SchemaCollector();
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = describe(operation, schemas);
  const problem = {
    description: 'A refusal or fault (RFC 9457)',
    content: { [problemMediaType]: { schema: schemas.refer(problemSchema, 'output') } },
  };
  return {
    openapi: '3.1.0',
    info: {
      title: 'DIRAC S3Gateway',
      version,
      description: 'Asks the File Catalog what the caller may do, then answers with presigned URLs. Many LFNs per request.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: restPrefix }],
    paths,
    components: {
      schemas: schemas.collected,
      responses: { Problem: problem },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function describe(operation: Operation, schemas: SchemaCollector): OpenApiOperation {
  const { id, tag, summary, description, guard, body, answer } = operation;
  const content =
    answer === 'html'
      ? { 'text/html': { schema: { type: 'string' } } }
      : { 'application/json': { schema: schemas.refer(answer, 'output') } };
  return {
    operationId: id,
    tags: [tag],
    summary,
    description,
    security: guard === 'public' ? [] : [{ bearer: [] }],
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: schemas.refer(body, 'input') } } } }),
    responses: {
      200: { description: 'Done; faults of single LFNs stand in the answer', content },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

/** Moves the named parts of every schema to `components`, where all operations share them. */
class SchemaCollector {
  readonly collected: Record<string, Json> = {};

  refer(schema: z.ZodType, io: 'input' | 'output'): unknown {
    const { $defs = {}, ...root } = z.toJSONSchema(schema, { io });
    delete root.$schema;
    for (const [name, definition] of Object.entries($defs)) this.#add(name, moveReferences(definition) as Json);
    return moveReferences(root);
  }

  #add(name: string, definition: Json): void {
    const known = this.collected[name];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(definition)) {
      throw new Error(`two different schemas are called "${name}"`);
    }
    this.collected[name] = definition;
  }
}

function moveReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moveReferences);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [
      name,
      name === '$ref' && typeof entry === 'string' ? entry.replace('#/$defs/', '#/components/schemas/') : moveReferences(entry),
    ]),
  );
}
