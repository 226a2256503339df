/** What is known of the selected polygon. */

import type { FeatureDetails } from '../../shared/messages.ts';
import { breakable, button, make } from '../dom.ts';
import { area, coordinate, count, lonLat, shortId } from '../format.ts';

export interface CardActions {
  zoomTo(): void;
  close(): void;
  /** Goes to another tile's copy. */
  openCopy(copy: FeatureDetails['copies'][number]): void;
  /** Goes on among polygons at the same place. */
  step(by: number): void;
}

export interface CardContext {
  z: number;
  /** Units of the CRS that are worth a digit. */
  step: number;
  lonLat(x: number, y: number): number[];
  /** Column that labels duplicates; null: there is none. */
  label: string | null;
  /** Place among the polygons that were clicked, from 0, and how many there are. */
  among: { index: number; count: number } | null;
}

export function featureCard(
  feature: FeatureDetails,
  { z, step, lonLat: toLonLat, label, among }: CardContext,
  actions: CardActions,
): HTMLElement {
  const { identifier, centroid, copies, moreCopies, attributes } = feature;
  const facts: [string, Node | string][] = [];
  if (feature.area !== null) facts.push(['Area on the ground', area(feature.area)]);
  if (centroid !== null) {
    const [x, y] = centroid;
    facts.push(['Centroid', `${coordinate(x, step)}, ${coordinate(y, step)}`]);
    facts.push(['', lonLat(toLonLat(x, y))]);
  }
  facts.push(['Vertices', count(feature.vertices)]);
  const isDuplicate = attributes.find(([name]) => name === label)?.[1];
  if (typeof isDuplicate === 'boolean') facts.push(['Duplicate', plain(isDuplicate)]);
  facts.push(['In tile', `${z}/${feature.x}/${feature.y}`]);
  const links = copies.map((copy) =>
    button(
      `${z}/${copy.x}/${copy.y}`,
      () => actions.openCopy(copy),
      `Copy in tile ${z}/${copy.x}/${copy.y}`,
    ),
  );
  const places = make('span', { class: 'row' }, ...links, moreCopies ? 'and perhaps more' : '');
  facts.push(['Copies in', links.length === 0 ? 'no other tile' : places]);

  const steps =
    among === null || among.count < 2
      ? []
      : [
          button('‹', () => actions.step(-1), 'Previous polygon at this place'),
          make('span', {}, `${among.index + 1} of ${among.count} at this place`),
          button('›', () => actions.step(1), 'Next polygon at this place'),
        ];
  return make(
    'article',
    { class: 'card', 'aria-labelledby': 'feature-title' },
    make(
      'header',
      {},
      make('h2', { id: 'feature-title', tabindex: '-1' }, `Polygon ${shortId(identifier)}`),
      button('Zoom to it', actions.zoomTo),
      button('×', actions.close, 'Close this polygon'),
    ),
    ...(steps.length > 0 ? [make('div', { class: 'row' }, ...steps)] : []),
    definitions(facts),
    make('h3', {}, 'Attributes'),
    attributeTable(attributes),
  );
}

function definitions(facts: [string, Node | string][]): HTMLElement {
  const list = make('dl');
  for (const [name, value] of facts) {
    // A second value of the same name.
    if (name !== '') list.append(make('dt', {}, name));
    list.append(make('dd', {}, value));
  }
  return list;
}

function attributeTable(attributes: FeatureDetails['attributes']): HTMLElement {
  const rows = attributes.map(([name, value]) =>
    make(
      'tr',
      {},
      make('th', { scope: 'row' }, breakable(name)),
      value === null
        ? make('td', { class: 'null', title: 'No value' }, '–')
        : make('td', {}, breakable(plain(value))),
    ),
  );
  return make('table', { class: 'attributes' }, make('tbody', {}, ...rows));
}

function plain(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}
