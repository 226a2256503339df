/** The tab of the run's report: a file of its own, in a frame that can't reach this page. */

import { byId, make } from '../dom.ts';

let shown: string | null = null;

/** @param version - of the folder: with another one there is another report */
export function showReport(hasReport: boolean, version: number): void {
  const key = `${hasReport} ${version}`;
  if (key === shown) return;
  shown = key;
  byId('panel-report').replaceChildren(
    hasReport
      ? make('iframe', {
          src: '/report',
          title: 'Report of the last run',
          sandbox: 'allow-scripts',
          referrerpolicy: 'no-referrer',
        })
      : make(
          'p',
          { class: 'note' },
          'There is no report of a run in this folder. A run that stages something into it writes one.',
        ),
  );
}
