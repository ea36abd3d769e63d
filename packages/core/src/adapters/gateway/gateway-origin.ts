import { DiracS3Error } from '../../errors/index.js';

/**
 * The origin of a configured gateway. Plain http is accepted to this very machine only: elsewhere the token would travel in the clear.
 *
 * @throws invalid-configuration
 */
export function gatewayOrigin(text: string): string {
  const refuse = (fault: string): never => {
    throw new DiracS3Error('invalid-configuration', `/Systems/DataManagement/URLs/S3Gateway: ${fault}`);
  };
  if (!URL.canParse(text)) return refuse(`${JSON.stringify(text)} is not a URL`);
  const { protocol, hostname, origin, username, password } = new URL(text);
  if (username !== '' || password !== '') return refuse('a URL with a user or password is not accepted');
  if (protocol === 'https:') return origin;
  if (protocol !== 'http:') return refuse(`${JSON.stringify(text)} must be an https URL`);
  const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
  return loopback ? origin : refuse(`${JSON.stringify(text)} is plain http to another machine: the token would travel in the clear`);
}
