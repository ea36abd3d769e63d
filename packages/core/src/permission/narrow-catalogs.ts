import {
  BulkResultBuilder,
  isWithin,
  readMethods,
  type Access,
  type BulkResult,
  type LfnDirectory,
  type Restriction,
} from '../domain/index.js';
import { failure, type Failure } from '../errors/index.js';
import type { FileCatalog, FileCatalogs } from '../ports/index.js';

/**
 * Holds callers with a narrowed credential to what it leaves them (`Identity.restrictions`), before the catalog is asked: a token for one
 * directory must not read or change another one by way of the catalog either. Who is not narrowed gets the catalog as it is.
 */
export function narrowCatalogs(catalogs: FileCatalogs): FileCatalogs {
  return {
    catalogFor: (identity) => {
      const catalog = catalogs.catalogFor(identity);
      return identity.restrictions === undefined ? catalog : narrowed(catalog, identity.restrictions);
    },
  };
}

/** The refusal of a name outside of what a credential leaves. */
export function outsideCredential(name: string, access: Access): Failure {
  return failure('permission-denied', `${name}: the credential of the caller does not extend to ${access} access here`);
}

function narrowed(catalog: FileCatalog, restrictions: readonly Restriction[]): FileCatalog {
  const held =
    <Item, Name extends LfnDirectory, Value>(access: Access, nameOf: (item: Item) => Name, ask: Ask<Item, Name, Value>) =>
    (items: readonly Item[]) =>
      askWithin(items, {
        nameOf,
        ask,
        isLeft: (name) => isWithin(restrictions, access, name),
        outside: (name) => outsideCredential(name, access),
      });
  const self = <Name>(name: Name): Name => name;
  const lfnOf = <Lfn>({ lfn }: { readonly lfn: Lfn }): Lfn => lfn;
  return {
    addFiles: held('write', lfnOf, (files) => catalog.addFiles(files)),
    addReplicas: held('write', lfnOf, (replicas) => catalog.addReplicas(replicas)),
    createDirectories: held('write', self, (directories) => catalog.createDirectories(directories)),
    removeDirectories: held('remove', self, (directories) => catalog.removeDirectories(directories)),
    removeFiles: held('remove', self, (lfns) => catalog.removeFiles(lfns)),
    removeReplicas: held('remove', lfnOf, (replicas) => catalog.removeReplicas(replicas)),
    getReplicas: held('read', self, (lfns) => catalog.getReplicas(lfns)),
    getFileMetadata: held('read', self, (lfns) => catalog.getFileMetadata(lfns)),
    getDirectoryMetadata: held('read', self, (directories) => catalog.getDirectoryMetadata(directories)),
    exists: held('read', self, (lfns) => catalog.exists(lfns)),
    listDirectory: held('read', self, (directories) => catalog.listDirectory(directories)),
    changePaths: (paths, change, options) =>
      held('remove', self, (left: typeof paths) => catalog.changePaths(left, change, options))(paths),
    findByGuid: async (guids) => new Map([...(await catalog.findByGuid(guids))].filter(([, lfn]) => isWithin(restrictions, 'read', lfn))),
    hasAccess: (method, lfns) =>
      askWithin(lfns, {
        nameOf: self,
        ask: (left) => catalog.hasAccess(method, left),
        isLeft: (lfn) => isWithin(restrictions, accessOf(method), lfn),
        outside: () => false,
      }),
  };
}

type Ask<Item, Name extends string, Value> = (items: readonly Item[]) => Promise<BulkResult<Value, Name>>;

/** Asks about the names that are left, answers for the others itself, and keeps the order of the question. */
async function askWithin<Item, Name extends string, Value>(
  items: readonly Item[],
  how: {
    readonly nameOf: (item: Item) => Name;
    readonly ask: Ask<Item, Name, Value>;
    readonly isLeft: (name: Name) => boolean;
    readonly outside: (name: Name) => Failure | (Value & boolean);
  },
): Promise<BulkResult<Value, Name>> {
  const left = items.filter((item) => how.isLeft(how.nameOf(item)));
  const builder = new BulkResultBuilder<Value, Name>(items.map(how.nameOf));
  for (const name of items.map(how.nameOf).filter((asked) => !how.isLeft(asked))) {
    const outcome = how.outside(name);
    if (typeof outcome === 'object') builder.fail(name, outcome);
    else builder.succeed(name, outcome);
  }
  if (left.length > 0) {
    const { successful, failed } = await how.ask(left);
    for (const [name, value] of successful) builder.succeed(name, value);
    for (const [name, fault] of failed) builder.fail(name, fault);
  }
  return builder.build();
}

const adding: readonly string[] = ['addFile', 'addReplica', 'createDirectory', 'addFileAncestors'];

/** What adds needs the right to write; whatever else is no reading changes what is there, and needs the right to remove. */
function accessOf(method: string): Access {
  if ((readMethods as readonly string[]).includes(method)) return 'read';
  return adding.includes(method) ? 'write' : 'remove';
}
