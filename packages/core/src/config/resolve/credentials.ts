import { Secret, type S3Credentials } from '../../domain/index.js';
import type { CfgSection } from '../cfg/tree.js';
import type { ValuesOf } from '../schema/option.js';
import { s3SectionOptions } from '../schema/storage-element.js';
import type { ConfigRemark } from '../types.js';
import { valueOf } from './inherit.js';

export interface ElementCredentials {
  readonly main: S3Credentials;
  readonly writeOnly: S3Credentials | undefined;
}

type Values = ValuesOf<typeof s3SectionOptions>;
type Key = 'accessKeyId' | 'secretAccessKey' | 'sessionToken' | 'credentialsExpireAt' | 'writeAccessKeyId' | 'writeSecretAccessKey';

/** The keys of a section; undefined when it has none. Everything that belongs to a key needs the whole main key. */
export function credentialsFrom(values: Values): ElementCredentials | undefined {
  const { accessKeyId, secretAccessKey, sessionToken, credentialsExpireAt, writeAccessKeyId, writeSecretAccessKey } = values;
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return {
    main: {
      accessKeyId,
      secretAccessKey: new Secret(secretAccessKey),
      ...(sessionToken === undefined ? {} : { sessionToken: new Secret(sessionToken) }),
      ...(credentialsExpireAt === undefined ? {} : { expiresAt: credentialsExpireAt }),
    },
    writeOnly:
      writeAccessKeyId === undefined || writeSecretAccessKey === undefined
        ? undefined
        : { accessKeyId: writeAccessKeyId, secretAccessKey: new Secret(writeSecretAccessKey) },
  };
}

/** Halves without their other half, and what belongs to a main key that is not there. */
export function credentialFaults(section: CfgSection, path: string): ConfigRemark[] {
  const faults: ConfigRemark[] = [];
  const isSet = (key: Key): boolean => valueOf(section, s3SectionOptions[key].name) !== undefined;
  const needs = (key: Key, needed: Key): void => {
    if (!isSet(key) || isSet(needed)) return;
    const { name } = s3SectionOptions[key];
    const message = `must be set, because ${name} is (${section.option(name)?.source ?? 'unknown place'})`;
    faults.push({ path: `${path}/${s3SectionOptions[needed].name}`, message, source: section.option(name)?.source });
  };
  needs('accessKeyId', 'secretAccessKey');
  needs('secretAccessKey', 'accessKeyId');
  needs('writeAccessKeyId', 'writeSecretAccessKey');
  needs('writeSecretAccessKey', 'writeAccessKeyId');
  needs('sessionToken', 'accessKeyId');
  needs('credentialsExpireAt', 'accessKeyId');
  needs('writeAccessKeyId', 'accessKeyId');
  return faults;
}
