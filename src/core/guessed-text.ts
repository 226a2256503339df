/** Features with text whose encoding had to be guessed, and one of them as an example. */
export interface GuessedText {
  count: number;
  /** Position of the first of them (fid or record number), and its first such column. */
  feature: number;
  column: string;
}

/** Both together. */
export function addGuessed(
  a: GuessedText | undefined,
  b: GuessedText | undefined,
): GuessedText | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return { ...(a.feature <= b.feature ? a : b), count: a.count + b.count };
}
