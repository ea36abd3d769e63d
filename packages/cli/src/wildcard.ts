/**
 * A pattern as Python's `fnmatch` reads it, which is what DIRAC's commands use: `*` any text, `?` one character, `[abc]`, `[a-z]`, `[!a]`
 * one of a set or none of it, everything else itself. It has to match the whole of a name, and `*` goes past slashes.
 */
export function wildcard(pattern: string): (name: string) => boolean {
  const parts = pattern.match(/\[!?\]?[^\]]*\]|[\s\S]/gu) ?? [];
  const [first = '', ...others] = parts
    .map((part) => (part === '*' ? '*' : partOf(part)))
    .join('\0')
    .split(/\0?\*\0?/)
    .map((text) => text.replaceAll('\0', ''));
  const last = others.pop();
  // The text behind a star is looked for once, at its first place: another place could only leave less for what follows.
  const middle = others.map((text, index) => `(?=(.*?${text}))\\${index + 1}`).join('');
  const expression = new RegExp(`^${first}${middle}${last === undefined ? '' : `.*${last}`}$`, 'su');
  return (name) => expression.test(name);
}

function partOf(part: string): string {
  if (part === '?') return '.';
  if (part.length > 2 && part.startsWith('[')) return setOf(part.slice(1, -1));
  return literal(part);
}

/** The members of a set; a range that goes backwards holds nothing. */
function setOf(text: string): string {
  const negated = text.startsWith('!');
  const members = (negated ? text.slice(1) : text).match(/[\s\S]-[\s\S]|[\s\S]/gu) ?? [];
  const kept = members.filter((member) => member.length < 3 || member.codePointAt(0)! <= Array.from(member)[2]!.codePointAt(0)!);
  const written = kept.map((member) => {
    const [first = '', , last] = Array.from(member);
    return last === undefined ? literal(first) : `${literal(first)}-${literal(last)}`;
  });
  if (written.length === 0) return negated ? '.' : '(?!)';
  return `[${negated ? '^' : ''}${written.join('')}]`;
}

function literal(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
