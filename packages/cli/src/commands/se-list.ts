import { failureOf, originOf, type Failure, type StorageElement } from '@dirac-s3/core';
import type { Command } from '../command.js';
import { plainResult } from '../output/result.js';
import { formatTable } from '../output/table.js';
import type { OfferedElement, Session } from '../session.js';

/** A StorageElement, and the way to it from here. */
type Seen = OfferedElement & { readonly access: 'direct' | 'via-gateway' | 'not-offered' | 'not-configured' };

export const seList: Command = {
  positionals: [],
  options: {},
  examples: [
    ['', 'Which StorageElements can be used, and how'],
    ['--verbose', 'Also what is wrong with the configuration of others'],
  ],
  notes:
    'Access is "direct" where the credentials of the StorageElement are in the configuration of this machine, else "via-gateway"; ' +
    '"not-offered" is one the gateway cannot sign for, "not-configured" one it offers that is missing in the configuration here.',
  readOnly: true,
  run: async ({ openSession }) => {
    const session = await openSession();
    const { offered, fault } = await askGateway(session);
    const elements = merge(session.storageElements(), offered);
    const header = ['StorageElement', 'Access', 'Endpoint', 'Bucket', 'Read', 'Write', 'Remove', 'Check'];
    const result = plainResult(formatTable(header, elements.map(rowOf)), { storageElements: elements, ...(fault && { gateway: fault }) });
    return fault === undefined ? result : { ...result, failures: new Map([['gateway', fault]]), succeeded: 0 };
  },
};

/** A gateway that does not answer leaves what the configuration alone can tell; where all is direct it is not needed at all. */
async function askGateway(
  session: Session,
): Promise<{ readonly offered: readonly OfferedElement[] | undefined; readonly fault?: Failure }> {
  const own = session.storageElements();
  if (own.length > 0 && own.every(({ access }) => access === 'direct')) return { offered: undefined };
  try {
    return { offered: await session.offered() };
  } catch (thrown) {
    return { offered: undefined, fault: failureOf(thrown) };
  }
}

/** What is configured, in its order, then what only the gateway knows. */
function merge(own: readonly StorageElement[], offered: readonly OfferedElement[] | undefined): Seen[] {
  const byName = new Map(offered?.map((element) => [element.name, element]));
  const seen = own.map((element): Seen => {
    const { name, bucket, vos, status } = element;
    const access = element.access === 'via-gateway' && offered !== undefined && !byName.has(name) ? 'not-offered' : element.access;
    return { name, access, endpoint: byName.get(name)?.endpoint ?? originOf(element.endpoint), bucket, status, vos };
  });
  const known = new Set(own.map(({ name }) => name));
  const others = [...byName.values()].filter(({ name }) => !known.has(name));
  return [
    ...seen,
    ...others.map(({ name, endpoint, bucket, status, vos }): Seen => ({ name, access: 'not-configured', endpoint, bucket, status, vos })),
  ];
}

function rowOf({ name, access, endpoint, bucket, status }: Seen): string[] {
  return [name, access, endpoint, bucket, status.Read, status.Write, status.Remove, status.Check];
}
