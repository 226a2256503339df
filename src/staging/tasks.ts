/** The tasks of staging, by name: what workers of every executor can run. */

import type { TaskModule } from '../parallel/executor.ts';
import { mergePartition } from './merge-task.ts';
import { stageSlice } from './stage-task.ts';

export const tasks: TaskModule['tasks'] = { stage: stageSlice, merge: mergePartition };
