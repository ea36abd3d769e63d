import type { ConfigRemark } from '../types.js';
import { splitPath, strip } from './text.js';
import { CfgOption, CfgSection } from './tree.js';

/** A tree and what is the matter with the text it came from. With errors the tree is the best reading, for messages only. */
export interface CfgOutcome {
  readonly tree: CfgSection;
  readonly warnings: readonly ConfigRemark[];
  readonly errors: readonly ConfigRemark[];
}

interface Position {
  readonly line: number;
  readonly column: number;
}

interface OptionLine {
  readonly name: string;
  readonly value: string;
  readonly append: boolean;
  /** True when braces stand before the option on its line. */
  readonly sharesLine: boolean;
  readonly at: Position;
  /** Last character of the line. */
  readonly end: Position;
}

interface OpenSection {
  readonly section: CfgSection;
  readonly path: string;
}

/**
 * Reads CFG text as DIRAC does (`diraccfg/cfg.py`, `CFG.loadFromBuffer`): line by line, no quoting, no escapes, no
 * trailing comments; an option takes the rest of its line, `+=` appends to an option of the same file and section.
 *
 * What DIRAC refuses is an error, and so is what it silently reads as something else than is written (text that belongs
 * to nothing, braces on the line of an option, an option that replaces a section, a byte order mark); every error says
 * where (`file:line:column`) and why. Messages name options and sections but never quote values: they may be secret.
 */
export function parseCfg(text: string, options: { file: string }): CfgOutcome {
  return new CfgParser(options.file).parse(text);
}

