import { ByteReader } from './byte-reader.js';
import { S3Error } from './errors.js';

/** A form of a browser-based upload: the fields before the file, and the file as it comes. What follows the file is ignored. */
export interface PostForm {
  /** Lower-case names. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: AsyncIterable<Buffer>;
}

const fieldsLimit = 20 * 1024;

/** multipart/form-data (RFC 7578), read as a stream. */
export async function readPostForm(contentType: string, body: AsyncIterable<Buffer>): Promise<PostForm> {
  const boundary = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  if (!boundary) throw malformed();
  const delimiter = `\r\n--${boundary[1] ?? boundary[2]}`;
  const reader = new ByteReader(withLeadingLine(body));
  if ((await reader.readUntil(delimiter, fieldsLimit)) === undefined) throw malformed();
  const fields = new Map<string, string>();
  for (let left = fieldsLimit; ;) {
    // Two dashes instead of a line end: the form ended without a file.
    if (((await reader.readUntil('\r\n', 100)) ?? Buffer.from('--')).toString('latin1').startsWith('--')) throw malformed();
    const name = await readPartName(reader);
    if (name === 'file') return { fields, file: fileOf(reader, delimiter) };
    const value = await reader.readUntil(delimiter, left);
    if (value === undefined || fields.has(name)) throw malformed();
    left -= value.length;
    fields.set(name, value.toString('utf8'));
  }
}

/** With what follows it read, too: a connection can be used again only when its request was read to the end. */
async function* fileOf(reader: ByteReader, delimiter: string): AsyncGenerator<Buffer> {
  yield* reader.streamUntil(delimiter, malformed);
  await reader.drain();
}

/** The first boundary may begin the body; every other one follows a line end. */
async function* withLeadingLine(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield Buffer.from('\r\n');
  yield* body;
}

async function readPartName(reader: ByteReader): Promise<string> {
  let name: string | undefined;
  for (;;) {
    const line = (await reader.readUntil('\r\n', 4096))?.toString('utf8');
    if (line === undefined) throw malformed();
    if (line === '') break;
    name ??= /^content-disposition:\s*form-data\s*;.*?\bname="([^"]+)"/i.exec(line)?.[1];
  }
  if (name === undefined) throw malformed();
  return name.toLowerCase();
}

function malformed(): S3Error {
  return new S3Error('MalformedPOSTRequest', 'The body of your POST request is not well-formed multipart/form-data.');
}
