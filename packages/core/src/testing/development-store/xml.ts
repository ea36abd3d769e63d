/** An XML element: its name, and text or children. An undefined child is left out. */
export type XmlElement = readonly [name: string, content: string | number | boolean | readonly (XmlElement | undefined)[]];

/** A document with S3's namespace. */
export function xmlDocument([name, content]: XmlElement): string {
  const namespace = name === 'Error' ? '' : ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name}${namespace}>${inner(content)}</${name}>`;
}

function inner(content: XmlElement[1]): string {
  if (!Array.isArray(content)) return escapeText(String(content));
  return (content as readonly (XmlElement | undefined)[])
    .map((element) => (element === undefined ? '' : `<${element[0]}>${inner(element[1])}</${element[0]}>`))
    .join('');
}

/** XML 1.0 cannot hold most control characters, so clients ask for `encoding-type=url`; without it they go out as references. */
function escapeText(text: string): string {
  return text.replace(/[&<>"\u0000-\u001f]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The texts of all elements of that name in a request body, which S3 keeps flat enough for this. */
export function elementsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>(.*?)</${name}>`, 'gs'))].map(([, text]) => text ?? '');
}

export function elementText(xml: string, name: string): string | undefined {
  const [text] = elementsOf(xml, name);
  return text === undefined ? undefined : unescapeText(text.trim());
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeText(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));/gi,
    (_, hex?: string, decimal?: string, name?: string) =>
      name === undefined
        ? String.fromCodePoint(hex === undefined ? Number(decimal) : parseInt(hex, 16))
        : (entities[name.toLowerCase()] ?? ''),
  );
}
