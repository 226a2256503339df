/** What a block writes: files of the executor's folder, named after the block. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlockLaunch } from '../blocks/provider.ts';

const ERROR_LENGTH = 2_000;

/** `out`, `err`: of its script and workers. `job`: what the batch system has to say of it. */
export function outputPath(launch: BlockLaunch, stream: 'out' | 'err' | 'job'): string {
  return join(launch.folder, `${launch.blockId}.${stream}`);
}

/** The end of what it has written to its error stream, or else of what the batch system has. */
export function errorOutput(launch: BlockLaunch): string {
  for (const stream of ['err', 'job'] as const) {
    try {
      const text = readFileSync(outputPath(launch, stream), 'utf8').slice(-ERROR_LENGTH);
      if (text.trim() !== '') return text;
    } catch {
      // It has never come to that: there is nothing to tell.
    }
  }
  return '';
}
