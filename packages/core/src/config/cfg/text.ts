/** White space as Python's `str.strip` sees it, which is what DIRAC strips lines, names and values of. */
const space = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** `text` without white space at both ends, by Python's rules (`String.trim` would also take a byte order mark). */
export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && space.test(text.charAt(start))) start += 1;
  while (end > start && space.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Components of a configuration path: empty ones and the spaces around them do not count (`T//c/` is `/T/c`). */
export function splitPath(path: string): string[] {
  return path
    .split('/')
    .map(strip)
    .filter((component) => component !== '');
}

/** Items of a comma list: stripped, empty ones dropped. A comma cannot be part of an item. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map(strip)
    .filter((item) => item !== '');
}
