import { DiracS3Error } from '../../errors/index.js';
import { splitList, splitPath, strip } from './text.js';
import { CfgOption, type CfgSection } from './tree.js';

/**
 * Writes a tree in DIRAC's layout (two spaces, braces on their own lines, lists as `+=` lines). Reading it back gives the
 * same tree: where DIRAC's writer would change a value (`"x, y"`, `a,,b`) it stays on one line. Secrets are written out.
 *
 * Throws `invalid-argument` for what the format cannot hold (line feeds, outer spaces, braces in names …).
 */
export function serializeCfg(tree: CfgSection): string {
  return entriesOf(tree, '');
}

function entriesOf(section: CfgSection, indent: string): string {
  return [...section.entries.values()]
    .map((entry) => commentOf(entry, indent) + (entry instanceof CfgOption ? optionOf(entry, indent) : sectionOf(entry, indent)))
    .join('');
}

function sectionOf(section: CfgSection, indent: string): string {
  const name = writable(section.name);
  return `${indent}${name}\n${indent}{\n${entriesOf(section, `${indent}  `)}${indent}}\n`;
}

function optionOf({ name, value }: CfgOption, indent: string): string {
  const key = writable(name);
  // A value that was appended to with nothing (`a +=`) ends in ", ": written as it was read, since no line ends in a space.
  const core = value.replace(/(?:, )+$/, '');
  if (core !== strip(core) || core.includes('\n')) {
    throw new DiracS3Error(
      'invalid-argument',
      `the value of option "${name}" cannot be written: a CFG holds no line feeds and no outer spaces`,
    );
  }
  const items = splitList(core);
  const appended = Array<string>((value.length - core.length) / 2).fill('');
  const lines = [...(items.length > 1 && items.join(', ') === core ? items : [core]), ...appended];
  return lines.map((item, index) => `${indent}${key} ${index === 0 ? '=' : '+='}${item === '' ? '' : ` ${item}`}`).join('\n') + '\n';
}

function commentOf({ comment, name }: { comment: string; name: string }, indent: string): string {
  if (comment === '') return '';
  const lines = comment.replace(/\n$/, '').split('\n');
  if (!comment.endsWith('\n') || lines.some((line) => line.includes('#') || strip(`.${line}`) !== `.${line}`)) {
    throw new DiracS3Error('invalid-argument', `the comment of "${name}" cannot be written: whole lines without "#" and trailing spaces`);
  }
  return lines.map((line) => `${indent}#${line}\n`).join('');
}

/** The name as a reader will see it again; one that looks like a comment is written as a path. */
function writable(name: string): string {
  const [only, ...more] = splitPath(name);
  if (only !== name || more.length > 0 || /[{}=\n]|^\ufeff/.test(name)) {
    throw new DiracS3Error('invalid-argument', `${JSON.stringify(name)} cannot be the name of an option or section`);
  }
  return name.startsWith('#') ? `/${name}` : name;
}
