/** All cases, in the order of their table. */

import { blocks } from './blocks.ts';
import { calls } from './calls.ts';
import { checkpoints } from './checkpoints.ts';
import { commands } from './commands.ts';
import { dataFlow } from './data-flow.ts';
import { failures } from './failures.ts';
import { files } from './files.ts';
import { futures } from './futures.ts';
import { joins } from './joins.ts';
import type { Case } from './kit.ts';
import { loading } from './loading.ts';
import { memo } from './memo.ts';
import { monitored } from './monitored.ts';
import { retries } from './retries.ts';

export const TOPICS: Readonly<Record<string, readonly Case[]>> = {
  'Calls of functions': calls,
  'Data flow': dataFlow,
  Futures: futures,
  'Join apps': joins,
  Failures: failures,
  Retries: retries,
  'Remembered results': memo,
  Checkpoints: checkpoints,
  Commands: commands,
  Files: files,
  'Loading and ending': loading,
  Blocks: blocks,
  Monitoring: monitored,
};

export const CASES: readonly Case[] = Object.values(TOPICS).flat();
