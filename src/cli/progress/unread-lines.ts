/** Lines about files that were not read. */

import { type UnreadKind, unreadCommands, unreadWords } from '../../staging/inputs/unread.ts';

/** As the report of `stage` has them: what, then commands that make them readable. */
export function unreadLines(kinds: readonly UnreadKind[]): string[] {
  if (kinds.length === 0) return [];
  const commands = unreadCommands(kinds);
  const how = commands.length === 0 ? '' : '. To read them:';
  return [
    `note       ${unreadWords(kinds)}${how}`,
    ...commands.map((command) => `             ${command}`),
  ];
}
