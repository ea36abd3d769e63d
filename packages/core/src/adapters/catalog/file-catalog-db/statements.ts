import type { Layout, TextColumn } from './layout.js';

/** What differs between the layouts, as pieces of SQL. */
interface Pieces {
  readonly directories: string;
  readonly directoryName: string;
  /** Owner, group and mode of the directory `d`: their alias and how it is joined. */
  readonly directoryInfo: readonly [alias: string, join: string];
  readonly fileInfo: readonly [alias: string, join: string];
  readonly replicaInfo: readonly [alias: string, join: string];
  readonly children: string;
}

const pieces: Readonly<Record<Layout['kind'], Pieces>> = {
  level: {
    directories: 'FC_DirectoryLevelTree',
    directoryName: 'DirName',
    // Inner: until its info is written, a directory is not there for DIRAC either.
    directoryInfo: ['i', 'JOIN FC_DirectoryInfo AS i ON i.DirID = d.DirID'],
    fileInfo: ['fi', 'LEFT JOIN FC_FileInfo AS fi ON fi.FileID = f.FileID'],
    replicaInfo: ['ri', 'LEFT JOIN FC_ReplicaInfo AS ri ON ri.RepID = r.RepID'],
    children: 'JOIN FC_DirectoryLevelTree AS c ON c.Parent = d.DirID JOIN FC_DirectoryInfo AS ci ON ci.DirID = c.DirID',
  },
  closure: {
    directories: 'FC_DirectoryList',
    directoryName: 'Name',
    directoryInfo: ['d', ''],
    fileInfo: ['f', ''],
    replicaInfo: ['r', ''],
    children: 'JOIN FC_DirectoryClosure AS dc ON dc.ParentID = d.DirID AND dc.Depth = 1 JOIN FC_DirectoryList AS c ON c.DirID = dc.ChildID',
  },
};

/** One statement per question, whatever the number of names: they go in as one JSON text. */
export interface Statements {
  /** Of paths: path, owner, group, mode, and whether the server is read-only. */
  readonly directoryFacts: string;
  /** Of paths: path, owner, group, mode, and when it was made and changed. */
  readonly directoryMetadata: string;
  /** Of pairs: directory, name, owner, group, mode, status. */
  readonly fileFacts: string;
  /** Of pairs: directory, name, StorageElement, its status, storage URL. */
  readonly replicas: string;
  /** Of pairs: directory, name and the columns of the metadata. */
  readonly metadata: string;
  /** Of directories: directory, name and the columns of the metadata. */
  readonly filesIn: string;
  /** Of directories: directory and path of each that stands in it. */
  readonly directoriesIn: string;
  /** Of directories: directory and how many files, or directories, stand in it. */
  readonly fileCounts: string;
  readonly directoryCounts: string;
  /** Of GUIDs: GUID, directory, name. */
  readonly guidOwners: string;
  /** Of nothing: paths of the newest directories, and directory and name of the newest files; 50 at most. */
  readonly newestDirectories: string;
  readonly newestFiles: string;
}

/**
 * `STRAIGHT_JOIN` makes the database go through the asked names and look each one up; left to itself it may read a table of
 * millions of files from end to end. So is the index named: by its statistics, which are an average or out of date, a database may take that of
 * directories alone, and go through a million files of one directory for each name in it.
 */
