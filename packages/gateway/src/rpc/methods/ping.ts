import { loadavg, uptime } from 'node:os';
import { diracObject, sOk } from '@dirac-s3/core/dirac-protocol';
import type { RpcMethod } from '../method.js';

/** What every DIRAC service says of itself (`TornadoService.export_ping`). */
export const ping: RpcMethod = {
  name: 'ping',
  parameters: [],
  run: ({ service }) => {
    const seconds = process.uptime();
    return sOk(
      diracObject([
        ['version', service.version],
        ['time', service.now],
        ['host uptime', Math.floor(uptime())],
        ['service start time', new Date(service.now.getTime() - seconds * 1000)],
        ['service uptime', Math.floor(seconds)],
        [
          'load',
          loadavg()
            .map((load) => load.toFixed(2))
            .join(' '),
        ],
        ['name', service.name],
        ['cpu times', cpuTimes(seconds)],
      ]),
    );
  },
};

/** Python's `os.times()`, in seconds. */
function cpuTimes(elapsed: number) {
  const { user, system } = process.cpuUsage();
  return diracObject([
    ['user time', user / 1e6],
    ['system time', system / 1e6],
    ['children user time', 0],
    ['children system time', 0],
    ['elapsed real time', elapsed],
  ]);
}
