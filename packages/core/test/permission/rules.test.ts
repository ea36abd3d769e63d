import { describe, expect, it } from '@jest/globals';
import { parseLfn, parseLfnDirectory } from '../../src/domain/index.js';
import { decide, decideAll, factPathsFor, verdictFor, type PermissionFacts, type PermissionRules } from '../../src/permission/index.js';
import { letter, letters, vectorCaller, vectorFacts, vectorRules } from './vectors.js';

const root = parseLfnDirectory('/');
const alice = (method: string, more: { group?: string; properties?: string[] } = {}) => ({
  username: 'alice',
  group: 'users',
  properties: [],
  method,
  ...more,
});

function one(path: string, entry: { owner: string | null; group: string | null; mode: number | null }, status?: string): PermissionFacts {
  return status === undefined
    ? { directories: new Map([[path, entry]]), files: new Map() }
    : { directories: new Map(), files: new Map([[path, { ...entry, status }]]) };
}

function answer(rules: PermissionRules, facts: PermissionFacts, method: string, path: string): string {
  return letter(decide(rules, facts, alice(method), parseLfnDirectory(path)));
}

describe('the policy openRoot', () => {
  const closed = vectorRules('FullSecurityManager', { openRoot: 'never' });
  const asDirac = vectorRules('FullSecurityManager');

  it.each(['changePathOwner', 'createDirectory', 'listDirectory', 'removeDirectory', 'Read', 'Write', 'Execute'])(
    'never grants / under FullSecurityManager: %s',
    (method) => {
      expect(answer(asDirac, vectorFacts, method, '/')).toBe('Y');
      expect(answer(closed, vectorFacts, method, '/')).toBe('N');
      expect(answer(closed, one('/', { owner: 'alice', group: 'users', mode: 0o777 }), method, '/')).toBe('N');
    },
  );

  it('changes nothing but /', () => {
    for (const method of ['addFile', 'getFileMetadata', 'removeFile']) {
      const caller = vectorCaller('usr1', 'grp_user', method);
      expect(letters(closed, caller).slice(1)).toEqual(letters(asDirac, caller).slice(1));
    }
  });

  it('leaves / to administrators, and its listing to everybody where everybody may read', () => {
    expect(decide(closed, vectorFacts, alice('changePathMode', { properties: ['FileCatalogManagement'] }), root)).toEqual({
      allowed: true,
    });
    expect(answer({ ...closed, globalReadAccess: true }, vectorFacts, 'listDirectory', '/')).toBe('Y');
    expect(answer({ ...closed, globalReadAccess: true }, vectorFacts, 'createDirectory', '/')).toBe('N');
  });
});

describe('administrators', () => {
  it('are known by the property FileCatalogManagement alone, never by a name or another property', () => {
    const rules = vectorRules('VOMSSecurityManager');
    const others = ['ServiceAdministrator', 'CSAdministrator', 'TrustedHost', 'filecatalogmanagement', 'FileCatalogManagement '];
    const ask = (username: string, group: string, properties: string[]) =>
      letter(decide(rules, vectorFacts, { username, group, properties, method: 'changePathOwner' }, root));
    expect(ask('alice', 'users', ['FileCatalogManagement'])).toBe('Y');
    expect(ask('admin', 'grp_admin', others)).toBe('N');
    expect(ask('root', 'root', [])).toBe('N');
  });
});

describe('an unanswered path', () => {
  it('is refused with a reason', () => {
    const answers = new Map([[parseLfn('/a'), { allowed: true } as const]]);
    expect(verdictFor(answers, parseLfn('/a'))).toEqual({ allowed: true });
    expect(verdictFor(answers, parseLfn('/b'))).toEqual({ allowed: false, reason: 'the catalog did not answer for this name' });
  });
});

describe('incomplete facts', () => {
  const directory = vectorRules('DirectorySecurityManager');
  const full = vectorRules('FullSecurityManager');

  it.each(['Read', 'Write', 'Execute'])('refuse %s where a directory or file has no mode', (method) => {
    const noMode = { owner: 'alice', group: 'users', mode: null };
    expect(answer(directory, one('/d', noMode), method, '/d')).toBe('N');
    expect(answer(full, one('/d/f', noMode, 'AprioriGood'), method, '/d/f')).toBe('N');
  });

  it('match no owner and no group where the catalog knows no name, and leave the bits of others', () => {
    const nameless = { owner: null, group: null, mode: 0o774 };
    expect(answer(directory, one('/d', nameless), 'addFile', '/d/f')).toBe('N');
    expect(answer(directory, one('/d', nameless), 'getFileSize', '/d/f')).toBe('Y');
    const roles = vectorRules('VOMSSecurityManager', { vomsRoleOf: () => 'the same for all' });
    expect(answer(roles, one('/d', nameless), 'addFile', '/d/f')).toBe('N');
  });

  it('compare names as they are written, case and blanks included', () => {
    for (const owner of ['Alice', 'alice ', ' alice', 'ALICE']) {
      expect(answer(directory, one('/d', { owner, group: 'Users', mode: 0o770 }), 'addFile', '/d/f')).toBe('N');
    }
  });
});

describe('an empty catalog', () => {
  it('grants everything to everybody, as DIRAC does, except / under the safe policy', () => {
    const nothing: PermissionFacts = { directories: new Map(), files: new Map() };
    for (const manager of ['DirectorySecurityManager', 'FullSecurityManager', 'VOMSSecurityManager'] as const) {
      expect(answer(vectorRules(manager), nothing, 'addFile', '/vo/f')).toBe('Y');
    }
    expect(answer(vectorRules('FullSecurityManager', { openRoot: 'never' }), nothing, 'createDirectory', '/')).toBe('N');
  });
});

