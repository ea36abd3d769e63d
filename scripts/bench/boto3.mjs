// @ts-check
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pythonWithBoto3 } from '../python.mjs';
import { endpoint } from './presign-contenders.mjs';

/** Reads "url 1000" and answers with the seconds it took; warm and in one process, as the others are. */
const program = `
import sys, time, boto3
from botocore.config import Config
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
                  aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                  config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
print(boto3.__version__, flush=True)
for line in sys.stdin:
    what, count = line.split()
    keys = [f"vo/user/a/alice/run {i}/data.bin" for i in range(int(count))]
    start = time.perf_counter()
    for key in keys:
        if what == "url":
            s3.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": key}, ExpiresIn=3600)
        else:
            s3.generate_presigned_post("bucket", key, Conditions=[["content-length-range", 0, 5368709120]], ExpiresIn=3600)
    print(time.perf_counter() - start, flush=True)
`;

/**
 * boto3 in a Python of its own (see {@link pythonWithBoto3}), or the reason why there is none.
 *
 * @returns {Promise<string | { time: (what: 'url' | 'post', count: number) => Promise<number>, stop: () => void }>}
 */
export async function startBoto3() {
  let python;
  try {
    python = pythonWithBoto3();
  } catch (thrown) {
    return thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown);
  }
  const child = spawn(python, ['-c', program, endpoint], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the Python process ended');
    return value;
  };
  console.log(`boto3 ${await next()}`);
  return {
    time: async (what, count) => {
      child.stdin.write(`${what} ${count}\n`);
      return Number(await next());
    },
    stop: () => child.stdin.end(),
  };
}
