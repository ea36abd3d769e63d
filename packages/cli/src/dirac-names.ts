/** DIRAC's commands this program answers for, by its own name for them. */
export const diracNames = {
  put: 'dirac-dms-add-file',
  get: 'dirac-dms-get-file',
  url: 'dirac-dms-lfn-accessURL',
  replicas: 'dirac-dms-lfn-replicas',
  meta: 'dirac-dms-lfn-metadata',
  rm: 'dirac-dms-remove-files',
} as const;