class CfgParser {
  readonly #file: string;
  readonly #tree = new CfgSection();
  readonly #stack: OpenSection[] = [{ section: this.#tree, path: '' }];
  readonly #warnings: ConfigRemark[] = [];
  readonly #errors: ConfigRemark[] = [];
  /** Text that may become a section name when a `{` follows. */
  #pending: (Position & { readonly text: string })[] = [];
  #comment = '';
  /** Closing braces that became the end of a value. */
  readonly #swallowed: (Position & { readonly path: string })[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  parse(text: string): CfgOutcome {
    const bom = text.startsWith('\ufeff');
    if (bom)
      this.#error(
        { line: 1, column: 1 },
        'the file starts with a byte order mark, which DIRAC reads as part of the first name; save it as plain UTF-8',
      );
    for (const [index, line] of (bom ? text.slice(1) : text).split('\n').entries()) this.#readLine(line, index + 1);
    this.#finish();
    return { tree: this.#tree, warnings: this.#warnings, errors: this.#errors };
  }

  #readLine(raw: string, line: number): void {
    const text = strip(raw);
    if (text.startsWith('#')) this.#comment += `${text.replaceAll('#', '')}\n`;
    if (text === '' || text.startsWith('#')) return;
    const at = (index: number): Position => ({ line, column: raw.indexOf(text) + index + 1 });
    let from = 0;
    for (let index = 0; index < text.length; index += 1) {
      const character = text[index];
      const append = character === '+' && text[index + 1] === '=';
      if (character === '=' || append) {
        const value = strip(text.slice(index + (append ? 2 : 1)));
        this.#assign({ name: text.slice(from, index), value, append, sharesLine: from > 0, at: at(from), end: at(text.length - 1) });
        return;
      }
      if (character !== '{' && character !== '}') continue;
      this.#keep(text.slice(from, index), at(from));
      if (character === '{') this.#open(at(index));
      else this.#close(at(index));
      from = index + 1;
    }
    this.#keep(text.slice(from), at(from));
  }

  #keep(text: string, position: Position): void {
    const name = strip(text);
    if (name !== '') this.#pending.push({ ...position, column: position.column + text.indexOf(name), text: name });
  }

  #open(position: Position): void {
    const name = this.#pending.pop();
    this.#dropPending('DIRAC would join it to the name of the section that follows');
    const comment = this.#takeComment();
    if (name === undefined) {
      this.#error(position, 'a "{" without a section name before it');
      this.#stack.push({ section: new CfgSection(), path: this.#here });
      return;
    }
    if (name.text.includes('#')) {
      this.#warn(name, 'the name of this section holds a "#": a CFG has no trailing comments, it is part of the name', name.text);
    }
    const section = this.#addSection(name, comment);
    this.#stack.push({ section, path: `${this.#here}/${splitPath(name.text).join('/')}` });
  }

  #addSection(name: Position & { readonly text: string }, comment: string): CfgSection {
    const fresh = (label: string): CfgSection => new CfgSection(label, { comment, source: this.#source(name) });
    const place = this.#placeOf(name.text, name);
    if (place === undefined) return fresh(name.text);
    const existing = place.parent.entries.get(place.name);
    if (existing === undefined) return place.parent.set(fresh(place.name));
    if (existing instanceof CfgSection) {
      this.#error(name, `section "${place.name}" is there already (${existing.source ?? ''})`, name.text);
      return existing;
    }
    this.#error(name, `"${place.name}" is an option already (${existing.source ?? ''}) and cannot be a section too`, name.text);
    return fresh(place.name);
  }

  #close(position: Position): void {
    this.#dropPending('DIRAC would make it part of the name of the next section');
    if (this.#stack.length > 1) this.#stack.pop();
    else this.#error(position, 'a "}" closes more than was opened');
  }

  #assign(line: OptionLine): void {
    this.#dropPending('DIRAC would drop it silently');
    const { value } = line;
    const name = strip(line.name);
    const position = { ...line.at, column: line.at.column + line.name.indexOf(name) };
    this.#setOption(name, value, { append: line.append, comment: this.#takeComment(), position });
    const losesBrace = value.endsWith('}') && value.split('}').length > value.split('{').length;
    if (line.sharesLine) {
      this.#error(
        position,
        'an option must stand on its own line: DIRAC takes the whole line up to the "=", braces included, as its name',
        name,
      );
      if (losesBrace && this.#stack.length > 1) this.#stack.pop();
    } else if (losesBrace) this.#swallowed.push({ ...line.end, path: this.#pathOf(name) });
  }

  #setOption(name: string, value: string, how: { append: boolean; comment: string; position: Position }): void {
    if (splitPath(name).length === 0) {
      this.#error(how.position, 'an option without a name before its "="');
      return;
    }
    const place = this.#placeOf(name, how.position);
    if (place === undefined) return;
    const existing = place.parent.entries.get(place.name);
    if (existing instanceof CfgSection) {
      this.#error(
        how.position,
        `"${existing.name}" is a section already (${existing.source ?? ''}), which DIRAC would replace by this option`,
        name,
      );
    } else if (existing === undefined && how.append) {
      this.#error(how.position, '"+=" appends to an option set above it in the same section of the same file, and there is none', name);
    } else if (existing !== undefined && how.append) {
      place.parent.set(new CfgOption(place.name, `${existing.value}, ${value}`, existing));
    } else {
      if (existing !== undefined) this.#warn(how.position, `set before (${existing.source ?? ''}); the last one counts`, name);
      place.parent.set(new CfgOption(place.name, value, { comment: how.comment, source: this.#source(how.position) }));
    }
  }

  /** The section an entry belongs to: names may be paths (`S/a = 1`) into sections that are open or above. */
  #placeOf(name: string, position: Position): { parent: CfgSection; name: string } | undefined {
    const components = splitPath(name);
    const last = components.pop();
    const parent = this.#current.section(components.join('/'));
    if (last !== undefined && parent !== undefined) return { parent, name: last };
    const fault = last === undefined ? 'the name is empty' : `there is no section "${components.join('/')}" above to put it into`;
    this.#error(position, fault, name);
    return undefined;
  }

  #finish(): void {
    this.#dropPending('DIRAC would drop it silently');
    const open = this.#stack.slice(1);
    for (const brace of this.#swallowed) {
      const text = 'this "}" is part of the value: an option takes the rest of its line, so it closes no section';
      const remark = { path: brace.path, source: this.#source(brace), message: text };
      (open.length > 0 ? this.#errors : this.#warnings).push(remark);
    }
    for (const { section, path } of open.slice(0, Math.max(0, open.length - this.#swallowed.length))) {
      this.#errors.push({ path: path === '' ? '/' : path, source: section.source, message: 'this section is opened but never closed' });
    }
  }

  #dropPending(consequence: string): void {
    for (const piece of this.#pending) {
      this.#error(piece, `stray text: it is neither an option (no "=") nor a section (no "{" follows it); ${consequence}`);
    }
    this.#pending = [];
  }

  #takeComment(): string {
    const comment = this.#comment;
    this.#comment = '';
    return comment;
  }

  get #current(): CfgSection {
    return this.#stack.at(-1)?.section ?? this.#tree;
  }

  get #here(): string {
    return this.#stack.at(-1)?.path ?? '';
  }

  #source({ line, column }: Position): string {
    return `${this.#file}:${line}:${column}`;
  }

  /** Path of a named entry of the open section, or of that section itself. */
  #pathOf(name: string): string {
    return `${this.#here}/${splitPath(name).join('/')}`.replace(/(?<=.)\/$/, '');
  }

  #error(position: Position, message: string, name = ''): void {
    this.#errors.push({ path: this.#pathOf(name), message, source: this.#source(position) });
  }

  #warn(position: Position, message: string, name: string): void {
    this.#warnings.push({ path: this.#pathOf(name), message, source: this.#source(position) });
  }
}
