import { parentOf, type CatalogMethod, type LfnDirectory } from '../domain/index.js';
import type { Verdict } from '../ports/index.js';
import { directoryGrants, fileGrants, nearestDirectory, visibleFile } from './mode-rules.js';
import { allowed, refused, verdict } from './verdicts.js';
import type { CallerQuestion, Decision, Ownership, PathQuestion } from './types.js';

type Policy = (asked: PathQuestion) => Verdict;

/** `VOMSSecurityManager`: which object is judged depends on the operation; groups with the same VOMS role share rights. */
export function decideByVoms(asked: PathQuestion): Decision {
  const { method } = asked.question;
  const policy = policies.get(method);
  return policy === undefined ? { error: `No policy matching operation ${method}` } : policy(asked);
}

const readDirectory: Policy = (asked) => byDirectory(asked, asked.path, 'Read');
const readParent: Policy = (asked) => byDirectory(asked, parentOf(asked.path), 'Read');
const writeParent: Policy = (asked) => byDirectory(asked, parentOf(asked.path), 'Write');
const readFile: Policy = (asked) => byFile(asked, 'Read') ?? allowed;
const writeFile: Policy = (asked) => byFile(asked, 'Write') ?? allowed;
/** Removing what does not exist is open to everybody; a hidden file does exist. */
const removeFile: Policy = (asked) => (asked.facts.files.has(asked.path) ? writeParent(asked) : allowed);
const removeDirectory: Policy = (asked) => (asked.facts.directories.has(asked.path) ? writeParent(asked) : allowed);
const changeMode: Policy = (asked) =>
  byFile(asked, 'Write') ?? (asked.facts.directories.has(asked.path) ? byDirectory(asked, asked.path, 'Write') : allowed);
const administratorsOnly: Policy = ({ question }) => refused(`${question.method} is for catalog administrators only`);

/** `setMetadata`, `__removeMetadata` and `getSEDump` have no policy in DIRAC either. */
const policies: ReadonlyMap<string, Policy> = new Map<CatalogMethod, Policy>([
  ['addFile', writeParent],
  ['createDirectory', writeParent],
  ['removeFile', removeFile],
  ['removeDirectory', removeDirectory],
  ['addReplica', writeFile],
  ['removeReplica', writeFile],
  ['setReplicaStatus', writeFile],
  ['setReplicaHost', writeFile],
  ['setFileStatus', writeFile],
  ['addFileAncestors', writeFile],
  ['getReplicas', readFile],
  ['getReplicaStatus', readFile],
  ['listDirectory', readDirectory],
  ['exists', readParent],
  ['isFile', readParent],
  ['getFileSize', readParent],
  ['getFileMetadata', readParent],
  ['getFileAncestors', readParent],
  ['getFileDescendents', readParent],
  ['isDirectory', readParent],
  ['getDirectoryMetadata', readParent],
  ['getDirectorySize', readParent],
  ['getDirectoryReplicas', readParent],
  ['getDirectoryDump', readParent],
  ['changePathMode', changeMode],
  ['changePathOwner', administratorsOnly],
  ['changePathGroup', administratorsOnly],
]);

function byDirectory(asked: PathQuestion, path: LfnDirectory, right: 'Read' | 'Write'): Verdict {
  const nearest = nearestDirectory(asked.facts, path);
  if (nearest === undefined) return allowed;
  return verdict(directoryGrants(nearest.directory, actingAs(asked, nearest.directory), right), right, `the directory ${nearest.path}`);
}

/** Undefined when there is no such visible file. */
function byFile(asked: PathQuestion, right: 'Read' | 'Write'): Verdict | undefined {
  const file = visibleFile(asked.facts, asked.rules, asked.path);
  return file && verdict(fileGrants(file, actingAs(asked, file), right), right, 'the file itself');
}

/** The caller, as a member of the object's group when both groups have the same VOMS role. */
function actingAs({ rules, question }: PathQuestion, object: Ownership): Pick<CallerQuestion, 'username' | 'group'> {
  const { username, group } = question;
  if (object.group === null) return { username, group };
  const role = rules.vomsRoleOf(group);
  const shared = role !== undefined && role !== '' && role === rules.vomsRoleOf(object.group);
  return { username, group: shared ? object.group : group };
}