export function statementsFor(layout: Layout): Statements {
  const { directories, directoryName, directoryInfo, fileInfo, replicaInfo, children } = pieces[layout.kind];
  const asked = (columns: Readonly<Record<string, readonly [column: TextColumn, path: string]>>): string => {
    const written = Object.entries(columns).map(([name, [{ type }, path]]) => `${name} ${type} PATH '${path}'`);
    return `JSON_TABLE(?, '$[*]' COLUMNS (${written.join(', ')})) AS asked`;
  };
  const paths = asked({ path: [layout.directory, '$'] });
  const pairs = asked({ path: [layout.directory, '$[0]'], name: [layout.fileName, '$[1]'] });
  const directory = `JOIN ${directories} AS d ON d.${directoryName} = asked.path`;
  const byName = layout.filesByName === undefined ? '' : `FORCE INDEX (\`${layout.filesByName}\`) `;
  const named = `${pairs} ${directory} JOIN FC_Files AS f ${byName}ON f.DirID = d.DirID AND f.FileName = asked.name`;
  const inDirectory = `${paths} ${directory} JOIN FC_Files AS f ON f.DirID = d.DirID`;
  const owners = (alias: string): string =>
    `LEFT JOIN FC_Users AS u ON u.UID = ${alias}.UID LEFT JOIN FC_Groups AS g ON g.GID = ${alias}.GID`;
  const [info, joinInfo] = directoryInfo;
  const [file, joinFile] = fileInfo;
  const [replica, joinReplica] = replicaInfo;
  const place = `d.${directoryName}, f.FileName`;
  const status = 'LEFT JOIN FC_Statuses AS s ON s.StatusID = f.Status';
  const metadata =
    `${place}, CAST(f.Size AS CHAR), ${file}.Checksum, ${file}.ChecksumType, ${file}.GUID, u.UserName, g.GroupName, ` +
    `${file}.Mode, s.Status, ${file}.CreationDate, ${file}.ModificationDate`;
  const select = 'SELECT STRAIGHT_JOIN';
  return {
    directoryFacts:
      `${select} d.${directoryName}, u.UserName, g.GroupName, ${info}.Mode, ` +
      `CONCAT(@@global.read_only, ' ', @@global.innodb_read_only) FROM ${paths} ${directory} ${joinInfo} ${owners(info)}`,
    directoryMetadata:
      `${select} d.${directoryName}, u.UserName, g.GroupName, ${info}.Mode, ${info}.CreationDate, ${info}.ModificationDate ` +
      `FROM ${paths} ${directory} ${joinInfo} ${owners(info)}`,
    fileFacts: `${select} ${place}, u.UserName, g.GroupName, ${file}.Mode, s.Status FROM ${named} ${joinFile} ${owners('f')} ${status}`,
    replicas:
      `${select} ${place}, e.SEName, s.Status, ${replica}.PFN FROM ${named} JOIN FC_Replicas AS r ON r.FileID = f.FileID ${joinReplica} ` +
      'LEFT JOIN FC_StorageElements AS e ON e.SEID = r.SEID LEFT JOIN FC_Statuses AS s ON s.StatusID = r.Status',
    metadata: `${select} ${metadata} FROM ${named} ${joinFile} ${owners('f')} ${status}`,
    filesIn: `${select} ${metadata} FROM ${inDirectory} ${joinFile} ${owners('f')} ${status}`,
    directoriesIn: `${select} d.${directoryName}, c.${directoryName} FROM ${paths} ${directory} ${children}`,
    fileCounts: `${select} d.${directoryName}, COUNT(*) FROM ${inDirectory} GROUP BY d.DirID, d.${directoryName}`,
    directoryCounts: `${select} d.${directoryName}, COUNT(*) FROM ${paths} ${directory} ${children} GROUP BY d.DirID, d.${directoryName}`,
    guidOwners:
      `${select} ${file}.GUID, ${place} FROM ${asked({ guid: [layout.guid, '$'] })} ` +
      (layout.kind === 'level'
        ? 'JOIN FC_FileInfo AS fi ON fi.GUID = asked.guid JOIN FC_Files AS f ON f.FileID = fi.FileID '
        : 'JOIN FC_Files AS f ON f.GUID = asked.guid ') +
      `JOIN ${directories} AS d ON d.DirID = f.DirID`,
    newestDirectories: `${select} d.${directoryName} FROM ${directories} AS d ORDER BY d.DirID DESC LIMIT 50`,
    newestFiles: `${select} ${place} FROM FC_Files AS f JOIN ${directories} AS d ON d.DirID = f.DirID ORDER BY f.FileID DESC LIMIT 50`,
  };
}
