import type { StoreContext } from '../store-context.js';
import { S3Error } from '../errors.js';
import { cannedAcl, refuseUnknownHeaders, type Reply, requireBucket, requireKeyLength, storedHeaders, xmlReply } from '../operation.js';
import { readPostForm } from '../post-form.js';
import { type LengthRange, verifyPostPolicy } from '../post-policy.js';
import { expectationsOf, receiveBody } from '../receive-body.js';
import type { StoreRequest } from '../store-request.js';
import { encodeUri } from '../uri.js';

/** Fields that describe the form, not the object. */
const ofTheForm = /^(?:x-amz-(?:algorithm|credential|date|signature|security-token)|policy|key|bucket|acl|success_action_.*|x-ignore-.*)$/;

/** PostObject. Only the form counts: headers such as x-amz-acl or x-amz-copy-source have no meaning here and no effect. */
export async function postObject(request: StoreRequest, bucket: string, context: StoreContext): Promise<Reply> {
  const { fields, file } = await readPostForm(request.headers.get('content-type') ?? '', request.body);
  const { range } = verifyPostPolicy(fields, bucket, context);
  requireBucket(bucket, context);
  const key = fields.get('key');
  if (key === undefined || key === '') throw new S3Error('InvalidArgument', "Bucket POST must contain a field named 'key'.");
  if (key.includes('${filename}')) throw new S3Error('NotImplemented', 'This store does not fill in ${filename}.');
  requireKeyLength(key, context);
  const acl = cannedAcl(fields.get('acl'), context);
  const described = new Map([...fields].filter(([name]) => !ofTheForm.test(name)));
  refuseUnknownHeaders(described);
  if (described.has('x-amz-acl') || described.has('x-amz-copy-source')) throw new S3Error('NotImplemented', 'A form cannot ask for that.');
  const body = await receiveBody(limited(file, range, context), expectationsOf(described), context);
  const lastModified = context.clock.now().toISOString();
  const record = { key, size: body.size, etag: body.md5, lastModified, acl, headers: storedHeaders(described) };
  context.objects.put(bucket, record, { path: body.path });
  return successReply(fields, { bucket, key, etag: `"${record.etag}"`, origin: `http://${request.headers.get('host') ?? ''}` });
}

/** Stops reading as soon as the file is too long. */
async function* limited(file: AsyncIterable<Buffer>, { smallest, largest }: LengthRange, { checks }: StoreContext): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const bytes of file) {
    size += bytes.length;
    checks.ensure('post-too-large', size <= largest, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size.');
    yield bytes;
  }
  checks.ensure('post-too-small', size >= smallest, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size.');
}

function successReply(
  fields: ReadonlyMap<string, string>,
  { bucket, key, etag, origin }: { bucket: string; key: string; etag: string; origin: string },
): Reply {
  const location = `${origin}/${encodeUri(bucket)}/${encodeUri(key, { keepSlash: true })}`;
  const target = fields.get('success_action_redirect') ?? '';
  if (URL.canParse(target)) {
    const redirect = new URL(target);
    for (const [name, value] of Object.entries({ bucket, key, etag })) redirect.searchParams.set(name, value);
    return { status: 303, headers: { etag, location: redirect.href } };
  }
  const status = fields.get('success_action_status');
  if (status !== '200' && status !== '201') return { status: 204, headers: { etag, location } };
  if (status === '200') return { status: 200, headers: { etag, location } };
  const reply = xmlReply(
    [
      'PostResponse',
      [
        ['Location', location],
        ['Bucket', bucket],
        ['Key', key],
        ['ETag', etag],
      ],
    ],
    201,
  );
  return { ...reply, headers: { ...reply.headers, etag, location } };
}
