/**
 * Text from elsewhere, such as the name of a file, a layer or a column, made fit to be seen. What a
 * terminal would obey, what turns the direction of writing and what nobody could see is written as
 * `\u001b`: by UTF-16 units, as JSON has it, so that JSON stays the same JSON.
 */

/** Controls, formats, lone surrogates, separators of lines, and what has no width of its own. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const PLAIN = /^[\x20-\x7e]*$/;

/** The text as a part of a line: line feeds are escaped too. */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNSEEN, escapedUnits);
}

/** The same for text that may have several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** Plain data with all its strings, and the names of its properties, as `shown` has them. */
export function printableData<T>(data: T, shown: (text: string) => string = printable): T {
  const mapped = (value: unknown): unknown => {
    if (typeof value === 'string') return shown(value);
    if (Array.isArray(value)) return value.map(mapped);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([name, each]) => [shown(name), mapped(each)]));
  };
  return mapped(data) as T;
}

function escapedUnits(character: string): string {
  let text = '';
  for (let i = 0; i < character.length; i++) {
    text += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }
  return text;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The text as it may stand in an element or a quoted attribute of HTML or XML. */
export function markupText(text: string): string {
  return printable(text)
    .replace(/[\ufffe\uffff]/g, escapedUnits)
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
