/** Lines about files that were not read. */

import type { MissingInput } from '../../staging/inputs/inputs.ts';
import { type UnreadKind, unreadCommands, unreadWords } from '../../staging/inputs/unread.ts';

/**
 * As the report of `stage` has them: what, then commands that make them readable.
 * @param missing - whose messages are printed too: what one of them says is not said again
 */
export function unreadLines(
  kinds: readonly UnreadKind[],
  missing: readonly Pick<MissingInput, 'error'>[],
): string[] {
  const words = unreadWords(kinds);
  if (kinds.length === 0 || missing.some(({ error }) => error.message.includes(words))) return [];
  const commands = unreadCommands(kinds);
  const how = commands.length === 0 ? '' : '. To read them:';
  return [`note       ${words}${how}`, ...commands.map((command) => `             ${command}`)];
}
