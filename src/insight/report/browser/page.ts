/** What is in the page: its data, its charts, and the tasks of its timeline. */

import { type PageData, STRIDE } from '../charts/page-data.ts';

export const data: PageData = JSON.parse(document.getElementById('data')!.textContent);
export const { seconds, timeline } = data;
export const charts = [...document.querySelectorAll<HTMLElement>('[data-chart]')];

/** Names of what tasks were about. */
export const subjects: string[] = [];
for (const [same, rest] of timeline?.subjects ?? []) {
  subjects.push((subjects.at(-1) ?? '').slice(0, same) + rest);
}

/** Tasks of each worker as `timelinePaths` takes them: with their starts and ends. */
export const rows = (timeline?.rows ?? []).map((packed) => {
  const row = [...packed];
  let end = 0;
  for (let i = 0; i < row.length; i += STRIDE) {
    row[i]! += end;
    end = row[i + 1]! += row[i]!;
  }
  return row;
});
