/**
 * What the page does on its own: it tells of what the pointer is on, zooms the time of all charts,
 * sorts tables and changes the theme. Without it all is there but the details.
 */

import { watchPointer } from './pointer.ts';
import { sortByHeadings } from './sorting.ts';
import { zoomByButtons } from './zoom.ts';

const root = document.documentElement;
root.classList.add('js');
// The system's theme, until the button says otherwise.
document.getElementById('theme')!.addEventListener('click', () => {
  const { matches } = matchMedia('(prefers-color-scheme: dark)');
  const now = root.dataset['theme'] ?? (matches ? 'dark' : 'light');
  root.dataset['theme'] = now === 'dark' ? 'light' : 'dark';
});
sortByHeadings();
zoomByButtons();
watchPointer();
