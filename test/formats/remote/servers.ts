/** Starts servers of Node.js in threads: readers that wait for them block their own. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface Server {
  /** Without a slash at its end. */
  url: string;
  stop(): Promise<void>;
}

/**
 * @param file - a module beside this one that posts its URL when it listens
 * @param workerData - what it serves
 */
export async function startServer(file: string, workerData: unknown): Promise<Server> {
  const worker = new Worker(new URL(file, import.meta.url), { workerData });
  const [url] = (await once(worker, 'message')) as [string];
  return {
    url,
    async stop() {
      await worker.terminate();
    },
  };
}
