/** DIRAC's commands this program answers for, by its own name for them. */
export const diracNames = {
  put: 'dirac-dms-add-file',
  get: 'dirac-dms-get-file',
  url: 'dirac-dms-lfn-accessURL',
  replicas: 'dirac-dms-lfn-replicas',
  meta: 'dirac-dms-lfn-metadata',
  rm: 'dirac-dms-remove-files',
  'pfn url': 'dirac-dms-pfn-accessURL',
  'pfn meta': 'dirac-dms-pfn-metadata',
  'se stat': 'dirac-dms-replica-metadata',
  'se status': 'dirac-dms-show-se-status',
  'se matrix': 'dirac-dms-protocol-matrix',
  du: 'dirac-dms-data-size',
  'user-files': 'dirac-dms-user-lfns',
  guid: 'dirac-dms-resolve-guid',
  'catalog rm': 'dirac-dms-remove-catalog-files',
  'catalog rm-replica': 'dirac-dms-remove-catalog-replicas',
  'replica rm': 'dirac-dms-remove-replicas',
  sync: 'dirac-dms-directory-sync',
} as const;

/** DIRAC's commands that exist here under its names alone, and our command that does about the same, if there is one. */
export const onlyDiracNames = {
  'dirac-dms-catalog-metadata': 'meta',
  'dirac-dms-find-lfns': 'find',
  'dirac-dms-clean-directory': 'rm --recursive',
  'dirac-dms-replicate-lfn': 'replicate',
  drepl: 'replicate',
  dls: 'ls',
  dcd: '',
  dpwd: '',
  dconfig: '',
  dgetenv: '',
  dget: 'get',
  dput: 'put',
  drm: 'rm',
  dreplicas: 'replicas',
  dmkdir: 'mkdir',
  drmdir: 'rmdir',
  dchmod: 'chmod',
  dchown: 'chown',
  dchgrp: 'chgrp',
  dsize: 'du',
  dfind: 'find',
} as const;

export type OnlyDiracName = keyof typeof onlyDiracNames;

/** All of DIRAC's names this program answers to, and our command that does the same or about the same. */
export function diracCommands(): { readonly diracName: string; readonly like: string }[] {
  const twins = Object.entries(diracNames).map(([like, diracName]) => ({ diracName, like }));
  return [...twins, ...Object.entries(onlyDiracNames).map(([diracName, like]) => ({ diracName, like }))];
}
