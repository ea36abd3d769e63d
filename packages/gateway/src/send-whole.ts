import type { ServerResponse } from 'node:http';

/** From so many bytes on an answer is sent in two steps; a socket holds more than that before it asks to wait. */
const large = 8192;

/**
 * Ends a response with a whole body; status and headers but the length are set. The last byte of a large one waits until the others have
 * left: a fast client would otherwise send its next request while the socket still asks to wait, for which Node pauses its parser, and over
 * TLS what has been decrypted already then ends the connection (`HPE_PAUSED`, Node 20).
 */
export function sendWhole(response: ServerResponse, body: Buffer): void {
  response.setHeader('Content-Length', body.length);
  if (body.length < large) {
    response.end(body);
    return;
  }
  const end = (): unknown => response.end(body.subarray(-1));
  if (response.write(body.subarray(0, -1))) end();
  else response.once('drain', end);
}
