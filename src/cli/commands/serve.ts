/** `tilewright serve`: a web page that shows what is staged. */

import { existsSync } from 'node:fs';
import { isLoopback } from '../../viewer/guard.ts';
import { serve } from '../../viewer/serve.ts';
import type { ServeCommand } from '../arguments/serve-arguments.ts';
import { STOP_SIGNALS } from '../stop-signals.ts';

/** Serves until Ctrl-C or SIGTERM; returns the exit code. */
export async function serveCommand({ folder, port, host }: ServeCommand): Promise<number> {
  const viewer = await serve(folder, { port, host });
  const stopped = new Promise<void>((resolve) => {
    for (const signal of STOP_SIGNALS) process.once(signal, resolve);
  });
  if (!isLoopback(host)) {
    process.stderr.write(
      `Warning: whoever reaches ${host} can see what is staged in ${folder}; ` +
        'there is no password\n',
    );
  }
  if (viewer.waiting) {
    const what = existsSync(folder) ? 'Nothing is staged in' : 'There is no folder';
    process.stderr.write(`${what} ${folder} yet: the page waits for a run into it\n`);
  }
  process.stdout.write(`${folder} is shown at ${viewer.url}\nCtrl-C ends it\n`);
  await stopped;
  await viewer.close();
  return 0;
}
