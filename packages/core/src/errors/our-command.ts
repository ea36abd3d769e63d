/**
 * A command that mends what went wrong, as it is typed into a POSIX shell: names may hold blanks, and what a shell would run.
 *
 * @param words behind the program's name
 */
export function ourCommand(...words: readonly string[]): string {
  return ['dirac-s3', ...words.map(shellWord)].join(' ');
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
