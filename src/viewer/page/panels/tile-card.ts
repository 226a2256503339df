/** The selected tile, above the table. */

import type { TileInfo } from '../../shared/messages.ts';
import { breakable, button, make } from '../dom.ts';
import { area, counted, rounded } from '../format.ts';

/** Inputs that are named. */
const NAMED = 4;

export function tileCard(
  name: string,
  tile: TileInfo,
  zoomTo: () => void,
  close: () => void,
): HTMLElement {
  const shares = tile.shares
    .slice(0, NAMED)
    .map((share) =>
      make(
        'li',
        {},
        make('span', { class: 'name' }, breakable(share.name)),
        make('span', { class: 'note' }, counted(share.rows, 'row')),
      ),
    );
  const more = tile.inputs - shares.length;
  if (more > 0) shares.push(make('li', { class: 'note' }, `and ${counted(more, 'more input')}`));
  const density = `${rounded(tile.density)} per km²`;
  return make(
    'article',
    { class: 'card', 'aria-labelledby': 'tile-title' },
    make(
      'header',
      {},
      make('h2', { id: 'tile-title' }, `Tile ${name}`),
      button('Zoom to it', zoomTo),
      button('×', close, 'Close this tile'),
    ),
    make('p', {}, `${counted(tile.rows, 'polygon')}, ${area(tile.area)}, ${density}`),
    make('ul', { class: 'shares' }, ...shares),
  );
}
