/** `tilewright deduplicate`: judges what is staged. */

import { relative, resolve } from 'node:path';
import { counted } from '../../insight/units.ts';
import type { DeduplicationResult } from '../../staging/phases/run-result.ts';
import { TileStager } from '../../staging/tile-stager.ts';
import type { DeduplicateCommand } from '../arguments/arguments.ts';
import { duplicateLines, duplicateWords } from '../lines/duplicate-lines.ts';
import { hanging } from '../output.ts';
import { followRun } from './followed-run.ts';

export async function deduplicateCommand(
  { config, quiet, json }: DeduplicateCommand,
  stacks: boolean,
): Promise<number> {
  const folder = resolve(config.values.dirStaged);
  return followRun({ folder, quiet, json, stacks }, async ({ options, ...show }) => {
    const result = await new TileStager(config).deduplicate(options);
    show.endProgress();
    if (show.printJson !== null) show.printJson({ ...result, folder });
    else if (!quiet) {
      process.stdout.write(`${resultLines(result, folder).join('\n')}\n`);
    }
    return {
      code: 0,
      words: `${counted(result.tilesWritten, 'tile')} written${duplicateWords(result)}`,
    };
  });
}

function resultLines(result: DeduplicationResult, folder: string): string[] {
  const { deduplication, tilesWritten, seconds, warnings } = result;
  const place = relative(process.cwd(), folder) || '.';
  const time = `${counted(tilesWritten, 'tile')} written in ${place}, ${seconds.toFixed(1)} s`;
  return [
    ...(deduplication === null
      ? ['duplicates are not looked for any more: no row has a label, and none is left out']
      : duplicateLines(result)),
    `tiles      ${time}`,
    ...warnings.map((text) => `note       ${hanging(text)}`),
  ];
}
