/** Sections of options, as Python's `configparser` writes them. */
export type IniFile = Map<string, Map<string, string>>;

/**
 * Reads the INI files of DIRAC's short commands: `[section]`, `option = value` or `option: value`, comments that start with `#` or `;`,
 * lines that start with white space go on with the value above. Anything else is passed over; nothing is ever evaluated.
 */
export function parseIni(text: string): IniFile {
  const sections: IniFile = new Map();
  let section: Map<string, string> | undefined;
  let last: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const title = /^\[([^\]]+)\]\s*$/.exec(line)?.[1];
    const option = /^([^\s#;=:[][^=:]*)[=:](.*)$/.exec(line);
    if (title !== undefined) {
      section = sections.get(title) ?? new Map<string, string>();
      sections.set(title, section);
      last = undefined;
    } else if (option !== null && section !== undefined) {
      last = option[1]!.trim().toLowerCase();
      section.set(last, option[2]!.trim());
    } else if (/^\s+\S/.test(line) && section !== undefined && last !== undefined) {
      section.set(last, `${section.get(last)!}\n${line.trim()}`.trim());
    }
  }
  return sections;
}

export function writeIni(sections: IniFile): string {
  return [...sections]
    .map(
      ([title, options]) =>
        `[${title}]\n${[...options].map(([name, value]) => `${name} = ${value.replaceAll('\n', '\n\t')}\n`).join('')}\n`,
    )
    .join('');
}
