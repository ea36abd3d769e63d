import { printable } from './printable.js';

/**
 * A table as DIRAC prints it (`Core/Utilities/PrettyPrint.py`, without row numbers): header, a line of `=` below it, rows, an empty
 * line; whole numbers are right-aligned, everything else left. Without rows it is `No output`.
 */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return 'No output\n';
  const clean = rows.map((row) => row.map((cell) => printable(cell.trim())));
  const widths = header.map((title, column) => Math.max(lengthOf(title), ...clean.map((row) => lengthOf(row[column] ?? ''))));
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) => pad(cell, widths[column] ?? 0));
    const last = padded.pop() ?? '';
    return [...padded, last.trimEnd()].join(' ');
  };
  const top = line(header);
  return `${[top, '='.repeat(lengthOf(top)), ...clean.map(line)].join('\n')}\n\n`;
}

function pad(cell: string, width: number): string {
  const room = ' '.repeat(Math.max(0, width - lengthOf(cell)));
  return /^[+-]?[\d,]*\d[\d,]*$/.test(cell) ? room + cell : cell + room;
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}