describe('the two ways to read a mode', () => {
  const odd = { owner: 'alice', group: 'users', mode: 0o077 };

  it('add up the classes of a directory, and take exactly one of a file', () => {
    expect(answer(vectorRules('DirectorySecurityManager'), one('/d', odd), 'addFile', '/d/f')).toBe('Y');
    expect(answer(vectorRules('FullSecurityManager'), one('/d/f', odd, 'AprioriGood'), 'removeFile', '/d/f')).toBe('N');
  });
});

describe('sharing through a VOMS role', () => {
  const theirs = one('/d', { owner: 'bob', group: 'production', mode: 0o770 });
  const withRoles = (roles: Record<string, string>) => vectorRules('VOMSSecurityManager', { vomsRoleOf: (group) => roles[group] });

  it('lets a group in whose role is that of the owner group', () => {
    expect(answer(withRoles({ users: 'prod', production: 'prod' }), theirs, 'addFile', '/d/f')).toBe('Y');
  });

  it.each([{ users: 'prod' }, { production: 'prod' }, { users: '', production: '' }, { users: 'prod', production: 'user' }, {}])(
    'needs two equal roles that are not empty: %j',
    (roles) => expect(answer(withRoles(roles as Record<string, string>), theirs, 'addFile', '/d/f')).toBe('N'),
  );

  it('does not share the rights of the user, nor in any other manager', () => {
    const roles = { users: 'prod', production: 'prod' };
    const private_ = one('/d', { owner: 'bob', group: 'production', mode: 0o700 });
    expect(answer(withRoles(roles), private_, 'addFile', '/d/f')).toBe('N');
    expect(answer({ ...withRoles(roles), securityManager: 'DirectorySecurityManager' }, theirs, 'addFile', '/d/f')).toBe('N');
  });
});

describe('hidden files', () => {
  const trash: PermissionFacts = {
    directories: new Map([['/d', { owner: 'bob', group: 'bobs', mode: 0o755 }]]),
    files: new Map([['/d/f', { owner: 'alice', group: 'users', mode: 0o777, status: 'Trash' }]]),
  };

  it('exist for removals and do not for the rule of files', () => {
    expect(answer(vectorRules('VOMSSecurityManager'), trash, 'removeFile', '/d/f')).toBe('N');
    expect(answer(vectorRules('DirectorySecurityManagerWithDelete'), trash, 'removeFile', '/d/f')).toBe('N');
    expect(answer(vectorRules('FullSecurityManager'), trash, 'addFile', '/d/f')).toBe('N');
    expect(answer(vectorRules('VOMSSecurityManager'), trash, 'addReplica', '/d/f')).toBe('Y');
  });

  it('are seen when their state is configured as visible', () => {
    const rules = vectorRules('FullSecurityManager', { visibleStates: ['AprioriGood', 'Trash'] });
    expect(answer(rules, trash, 'addFile', '/d/f')).toBe('Y');
  });
});

describe('a refusal', () => {
  it('says which right is missing and where', () => {
    const rules = vectorRules('VOMSSecurityManager');
    const reason = (method: string, path: string) => {
      const decision = decide(rules, vectorFacts, vectorCaller('usr1', 'grp_user', method), parseLfnDirectory(path));
      return 'reason' in decision ? decision.reason : undefined;
    };
    expect(reason('addFile', '/users/usr2/new.txt')).toBe('this needs Write on the directory /users/usr2');
    expect(reason('getReplicas', '/users/usr2/usr2_file.txt')).toBe('this needs Read on the file itself');
    expect(reason('changePathGroup', '/users/usr1')).toBe('changePathGroup is for catalog administrators only');
  });
});

describe('a question that is wrong as a whole', () => {
  const rules = vectorRules('DirectorySecurityManager');
  const ask = (method: string) => decideAll(rules, vectorFacts, { question: alice(method), paths: [root] });

  it.each(['nonsense', 'Delete', '', 'toString', '__proto__', 'constructor'])('throws for the method "%s"', (method) => {
    expect(() => ask(method)).toThrow(expect.objectContaining({ code: 'unsupported-operation', message: 'Operation type not known' }));
    const voms = { ...rules, securityManager: 'VOMSSecurityManager' } as const;
    expect(decide(voms, vectorFacts, alice(method), root)).toEqual({ error: `Operation type not known ${method}` });
  });

  it('takes a right in another case for an error, where DIRAC stumbles, unless everybody may read', () => {
    expect(() => ask('WRITE')).toThrow('must be spelled Read, Write or Execute');
    expect(answer({ ...rules, globalReadAccess: true }, vectorFacts, 'READ', '/')).toBe('Y');
  });
});

describe('the names a question looks up', () => {
  it('are the paths and their ancestors, each once', () => {
    const asked = factPathsFor(['/a/b/c', '/a/b/d', '/a/b/c'].map(parseLfn));
    expect(asked.files).toEqual(['/a/b/c', '/a/b/d']);
    expect([...asked.directories].sort()).toEqual(['/', '/a', '/a/b', '/a/b/c', '/a/b/d']);
    expect(factPathsFor([root])).toEqual({ directories: ['/'], files: ['/'] });
    expect(factPathsFor([])).toEqual({ directories: [], files: [] });
  });
});
