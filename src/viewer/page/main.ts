/** The page's start. */

import * as api from './api.ts';
import { App } from './app.ts';
import { byId } from './dom.ts';
import { waitForRun } from './waiting.ts';

try {
  const folder = await api.folder();
  if ('waiting' in folder) waitForRun(folder);
  else new App(folder).start();
} catch (error) {
  const problem = byId('problem');
  problem.textContent = `The folder can't be shown: ${(error as Error).message}`;
  problem.hidden = false;
}
