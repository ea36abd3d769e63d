import { parseLfn, type Identity, type Lfn } from '../../src/domain/index.js';
import { identityOf } from '../../src/testing/index.js';
import type { Entry } from './database.js';

/** Groups of the site; two of them share a VOMS role. */
export const groups: Readonly<Record<string, { users: string[]; properties?: string[]; vomsRole?: string }>> = {
  vo_user: { users: ['alice', 'bob'], vomsRole: '/vo' },
  vo_prod: { users: ['alice'], vomsRole: '/vo/Role=production' },
  vo_data: { users: ['erin'], vomsRole: '/vo/Role=production' },
  vo_guest: { users: ['frank'] },
  vo_admin: { users: ['carol'], properties: ['NormalUser', 'FileCatalogManagement'] },
};

export const vomsRoleOf = (group: string): string | undefined => groups[group]?.vomsRole;

/** Every member of every group. */
export const callers: readonly Identity[] = Object.entries(groups).flatMap(([group, { users, properties = ['NormalUser'] }]) =>
  users.map((user) => identityOf(user, { group, properties })),
);

const owners = ['alice', 'bob', 'dave', 'erin', 'frank', 'carol', 'left-long-ago'];
const ownerGroups = [...Object.keys(groups), 'dissolved'];
const modes = [0o775, 0o755, 0o700, 0o070, 0o007, 0o077, 0o577, 0o733, 0o644, 0o000, 0o777, 0o750];

/** The same tree in every run: each combination of owner, group and mode turns up somewhere. */
function grow(): { directories: Map<string, Entry>; files: Map<Lfn, Entry & { status: string }> } {
  const directories = new Map<string, Entry>([
    ['/', { owner: 'carol', group: 'vo_admin', mode: 0o755 }],
    ['/vo', { owner: 'carol', group: 'vo_admin', mode: 0o775 }],
  ]);
  const files = new Map<Lfn, Entry & { status: string }>();
  let step = 0;
  const next = (): Entry => {
    step += 1;
    return {
      owner: owners[step % owners.length]!,
      group: ownerGroups[(step * 5 + 1) % ownerGroups.length]!,
      mode: modes[(step * 7) % modes.length]!,
    };
  };
  for (let area = 0; area < 8; area += 1) {
    const top = `/vo/area${area}`;
    directories.set(top, next());
    for (let run = 0; run < 8; run += 1) {
      const directory = `${top}/run${run}`;
      directories.set(directory, next());
      if (run % 4 === 0) directories.set(`${directory}/empty`, next());
      for (const name of ['a.dat', 'B.dat'].slice(0, 1 + (run % 2))) {
        files.set(parseLfn(`${directory}/${name}`), { ...next(), status: run % 5 === 4 ? 'Trash' : 'AprioriGood' });
      }
    }
  }
  return { directories, files };
}

export const tree = grow();

/** Everything that is there, and beside each some that is not: below it, and spelled otherwise. */
export const questions: readonly Lfn[] = [
  ...[...tree.directories.keys()].filter((path) => path !== '/').map(parseLfn),
  ...tree.files.keys(),
  ...[...tree.directories.keys()].filter((path, at) => path !== '/' && at % 5 === 0).map((path) => parseLfn(`${path}/missing/deep/file`)),
  ...[...tree.files.keys()].filter((_lfn, at) => at % 10 === 0).flatMap((lfn) => [parseLfn(`${lfn}.old`), parseLfn(`${lfn}/below`)]),
  ...['/top-file', '/other-vo/file', '/vo/file', '/vo/AREA99/file'].map(parseLfn),
];
