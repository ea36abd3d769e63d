#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { inspect } from 'node:util';
import { DiracS3Error, redact } from '@dirac-s3/core';
import type { Logger } from '@dirac-s3/core/ports';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { composeGateway, type ComposedGateway } from './compose.js';
import { watchGatewayConfiguration } from './compose-configuration.js';
import { createLog, type Log } from './ops/log.js';
import { reportWarnings } from './ops/start-report.js';
import { startServer, type ListenSettings, type RunningServer } from './server.js';

const program = 'dirac-s3-gateway';
const exitCodes = { fault: 1, configuration: 2 } as const;
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

interface Arguments {
  readonly option: readonly string[];
  readonly cfg: readonly string[];
  readonly check: boolean;
}

function parseArguments(args: readonly string[]): Arguments {
  return yargs([...args])
    .scriptName(program)
    .usage('$0 [--cfg FILE]... [-o path=value]...\n\nAsks the File Catalog what a user may do, then answers with presigned URLs.')
    .option('cfg', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [],
      describe: 'Configuration file, above the usual ones; may be repeated',
    })
    .option('option', {
      alias: 'o',
      type: 'string',
      array: true,
      nargs: 1,
      default: [],
      describe: 'One option, above all files: path=value',
    })
    .option('check', {
      type: 'boolean',
      default: false,
      describe: 'Check the configuration, ask each store for its bucket, say what is wrong, and end',
    })
    .example('$0 --cfg gateway.cfg', 'Serve with the options of this file')
    .example('$0 -o /Systems/DataManagement/Services/S3Gateway/Port=9199', 'Listen on another port')
    .example('$0 --cfg gateway.cfg --check', 'Is this configuration usable, and do the stores know us?')
    .epilogue('Ends with 0 when stopped by SIGTERM or SIGINT, 1 on a fault, 2 when arguments or configuration are wrong.')
    .version(version)
    .wrap(110)
    .strict()
    .fail((message: string | null, error: Error | undefined) => {
      throw new DiracS3Error('invalid-configuration', `${message ?? error?.message ?? 'wrong arguments'} (see ${program} --help)`);
    })
    .parseSync();
}

async function main(args: readonly string[]): Promise<void> {
  const { option, cfg, check } = parseArguments(args);
  const clock = { now: () => new Date() };
  const { env } = process;
  const userId = process.getuid?.();
  let log: Log | undefined;
  const watch = await watchGatewayConfiguration({
    options: option,
    cfgFiles: cfg,
    env,
    home: homedir(),
    userId,
    clock,
    logger: () => log?.logger,
  });
  try {
    const { configuration, warnings } = watch.current();
    log = createLog({ level: configuration.gateway.logLevel });
    const { logger } = log;
    reportWarnings(logger, warnings);
    const gateway = await composeGateway({ configuration, configurationState: () => watch.state(), log, version, clock, env, userId });
    watch.onChange(async (changed) => {
      await gateway.reconfigure(changed.configuration);
      reportWarnings(logger, changed.warnings);
    });
    try {
      if (!(await gateway.compareCatalogs()))
        throw new DiracS3Error(
          'invalid-configuration',
          'the database of the File Catalog and its service give different answers (see above)',
        );
      if (check) await checkAll(gateway, log);
      else await serve(gateway, configuration.gateway, logger);
    } finally {
      gateway.close();
    }
  } finally {
    watch.close();
  }
}

/** The configuration was read without a fault; now the stores have a say. */
async function checkAll(gateway: ComposedGateway, { logger, warnings }: Log): Promise<void> {
  if (!(await gateway.probeStorageElements())) throw new DiracS3Error('storage-unavailable', 'not every StorageElement can be used');
  logger.info({ warnings: warnings() }, 'configuration is usable');
}

type Listening = NonNullable<ComposedGateway['probe']>;

async function serve({ app, probe, metrics }: ComposedGateway, settings: ListenSettings, logger: Logger): Promise<void> {
  const stopping = stopSignal();
  const certificateReport = {
    onHostCertificate: (fault: string | undefined) =>
      fault === undefined
        ? logger.info({}, 'another host certificate is served')
        : logger.error({ fault }, 'the host certificate changed and cannot be used'),
  };
  const running: RunningServer[] = [];
  const start = async ({ listener, settings: where }: Listening): Promise<RunningServer> => {
    const server = await startServer(listener, where, certificateReport);
    running.unshift(server);
    return server;
  };
  try {
    // First, for the gateway hands out links to it.
    if (probe) logger.info({ url: (await start(probe)).url }, 'probe listener');
    if (metrics) logger.info({ url: `${(await start(metrics)).url}/metrics` }, 'metrics');
    logger.info({ url: (await start({ listener: app, settings })).url, version }, 'listening');
    logger.info({ signal: await stopping }, 'stopping: running requests are finished');
  } catch (fault) {
    await Promise.all(running.map((server) => server.stop()));
    throw fault;
  }
  const [outcome] = await Promise.all(running.map((server) => server.stop()));
  logger.info({ outcome }, 'stopped');
}

/** Resolves at the first SIGTERM or SIGINT; the second one ends the process at once. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    for (const [signal, code] of [
      ['SIGTERM', 143],
      ['SIGINT', 130],
    ] as const) {
      process.on(signal, () => {
        if (asked) process.exit(code);
        asked = true;
        resolve(signal);
      });
    }
  });
}

try {
  await main(hideBin(process.argv));
} catch (fault) {
  const ours = fault instanceof DiracS3Error;
  process.stderr.write(`${program}: ${ours ? fault.message : redact(`internal error: ${inspect(fault)}`)}\n`);
  process.exitCode = ours && fault.code === 'invalid-configuration' ? exitCodes.configuration : exitCodes.fault;
}
