import type { diracNames, onlyDiracNames } from '../../src/dirac-names.js';
import { literally, uuid, type DiracCase } from './case.js';
import { checksumOf, home, missing, noSuchFile, storedBytes } from './command-world.js';

type Long = Extract<(typeof diracNames)[keyof typeof diracNames] | keyof typeof onlyDiracNames, `dirac-${string}`>;

const noGateway = ['-o', '/Systems/DataManagement/URLs/S3Gateway=http://127.0.0.1:1/DataManagement/S3Gateway'];
const noFile = /No such file/;
const lfnIsMissing = { words: [], says: /LFN is missing \(see dirac-dms-[a-z-]+ --help\)/ };
/** One LFN, done. */
const doneOne = ([lfn]: readonly string[]): object => ({ successful: [{ lfn }], failed: [] });

/** DIRAC's commands by their long names, in DIRAC's layout. */
export const diracCases: Readonly<Record<Long, DiracCase>> = {
  'dirac-dms-add-file': {
    wrong: { words: ['lfn', 'local'], says: /must be: LFN PATH SE \[GUID\]/ },
    words: async (world) => [`${home}/${world.fresh()}`, await world.local(), 'DEMO-S3'],
    text: ([lfn]) => `\nUploading ${lfn}\nSuccessfully uploaded file to DEMO-S3\n`,
    json: doneOne,
    fails: { words: [`${home}/x`, '/', 'DEMO-S3'], says: /\(local-file\)/, code: 1 },
    diracCode: 2,
  },
  'dirac-dms-get-file': {
    wrong: lfnIsMissing,
    words: (world) => [world.stored()],
    text: ([lfn]) => new RegExp(`^\\{'Failed': \\{\\},\n 'Successful': \\{'${lfn}': '.*/\\d+\\.bin'\\}\\}\n$`),
    json: doneOne,
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 2,
  },
  'dirac-dms-lfn-accessURL': {
    wrong: { words: [missing], says: /SE is missing/ },
    words: (world) => [world.stored(), 'DEMO-S3'],
    text: ([lfn], { bucketUrl }) => new RegExp(`^\\{'Failed': \\{\\},\n 'Successful': \\{'${lfn}': '${bucketUrl}${lfn}'\\}\\}\n$`),
    json: ([lfn], { bucketUrl }) => ({ successful: [{ lfn, url: `${bucketUrl}${lfn}` }], failed: [] }),
    fails: { words: [missing, 'DEMO-S3'], says: noFile, code: 1 },
    diracCode: 0,
  },
  'dirac-dms-lfn-replicas': {
    wrong: lfnIsMissing,
    words: (world) => ['-a', world.stored()],
    text: ([, lfn], { bucketUrl }) => new RegExp(`^LFN +StorageElement URL\n=+\n${lfn} DEMO-S3 +${bucketUrl}${lfn}\n\n$`),
    json: ([, lfn]) => doneOne([lfn!]),
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 0,
  },
  'dirac-dms-lfn-metadata': {
    wrong: lfnIsMissing,
    words: (world) => [world.stored(), home],
    text: ([lfn]) =>
      new RegExp(
        `'Successful': \\{'${home}': \\{'CreationDate': datetime[^]*'Mode': 448,[^]*'OwnerGroup': 'demo_user'\\},\n` +
          ` *'${lfn}': \\{'Checksum': '${checksumOf(lfn!)}',[^]*'Size': ${storedBytes}`,
      ),
    json: ([lfn]) => ({ successful: [{ lfn }, { lfn: home, type: 'directory', owner: 'alice', mode: 0o700 }], failed: [] }),
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 0,
  },
  'dirac-dms-remove-files': {
    wrong: lfnIsMissing,
    words: (world) => [world.stored()],
    text: () => 'Successfully removed 1 files\n',
    json: doneOne,
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 0,
  },
  'dirac-dms-pfn-accessURL': {
    wrong: { words: ['s3://x/y'], says: /SE is missing/ },
    words: (world) => [`${world.bucketUrl}${world.stored()}`, 'DEMO-S3'],
    text: ([pfn]) => new RegExp(`^\\{'Failed': \\{\\},\n 'Successful': \\{'${literally(pfn!)}': 'http`),
    json: ([pfn]) => ({ successful: [{ pfn }], failed: [] }),
    fails: { words: ['s3://elsewhere/x', 'DEMO-S3'], says: /\(invalid-storage-url\)/, code: 1 },
    diracCode: 0,
  },
  'dirac-dms-pfn-metadata': {
    wrong: { words: [], says: /PFN is missing/ },
    words: (world) => [`${world.bucketUrl}${world.stored()}`, 'DEMO-S3'],
    text: ([pfn]) =>
      new RegExp(`'${literally(pfn!)}': \\{'Accessible': True,[^]*'Checksum': '${checksumOf(pfn!)}'[^]*'Size': ${storedBytes}`),
    json: ([pfn]) => ({ successful: [{ pfn, sizeBytes: storedBytes }], failed: [] }),
    fails: { words: ['s3://elsewhere/x', 'DEMO-S3'], says: /\(invalid-storage-url\)/, code: 1 },
    diracCode: 0,
  },
  'dirac-dms-replica-metadata': {
    wrong: { words: [missing], says: /SE is missing/ },
    words: (world) => [world.stored(), 'DEMO-S3'],
    text: ([lfn]) =>
      `${'File'.padEnd(100)} Migrated Cached   Size (bytes)\n${lfn!.padEnd(100)} False    True     ${String(storedBytes).padEnd(10)}\n`,
    json: ([lfn]) => ({ successful: [{ lfn, storageElement: 'DEMO-S3', sizeBytes: storedBytes }], failed: [] }),
    fails: { words: [missing, 'DEMO-S3'], says: noFile, code: 1 },
    diracCode: 0,
  },
  'dirac-dms-show-se-status': {
    wrong: { words: ['--all', '--vo', 'demo'], says: /--all and --vo exclude each other/ },
    words: () => [],
    text: () => /^SE +ReadAccess WriteAccess RemoveAccess CheckAccess\n=+\nDEMO-S3 Active +Active +Active +Active\n\n$/,
    json: () => ({ storageElements: [{ name: 'DEMO-S3' }] }),
    fails: { words: noGateway, says: /\(gateway-unavailable\)/, code: 4 },
    diracCode: 1,
  },
  'dirac-dms-protocol-matrix': {
    wrong: { words: ['--output', 'csv'], says: /--output must be text or json/ },
    words: () => ['--TPC', '--FromSE=DEMO-S3', '--OutputFile', 'matrix.csv'],
    text: () => 'Using sources: DEMO-S3\nUsing target: DEMO-S3,DISK\nUsing the Virtual Organization: demo\nWrote Matrix to matrix.csv\n',
    json: () => ({ sources: ['DEMO-S3'], targets: ['DEMO-S3', 'DISK'] }),
    fails: { words: ['--TargetSE', 'NO-SE'], says: /\(unknown-storage-element\)/, code: 1 },
    diracCode: 1,
  },
  'dirac-dms-data-size': {
    wrong: { words: ['-u', 'KB', missing], says: /--Unit must be one of MB,GB,TB,PB/ },
    words: (world) => [world.stored()],
    text: () => /^-{30}\nFiles +\| +Size \(GB\)\n-{30}\n1 +\| +0\.0\n-{30}\n$/,
    json: doneOne,
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 0,
  },
  'dirac-dms-user-lfns': {
    wrong: { words: ['-D', 'many'], says: /--Days needs a number/ },
    words: async (world) => ['-b', await world.directoryWithFile()],
    text: ([, directory]) => {
      const file = `${directory!.slice(1).replaceAll('/', '-')}.lfns`;
      return `Will search for files in ${directory}\n${directory}: 1 files, 0 sub-directories\n1 matched files have been put in ${file}\n`;
    },
    json: ([, directory]) => ({ baseDirectory: directory, files: [`${directory}/file`], failed: [] }),
    fails: { words: ['-b', missing], says: noFile, code: 1 },
    diracCode: 1,
  },
  'dirac-dms-resolve-guid': {
    wrong: { words: [], says: /GUID is missing/ },
    words: async (world) => [new RegExp(uuid).exec((await world.run(['meta', world.stored(), '--json'])).stdout)![0]],
    text: ([guid]) => new RegExp(`^${guid} -> ${home}/stock/\\d+\\.bin\n$`),
    json: ([guid]) => ({ successful: [{ guid }], failed: [] }),
    fails: { words: ['00000000-0000-0000-0000-000000000000'], says: /no file has the GUID/, code: 1 },
    diracCode: 0,
  },
  'dirac-dms-remove-catalog-files': {
    wrong: lfnIsMissing,
    words: (world) => [world.stored()],
    text: () => 'Successfully removed 1 catalog files.\n',
    json: doneOne,
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 0,
  },
  'dirac-dms-remove-catalog-replicas': {
    wrong: { words: [missing], says: /SE is missing/ },
    words: (world) => [world.stored(), 'DEMO-S3'],
    text: () => 'Successfully remove 1 catalog replicas at DEMO-S3\n',
    json: doneOne,
    fails: { words: ['relative', 'DEMO-S3'], says: /\(invalid-lfn\)/, code: 1 },
    diracCode: 0,
  },
  'dirac-dms-remove-replicas': {
    wrong: { words: [missing], says: /SE is missing/ },
    words: async (world) => [await world.replicated(), 'DISK'],
    text: ([lfn]) => `Successfully removed DISK replica of ${lfn}\n`,
    json: doneOne,
    fails: { words: [missing, 'DISK'], says: noFile, code: 1 },
    diracCode: 0,
  },
  'dirac-dms-directory-sync': {
    wrong: { words: [home], says: /DEST is missing/ },
    words: async (world) => [await world.localTree(), await world.directoryWithFile(), 'DEMO-S3', '--sync'],
    text: ([local, remote]) => `Uploading file -> [DONE]\nSuccessfully mirrored ${local} into ${remote}\n`,
    json: ([local]) => ({ successful: [{ path: `${local}/file`, action: 'upload' }], failed: [] }),
    fails: { words: [missing, 'nowhere'], says: noFile, code: 1 },
    diracCode: 1,
  },
  'dirac-dms-catalog-metadata': {
    wrong: lfnIsMissing,
    words: (world) => [world.stored(), 'FileCatalog'],
    text: ([lfn]) =>
      new RegExp(`^FileName +Size +GUID +Status +Checksum *\n${lfn} +${storedBytes} +${uuid} +AprioriGood ${checksumOf(lfn!)} *\n$`),
    json: doneOne,
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 0,
  },
  'dirac-dms-find-lfns': {
    wrong: { words: [], says: /which files\?/ },
    words: async (world) => [`Path=${await world.directoryWithFile()}`],
    text: ([path]) => `${path!.slice('Path='.length)}/file\n`,
    json: ([path]) => ({ files: [{ lfn: `${path!.slice('Path='.length)}/file` }], failed: [] }),
    fails: { words: [`Path=${missing}`], says: noFile, code: 1 },
    diracCode: 255,
  },
  'dirac-dms-clean-directory': {
    wrong: lfnIsMissing,
    words: async (world) => [await world.directoryWithFile()],
    text: ([directory]) => `Cleaning directory '${directory}' ... \nOK\n`,
    json: ([directory]) => ({ successful: [{ directory, removed: 1 }], failed: [] }),
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 255,
  },
  'dirac-dms-replicate-lfn': {
    wrong: { words: [missing], says: /Dest is missing/ },
    words: (world) => [world.stored(), 'DISK'],
    text: ([lfn]) =>
      new RegExp(`^\\{'Failed': \\{\\},\n 'Successful': \\{'${lfn}': \\{'register': [\\d.]+,\n +'replicate': [\\d.]+\\}\\}\\}\n$`),
    json: ([lfn]) => ({ successful: [{ lfn, storageElement: 'DISK', source: 'DEMO-S3' }], failed: [] }),
    fails: { words: [missing, 'DISK'], says: new RegExp(noSuchFile), code: 1 },
    diracCode: 2,
  },
};
