/** All permission bits; DIRAC gives the others no meaning. */
export const maxMode = 0o777;

/** Of a mode as a catalog of DIRAC has it: its service takes any number (`dchmod 2775`), and judges by these bits. */
export function permissionBits(mode: number): number {
  return mode & maxMode;
}
