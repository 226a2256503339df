/** The page's start. */

import * as api from './api.ts';
import { App } from './app.ts';
import { byId } from './dom.ts';

try {
  new App(await api.folder()).start();
} catch (error) {
  const problem = byId('problem');
  problem.textContent = `The folder can't be shown: ${(error as Error).message}`;
  problem.hidden = false;
}
