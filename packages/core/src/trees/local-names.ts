/** Names Windows keeps for devices, whatever their extension (Microsoft, "Naming Files, Paths, and Namespaces"). */
const windowsDevices = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/** Bytes of one segment on every usual file system. */
const maxSegmentBytes = 255;

/**
 * Why a relative path cannot be the name of a local file, or undefined when it can. What comes from a canonical LFN passes on POSIX systems
 * unless it is too long; nothing is taken for granted all the same, since a name that escapes would be written elsewhere.
 */
export function localNameFault(path: string, platform: NodeJS.Platform): string | undefined {
  if (path === '' || path.startsWith('/')) return 'the name is not relative';
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.' || segment === '..') return 'the name leads out of the directory';
    if (segment.includes('\0') || segment.includes('\\')) return 'the name holds a character no local name may have';
    if (Buffer.byteLength(segment) > maxSegmentBytes) return `a part of the name is longer than ${maxSegmentBytes} bytes`;
    if (platform === 'win32' && (/[<>:"|?*]|[. ]$/.test(segment) || windowsDevices.test(segment))) return 'Windows has no such name';
  }
  return undefined;
}

/** Equal for names that some file systems take for one: case (NTFS, APFS) and Unicode normal form (HFS+, APFS) do not count. */
export function foldName(path: string): string {
  return path.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
}

/** The directories a relative path stands in, upper ones first. */
export function directoriesAbove(path: string): string[] {
  const above: string[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) above.push(path.slice(0, at));
  return above;
}

/** Files that this program keeps beside those it transfers: `.dirac-s3-<unique>.part`, and journals `.<name>.dirac-s3-<mark>`. */
export function isOwnWorkFile(name: string): boolean {
  return name.startsWith('.') && name.includes('.dirac-s3-');
}
