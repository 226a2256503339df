/** What SQLite says of an error, whatever runtime it comes through. */

/** Deno's node:sqlite gives no result code with an error, so its message has to tell. */
const MESSAGES: readonly (readonly [text: string, code: number])[] = [
  ['database is locked', 5],
  ['attempt to write a readonly database', 8],
  ['database disk image is malformed', 11],
  ['database or disk is full', 13],
  ['file is not a database', 26],
];

/**
 * SQLite's primary result code (https://www.sqlite.org/rescode.html); undefined if the error is
 * not one of SQLite's.
 */
export function sqliteCode(error: unknown): number | undefined {
  const { errcode, code, message } = (error ?? {}) as Record<string, unknown>;
  if (typeof errcode === 'number') return errcode & 0xff;
  if (code !== 'ERR_SQLITE_ERROR') return undefined;
  const found = MESSAGES.find(([text]) => String(message).includes(text));
  // SQLITE_ERROR, the code of all that has none of its own.
  return found?.[1] ?? 1;
}
