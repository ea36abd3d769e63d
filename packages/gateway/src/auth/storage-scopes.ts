import { lfnFault, parseLfnDirectory, type Access, type LfnDirectory, type Restriction } from '@dirac-s3/core';

/** WLCG Common JWT Profile 1.0, "Scope-based attributes": what each capability lets its bearer do. Staging is a way of reading. */
const accesses: ReadonlyMap<string, readonly Access[]> = new Map<string, readonly Access[]>([
  ['storage.read', ['read']],
  ['storage.stage', ['read']],
  ['storage.create', ['write']],
  ['storage.modify', ['write', 'remove']],
]);

/**
 * What the scopes of a token leave of the user's rights. Without any capability (`storage.…`, `compute.…`) the token speaks for its groups
 * and nothing is taken away; with one, only what the storage scopes name is left, nothing at all for a token made for computing.
 * A scope whose path is no canonical directory gives nothing.
 */
export function restrictionsOf(scope: string, basePath: LfnDirectory): readonly Restriction[] | undefined {
  const capabilities = scope.split(' ').filter((word) => /^(?:storage|compute)\./.test(word));
  if (capabilities.length === 0) return undefined;
  return capabilities.flatMap((word) => {
    const colon = word.indexOf(':');
    const access = accesses.get(colon === -1 ? word : word.slice(0, colon));
    const path = colon === -1 ? undefined : directoryOf(word.slice(colon + 1), basePath);
    return access === undefined || path === undefined ? [] : [{ access, path }];
  });
}

/** The path of a scope is percent-encoded (RFC 3986) and may end with a slash. */
function directoryOf(written: string, basePath: LfnDirectory): LfnDirectory | undefined {
  let path: string;
  try {
    path = decodeURIComponent(written);
  } catch {
    return undefined;
  }
  if (path === '/') return basePath;
  const whole = (basePath === '/' ? '' : basePath) + path.replace(/\/$/, '');
  // Judged by itself too: joined to the base, a path that does not start with "/" would be another name.
  return lfnFault(path.replace(/\/$/, '')) === undefined && lfnFault(whole) === undefined ? parseLfnDirectory(whole) : undefined;
}
