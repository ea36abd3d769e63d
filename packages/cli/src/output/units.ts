/** `1.5KiB`, as DIRAC's short commands mean it: powers of two, one decimal. */
export function humanSize(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(1)}${units[unit]!}B`;
}

/** `1,234,567` */
export function withCommas(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `2026-11-25 19:00:01`, in UTC, which is what the catalog keeps. */
export function dateText(instant: Date): string {
  return instant.toISOString().slice(0, 19).replace('T', ' ');
}

/** For JSON: ISO 8601, each where it is known. */
export function instantsOf({
  createdAt,
  modifiedAt,
}: {
  readonly createdAt?: Date | undefined;
  readonly modifiedAt?: Date | undefined;
}): Record<string, string> {
  return {
    ...(createdAt && { createdAt: createdAt.toISOString() }),
    ...(modifiedAt && { modifiedAt: modifiedAt.toISOString() }),
  };
}

/** `rwxr-x---` */
export function modeText(mode: number): string {
  return [6, 3, 0].map((shift) => ['r', 'w', 'x'].map((letter, bit) => ((mode >> shift) & (4 >> bit) ? letter : '-')).join('')).join('');
}
