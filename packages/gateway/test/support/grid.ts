import { createTrustStore, type TrustStore } from '@dirac-s3/core/x509';
// The certificate maker of core's tests: it writes DER itself and imports nothing of core.
import { makeCertificate, makeRevocationList, revokedEntry, usualAlgorithm, version3 } from '../../../core/test/x509/maker/certificate.js';
import { integer, time } from '../../../core/test/x509/maker/der-writer.js';
import {
  basicConstraints,
  diracGroup,
  extendedKeyUsage,
  keyUsage,
  languages,
  proxyCertInfo,
} from '../../../core/test/x509/maker/extensions.js';
import { keyOf } from '../../../core/test/x509/maker/keys.js';
import { name } from '../../../core/test/x509/maker/names.js';

/** What a client shows: certificates in its order (its own first), and the key of the first. */
export interface Credential {
  readonly chain: readonly Buffer[];
  readonly cert: string;
  readonly key: string;
  /** Parts of the subject of the first. */
  readonly parts: readonly string[];
  readonly keyName: string;
}

export interface ProxyOptions {
  readonly group?: string;
  readonly limited?: boolean;
  readonly until?: Date;
  readonly cn?: string;
}

/** A certificate authority of `/DC=org` and what it vouches for. Everybody's DN is `/DC=org/CN=<name>`. */
export class Grid {
  readonly #root = ['DC=org', 'CN=Root CA'];
  readonly #key: string;
  readonly #begin: Date;
  readonly #end: Date;
  readonly authority: Buffer;
  #serial = 100;

  /** Two grids of other names have other keys, whatever else is the same. */
  constructor(now: Date, keyName = 'root') {
    this.#key = `P-256:${keyName}`;
    this.#begin = new Date(now.getTime() - 3_600_000);
    this.#end = new Date(now.getTime() + 86_400_000);
    const extensions = { basicConstraints: basicConstraints(true), keyUsage: keyUsage('keyCertSign', 'crlSign') };
    this.authority = this.#sign({ subject: this.#root, issuer: this.#root, key: this.#key, signer: this.#key, extensions });
  }

  trust(revoked: readonly number[] = [], until = this.#end): TrustStore {
    return createTrustStore({ authorities: [this.authority], revocations: revoked.length === 0 ? [] : [this.#list(revoked, until)] });
  }

  /** The certificate of a user or host. */
  certificate(common: string, serial?: number): Credential {
    const parts = ['DC=org', `CN=${common}`];
    const keyName = `P-256:${common}`;
    const usage = keyUsage('digitalSignature', 'keyEncipherment');
    const extensions = { basicConstraints: basicConstraints(false), usage, purpose: extendedKeyUsage('clientAuth', 'serverAuth') };
    const der = this.#sign({ subject: parts, issuer: this.#root, key: keyName, signer: this.#key, extensions, serial });
    return credential([der], parts, keyName);
  }

  /** A proxy below whatever is given. */
  proxy(issuer: Credential, { group, limited, until, cn = String((this.#serial += 1)) }: ProxyOptions = {}): Credential {
    const parts = [...issuer.parts, `CN=${cn}`];
    const keyName = `${issuer.keyName}+${cn}`;
    const extensions = {
      usage: keyUsage('digitalSignature', 'keyEncipherment'),
      info: proxyCertInfo({ language: limited === true ? languages.limited : languages.inheritAll }),
      group: group === undefined ? undefined : diracGroup(group),
    };
    const der = this.#sign({ subject: parts, issuer: issuer.parts, key: keyName, signer: issuer.keyName, extensions, until });
    return credential([der, ...issuer.chain], parts, keyName);
  }

  #sign(plan: {
    readonly subject: readonly string[];
    readonly issuer: readonly string[];
    readonly key: string;
    readonly signer: string;
    readonly extensions: Readonly<Record<string, Buffer | undefined>>;
    readonly serial?: number | undefined;
    readonly until?: Date | undefined;
  }): Buffer {
    return makeCertificate({
      version: version3,
      serial: integer(plan.serial ?? (this.#serial += 1)),
      issuer: name(...plan.issuer),
      subject: name(...plan.subject),
      notBefore: time(this.#begin),
      notAfter: time(plan.until ?? this.#end),
      key: plan.key,
      signer: plan.signer,
      spki: undefined,
      extensions: plan.extensions,
      tail: Buffer.alloc(0),
      algorithm: usualAlgorithm(plan.signer),
      innerAlgorithm: undefined,
      finish: (certificate) => certificate,
    });
  }

  #list(revoked: readonly number[], until: Date): Buffer {
    return makeRevocationList({
      version: integer(1),
      issuer: name(...this.#root),
      thisUpdate: time(this.#begin),
      nextUpdate: time(until),
      entries: revoked.map((serial) => revokedEntry(integer(serial))),
      extensions: [],
      signer: this.#key,
      algorithm: usualAlgorithm(this.#key),
      innerAlgorithm: undefined,
    });
  }
}

export function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function credential(chain: readonly Buffer[], parts: readonly string[], keyName: string): Credential {
  const key = keyOf(keyName).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { chain, cert: chain.map(pemOf).join(''), key, parts, keyName };
}
