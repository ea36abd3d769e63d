// @ts-check
/**
 * Pictures of real output for the README: runs a command with colours and draws what it printed as an SVG.
 *
 *   node scripts/picture.mjs docs/images/demo.svg -- npm run --silent demo
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const [file, dashes, ...command] = process.argv.slice(2);
if (file === undefined || dashes !== '--' || command.length === 0) {
  process.stderr.write('usage: node scripts/picture.mjs FILE.svg -- COMMAND…\n');
  process.exit(2);
}
const result = spawnSync(command[0] ?? '', command.slice(1), { encoding: 'utf8', env: { ...process.env, FORCE_COLOR: '1' } });
if (result.status !== 0) {
  process.stderr.write(`${result.stdout}${result.stderr}`);
  process.exit(result.status ?? 1);
}
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, draw(`$ ${command.join(' ').replace(' --silent', '')}\n${result.stdout}`.trimEnd().split('\n')));

/** @param {string[]} lines */
function draw(lines) {
  const lineHeight = 18;
  const plain = lines.map((line) => line.replaceAll(/\u001b\[\d+m/g, ''));
  const width = Math.ceil(Math.max(...plain.map((line) => line.length)) * 7.83) + 40;
  const height = lines.length * lineHeight + 40;
  const text = lines.map((line, n) => `<text x="20" y="${n * lineHeight + 34}" xml:space="preserve">${spans(line)}</text>`).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<style>text{font:13px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d6deeb}.c1{font-weight:bold;fill:#fff}.c2{fill:#7f8c98}.c31{fill:#ff6b6b}.c32{fill:#7bd88f}.c36{fill:#5ad4e6;font-weight:bold}</style>
<rect width="100%" height="100%" rx="8" fill="#12181f"/>
${text}
</svg>
`;
}

/** Text with SGR colours as tspans. @param {string} line */
function spans(line) {
  let style = '';
  return line
    .split(/(\u001b\[\d+m)/)
    .map((piece) => {
      const code = /^\u001b\[(\d+)m$/.exec(piece)?.[1];
      if (code !== undefined) style = code === '0' ? '' : ` class="c${code}"`;
      return code !== undefined || piece === '' ? '' : `<tspan${style}>${escape(piece)}</tspan>`;
    })
    .join('');
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
