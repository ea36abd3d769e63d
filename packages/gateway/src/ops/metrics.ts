import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AuditSink, Metrics } from '@dirac-s3/core/ports';
import { Counter, Histogram, Registry } from 'prom-client';

export interface GatewayMetrics {
  /** Counts questions to a catalog of this type. */
  ofCatalog(catalog: string): Metrics;
  /** Counts decisions on their way to the audit log; what is not recorded is not counted. */
  counting(audit: AuditSink): AuditSink;
  /** Serves `GET /metrics` in the format of Prometheus, to whoever reaches it: it belongs on a listener of its own. */
  readonly listener: RequestListener;
}

/** Numbers of this process since its start. Labels have few values: no name, LFN, user or key is among them. */
export function createMetrics(): GatewayMetrics {
  const registers = [new Registry()];
  const questions = new Counter({
    name: 'dirac_s3_catalog_questions_total',
    help: 'Questions to the File Catalog, by how they ended: ok, or the code of the fault.',
    labelNames: ['catalog', 'question', 'outcome'],
    registers,
  });
  const names = new Counter({
    name: 'dirac_s3_catalog_names_total',
    help: 'LFNs in questions to the File Catalog.',
    labelNames: ['catalog', 'question'],
    registers,
  });
  const seconds = new Histogram({
    name: 'dirac_s3_catalog_question_seconds',
    help: 'Time until the File Catalog answered or failed.',
    labelNames: ['catalog', 'question'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60],
    registers,
  });
  const decisions = new Counter({
    name: 'dirac_s3_presign_decisions_total',
    help: 'Decisions about one LFN each: granted, or the code of the refusal.',
    labelNames: ['method', 'outcome'],
    registers,
  });
  return {
    ofCatalog: (catalog) => ({
      questionAnswered: (sample) => {
        const { question, outcome } = sample;
        questions.inc({ catalog, question, outcome });
        names.inc({ catalog, question }, sample.names);
        seconds.observe({ catalog, question }, sample.seconds);
      },
    }),
    counting: (audit) => ({
      record: async (records) => {
        await audit.record(records);
        for (const { method, outcome } of records) decisions.inc({ method, outcome: outcome.granted ? 'granted' : outcome.code });
      },
    }),
    listener: (request, response) => void answer(registers[0]!, request, response),
  };
}

async function answer(register: Registry, { url, method }: IncomingMessage, response: ServerResponse): Promise<void> {
  const found = url === '/metrics' && (method === 'GET' || method === 'HEAD');
  const body = found ? await register.metrics() : 'GET /metrics is all there is here\n';
  response
    .writeHead(found ? 200 : 404, { 'content-type': found ? register.contentType : 'text/plain', 'cache-control': 'no-store' })
    .end(method === 'HEAD' ? undefined : body);
}
