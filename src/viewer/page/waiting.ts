/** The page while nothing is staged: it waits for a run, and shows what is known of one. */

import type { WaitingFolder } from '../shared/run-messages.ts';
import * as api from './api.ts';
import { byId, make } from './dom.ts';
import { applyTheme } from './map/themes.ts';
import { RunView } from './run/run-view.ts';
import { THEMES } from './state.ts';

const POLL_MS = 1_500;

/** Loads the page anew as soon as there is something to show. */
export function waitForRun({ name, isThere }: WaitingFolder): void {
  document.title = `${name} – Tilewright`;
  document.body.dataset['waiting'] = '';
  byId('folder').textContent = name;
  byId('facts').textContent = isThere ? 'Nothing is staged yet' : 'The folder is not there yet';
  const empty = byId('empty');
  empty.hidden = false;
  empty.replaceChildren(
    'This page waits for a run into the folder, and shows it when it begins:',
    make('pre', {}, `tilewright stage INPUT --out ${name}`),
  );
  const theme = byId<HTMLSelectElement>('theme');
  applyTheme('auto');
  theme.addEventListener('change', () => {
    applyTheme(THEMES.find((one) => one === theme.value) ?? 'auto');
  });
  byId('panel-tiles').hidden = true;
  byId('panel-run').hidden = false;
  const tell = (error: unknown): void => {
    byId('problem').textContent = (error as Error).message;
    byId('problem').hidden = false;
  };
  const view = new RunView(() => undefined, tell);
  const poll = async (): Promise<void> => {
    try {
      const { version, run } = await api.version();
      if (version > 0) location.reload();
      byId('problem').hidden = true;
      view.watch.check(run);
    } catch (error) {
      tell(error);
    }
  };
  setInterval(() => {
    if (!document.hidden) void poll();
  }, POLL_MS);
  void poll();
  document.body.dataset['state'] = 'ready';
}
