import { authorityFault } from './authority-rules.js';
import type { Certificate } from './certificate.js';
import type { Limits } from './common-rules.js';
import { oneLine } from './names.js';
import { revocationFault, type RevocationQuestion } from './revocation.js';
import { signatureFault } from './signed.js';

export interface PathQuestion extends Limits, RevocationQuestion {
  /** Authorities the caller sent: material for a path, never its end. */
  readonly sent: readonly Certificate[];
}

const maxAuthorities = 10;
/** Tries of an authority as the issuer of something, so that no set of certificates makes the search long. */
const maxTries = 64;

/** The authorities from the user's certificate up to an anchor of the store (RFC 5280 6.1), or why there is no such path. */
export function findPath(certificate: Certificate, question: PathQuestion): readonly Certificate[] | string {
  const search = new PathSearch(question);
  return search.extend(certificate, [], 0) ?? search.fault;
}

class PathSearch {
  readonly #question: PathQuestion;
  #tries = 0;
  #fault = { weight: -1, text: '' };

  constructor(question: PathQuestion) {
    this.#question = question;
  }

  /** The fault that came nearest to an anchor. */
  get fault(): string {
    return this.#fault.text;
  }

  /** Depth first, the directory before what was sent; the first path of which every step holds. */
  extend(child: Certificate, path: readonly Certificate[], intermediates: number): readonly Certificate[] | undefined {
    const { trust, sent } = this.#question;
    if (trust.anchors.has(child)) return path;
    const name = child.issuer.key;
    const candidates = [...(trust.authorities.get(name) ?? []), ...sent.filter(({ subject }) => subject.key === name)].filter(
      (issuer) => !path.includes(issuer),
    );
    if (candidates.length === 0) this.#note(path.length * 2, `${oneLine(child.issuer)} is no authority of the CA directory`);
    for (const issuer of candidates) {
      this.#tries += 1;
      if (path.length === maxAuthorities || this.#tries > maxTries) {
        this.#note(Infinity, 'the path to an anchor is too long');
        return undefined;
      }
      const fault = this.#stepFault(issuer, child, intermediates);
      if (fault !== undefined) {
        this.#note(path.length * 2 + (fault.related ? 1 : 0), fault.text);
        continue;
      }
      const found = this.extend(issuer, [...path, issuer], intermediates + (issuer.subject.key === issuer.issuer.key ? 0 : 1));
      if (found) return found;
    }
    return undefined;
  }

  /** Why an authority does not vouch for a certificate under its name; `related` when it did sign it. */
  #stepFault(issuer: Certificate, child: Certificate, intermediates: number): { related: boolean; text: string } | undefined {
    const unsigned = signatureFault(child.signed, issuer.publicKey);
    if (unsigned !== undefined) return { related: false, text: `${oneLine(child.subject)}: ${unsigned}` };
    const fault = authorityFault(issuer, intermediates, this.#question);
    if (fault !== undefined) return { related: true, text: `authority ${oneLine(issuer.subject)}: ${fault}` };
    const revoked = revocationFault(child, issuer, this.#question);
    return revoked === undefined ? undefined : { related: true, text: `${oneLine(child.subject)}: ${revoked}` };
  }

  #note(weight: number, text: string): void {
    if (weight > this.#fault.weight) this.#fault = { weight, text };
  }
}
