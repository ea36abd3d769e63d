import { createIdentity, DiracS3Error, type Identity } from '@dirac-s3/core';
import type { Registry } from '@dirac-s3/core/config';
import { UsageError } from './exit-codes.js';

/**
 * The user of a catalog that is a local file. He says himself who he is (`--as user:group` or `DIRAC_S3_IDENTITY`): whoever can write the
 * file could write anything into it, so there is nothing to prove. The Registry still decides what that user and group are.
 */
export function localIdentity(named: string | undefined, registry: Registry): Identity {
  if (named === undefined || named === '') {
    throw new DiracS3Error(
      'unauthenticated',
      'the SQLite catalog needs to know whose files are meant: --as user:group, or DIRAC_S3_IDENTITY',
    );
  }
  const [username = '', groupName = '', ...rest] = named.split(':');
  if (username === '' || groupName === '' || rest.length > 0) throw new UsageError(`"${named}" is not of the form user:group`);
  const group = registry.groups.get(groupName);
  if (group === undefined) throw new DiracS3Error('unauthenticated', `/Registry/Groups has no group "${groupName}"`);
  if (!registry.users.has(username) || !group.users.includes(username)) {
    throw new DiracS3Error('unauthenticated', `the Registry has no user "${username}" in the group "${groupName}"`);
  }
  if (registry.users.get(username)?.suspendedVos.includes(group.vo)) {
    throw new DiracS3Error('unauthenticated', `"${username}" is suspended in the VO "${group.vo}"`);
  }
  return createIdentity({ username, group: groupName, vo: group.vo, properties: group.properties, source: 'local' });
}
