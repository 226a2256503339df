/** Docstrings: `/** … *\/` right before a declaration. */

export interface Docstring {
  /** Markdown; empty if there is none. */
  text: string;
  tags: { tag: string; text: string }[];
}

/** @param start - offset of the declaration; a comment with an empty line after it is not its own */
export function docstringBefore(source: string, start: number): Docstring {
  let before = source.slice(0, start);
  // Comments for the linter may stand between.
  before = before.replace(/(\n[ \t]*\/\/ biome-ignore [^\n]*)+\n[ \t]*$/, '\n');
  const [, comment] = /\/\*\*((?:(?!\*\/).)*)\*\/[ \t]*\n?[ \t]*$/s.exec(before) ?? [];
  if (comment === undefined) return { text: '', tags: [] };
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, ''));
  const [text, ...tagged] = lines
    .join('\n')
    .trim()
    .split(/^@(?=\w)/m);
  return {
    text: text!.trim(),
    tags: tagged.map((part) => {
      const [, tag, rest] = /^(\w+)\s*(.*)$/s.exec(part)!;
      return { tag: tag!, text: rest!.trim() };
    }),
  };
}
