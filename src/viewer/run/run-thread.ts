/** The thread that follows runs: a record may be long, and none of it is trusted. */

import { workerData } from 'node:worker_threads';
import type { RunStatus } from '../../staging/recording/run-status.ts';
import type { RunNow } from '../shared/run-messages.ts';
import { serveThread } from '../threads/thread-side.ts';
import { RunFollower } from './run-follower.ts';

const { folder } = workerData as { folder: string };
const follower = new RunFollower(folder);

const methods = {
  look: (status: RunStatus | null): RunNow | null => follower.look(status),
  tiles: (): Uint8Array<ArrayBuffer> => new Uint8Array(follower.tiles().buffer as ArrayBuffer),
};

export type RunMethods = typeof methods;
serveThread(methods);
