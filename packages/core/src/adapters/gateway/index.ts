export { createGatewayClient, type GatewayClient, type OfferedStorageElement, type Whoami } from './gateway-client.js';
export type { GatewayCredential, RestClientOptions } from './rest-client.js';
