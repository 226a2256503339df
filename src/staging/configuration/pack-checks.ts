/** What packs and other keys may be together. */

import { stagedFormatOf } from '../../formats/staged-formats.ts';
import type { ConfigValues } from './config-schema.ts';

/** What does not go together, in sentences. */
export function packProblems({ pack, extStaged, zRange }: ConfigValues): string[] {
  if (pack === null) return [];
  const problems: string[] = [];
  const format = stagedFormatOf(extStaged);
  if (format !== undefined && format.pack === undefined) {
    problems.push(
      `pack ${pack}: a file of the format ${format.name} holds one tile. Say --format geoparquet ` +
        '(extStaged) too.',
    );
  }
  if (pack > zRange[1]) {
    problems.push(`pack must be at most z, which is ${zRange[1]}, not ${pack}.`);
  }
  return problems;
}
