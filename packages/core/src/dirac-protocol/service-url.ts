import { isIP } from 'node:net';
import { DiracS3Error } from '../errors/index.js';

/** One address of a DIRAC service. */
export interface ServiceUrl {
  readonly scheme: 'https' | 'dips';
  /** Name or address, an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** `DataManagement/FileCatalog`: the path on HTTPS, the name in the handshake of DISET. */
  readonly service: string;
}

/**
 * Reads a URL as DIRAC's `PathFinder.checkServiceURL` does: without a path it is the service's own, https without a port means 443, dips
 * without one is a fault. Plain `http` and `dip` are refused: nobody would know who asks or answers.
 *
 * @throws invalid-configuration
 */
export function parseServiceUrl(text: string, service: string): ServiceUrl {
  const refuse = (fault: string): DiracS3Error => new DiracS3Error('invalid-configuration', `the URL of ${service} ${fault}`);
  const match = /^([a-z]+):\/\/(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?(?:\/([A-Za-z0-9_/-]*))?$/.exec(text);
  if (match === null) throw refuse('is not of the form https://host[:port]/System/Service or dips://host:port/System/Service');
  const [, scheme, address, name, port, path = ''] = match;
  if (scheme !== 'https' && scheme !== 'dips') throw refuse(`is a ${scheme ?? ''}:// URL: https and dips are spoken here`);
  if (address !== undefined && isIP(address) !== 6) throw refuse('holds something in brackets that is no IPv6 address');
  if (port === undefined && scheme === 'dips') throw refuse('has no port, which dips needs');
  const number = Number(port ?? 443);
  if (number < 1 || number > 65_535) throw refuse('has a port that does not exist');
  const named = path.replace(/\/+$/, '');
  return { scheme, host: address ?? name ?? '', port: number, service: named === '' ? service : named };
}

export function textOf({ scheme, host, port, service }: ServiceUrl): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/${service}`;
}
