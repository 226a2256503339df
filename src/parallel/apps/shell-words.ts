/** Values in a text for the shell. */

/**
 * Makes a text for the shell in which each value stands as one word, whatever characters it has; of
 * an array, each item does.
 * @example
 *   bashApp((from: File, to: File) => sh`sort ${from} > ${to}`)
 */
export function sh(texts: TemplateStringsArray, ...values: readonly unknown[]): string {
  return texts.reduce((line, text, i) => `${line}${words(values[i - 1])}${text}`);
}

function words(value: unknown): string {
  return Array.isArray(value) ? value.map(words).join(' ') : word(String(value));
}

/** POSIX, 2.2.2: between single quotes all characters stand for themselves but these. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
