/** Where a manager gets its tasks from: the other end of a channel. */

import type { Manager } from './manager.ts';

export interface TaskSource {
  /**
   * Takes tasks and has the manager run them, until there are no more to come.
   * @returns why it ended, for people
   * @throws TilewrightError queue if the source can't be reached
   */
  serve(manager: Manager): Promise<string>;
  /** Takes no more tasks; `serve` returns when the running ones have ended. */
  drain(): void;
}
