/** How a text that can't be understood is refused. */

import { TilewrightError } from '../../core/errors.ts';

/** A text as a message can quote it: one line, not too long. */
export function excerpt(text: string): string {
  const line = text.slice(0, 200).replace(/\s+/g, ' ');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

/** @param reason - what is not understood, as a sentence without its stop */
export function refusal(reason: string, cause?: unknown): TilewrightError {
  return new TilewrightError(
    'crs-unknown',
    `${reason}. Name the CRS by its code, for example EPSG:3413, or give another definition of it.`,
    { cause },
  );
}
