import { DiracS3Error, type ErrorCode } from '@dirac-s3/core';
import { UsageError } from './exit-codes.js';
import type { CommandResult } from './output/result.js';

/** What a command of DIRAC exits with, as the shell sees it: -1 is 255. Source: DIRAC v9's scripts. */
interface DiracExitCodes {
  /** Some items failed, whatever became of the others. */
  readonly items: number;
  /** Failures that count otherwise; of several items the last that is not 0 counts, as in DIRAC. */
  readonly itemsBy?: Readonly<Partial<Record<ErrorCode, number>>>;
  /** Single failures the command itself tells apart (`CommandResult.diracCodes`), for the reference page. */
  readonly itemsAlso?: string;
  /** Nothing could be asked at all. */
  readonly whole: number;
  /** Arguments that make no sense; left out, 1. */
  readonly usage?: number;
  /** A list file that is not there; left out, as `usage`. */
  readonly list?: number;
}

/** `--dirac-exit-codes`: most of DIRAC's commands exit with 0 when single files fail. */
export const diracExitCodes: Readonly<Record<string, DiracExitCodes>> = {
  'dirac-dms-add-file': { items: 3, itemsAlso: '1 for a local file that is not there, 2 for one that is no file', whole: 3, list: 4 },
  'dirac-dms-get-file': { items: 2, whole: 2 },
  'dirac-dms-lfn-accessURL': { items: 0, whole: 2 },
  'dirac-dms-pfn-accessURL': { items: 0, whole: 2 },
  'dirac-dms-pfn-metadata': { items: 0, whole: 2 },
  'dirac-dms-lfn-metadata': { items: 0, whole: 2 },
  'dirac-dms-lfn-replicas': { items: 0, whole: 2 },
  'dirac-dms-replica-metadata': { items: 0, whole: 1 },
  'dirac-dms-catalog-metadata': { items: 0, whole: 255 },
  'dirac-dms-remove-files': { items: 0, whole: 254 },
  'dirac-dms-remove-catalog-files': { items: 0, whole: 1 },
  'dirac-dms-remove-catalog-replicas': { items: 0, whole: 0 },
  'dirac-dms-remove-replicas': { items: 0, whole: 0 },
  'dirac-dms-replicate-lfn': { items: 2, whole: 2 },
  'dirac-dms-directory-sync': { items: 1, whole: 1 },
  'dirac-dms-show-se-status': { items: 0, whole: 1 },
  'dirac-dms-protocol-matrix': { items: 0, whole: 1 },
  'dirac-dms-resolve-guid': { items: 0, whole: 254 },
  'dirac-dms-user-lfns': { items: 1, whole: 2 },
  'dirac-dms-data-size': { items: 0, whole: 254, usage: 2 },
  'dirac-dms-find-lfns': { items: 255, whole: 255 },
  'dirac-dms-clean-directory': { items: 255, whole: 255 },
  dls: { items: 0, whole: 0 },
  dcd: { items: 255, whole: 255 },
  dpwd: { items: 0, whole: 0 },
  dconfig: { items: 255, whole: 255, usage: 255 },
  dgetenv: { items: 255, whole: 255, usage: 255 },
  dget: { items: 253, whole: 254, usage: 255 },
  dput: { items: 254, whole: 254, usage: 255 },
  drm: { items: 2, itemsBy: { 'no-such-file': 0 }, whole: 2, usage: 255 },
  drepl: { items: 254, whole: 254 },
  dreplicas: { items: 254, whole: 254 },
  dmkdir: { items: 0, whole: 0 },
  drmdir: { items: 0, whole: 0 },
  dchmod: { items: 0, whole: 0 },
  dchown: { items: 0, whole: 0 },
  dchgrp: { items: 0, whole: 0 },
  dsize: { items: 0, whole: 0 },
  dfind: { items: 0, whole: 0 },
};

export function diracCodeForItems(diracName: string, { failures, diracCodes }: Pick<CommandResult, 'failures' | 'diracCodes'>): number {
  const { items, itemsBy = {} } = diracExitCodes[diracName] ?? { items: 1 };
  return [...failures].map(([name, { code }]) => diracCodes?.get(name) ?? itemsBy[code] ?? items).findLast((code) => code !== 0) ?? 0;
}

/** Of DIRAC's frame: 2 for an unknown switch, 1 for a configuration that cannot be used. */
export function diracCodeForFault(diracName: string, fault: unknown): number {
  const { whole, usage = 1, list = usage } = diracExitCodes[diracName] ?? { whole: 1 };
  if (fault instanceof UsageError) return fault.about === 'option' ? 2 : fault.about === 'list' ? list : usage;
  return fault instanceof DiracS3Error && fault.code === 'invalid-configuration' ? 1 : whole;
}
