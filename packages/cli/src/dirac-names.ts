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
  du: 'dirac-dms-data-size',
  'user-files': 'dirac-dms-user-lfns',
  guid: 'dirac-dms-resolve-guid',
  'catalog rm': 'dirac-dms-remove-catalog-files',
  'catalog rm-replica': 'dirac-dms-remove-catalog-replicas',
  'replica rm': 'dirac-dms-remove-replicas',
} as const;
