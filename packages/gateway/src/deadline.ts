import { DiracS3Error } from '@dirac-s3/core';

/** The outcome of some work, or `timeout` when it takes too long; the work itself is not stopped. */
export async function withDeadline<Answer>(work: Promise<Answer>, seconds: number): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DiracS3Error('timeout', `no answer within ${seconds} seconds`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
