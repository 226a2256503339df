/** The tab of polygons: the selected one, and a list of those in view. */

import type { Box, FeatureDetails, FeatureSummary } from '../../shared/messages.ts';
import * as api from '../api.ts';
import { breakable, byId, make } from '../dom.ts';
import { count, counted, shortId } from '../format.ts';
import { type CardActions, type CardContext, featureCard } from './feature-card.ts';

const LISTED = 50;

export class PolygonPanel {
  readonly #z: number;
  readonly #onSelect: (feature: FeatureSummary) => void;
  #request = new AbortController();
  /** What the list was made of. */
  #listed = '';

  constructor(z: number, onSelect: (feature: FeatureSummary) => void) {
    this.#z = z;
    this.#onSelect = onSelect;
  }

  showFeature(feature: FeatureDetails, context: CardContext, actions: CardActions): void {
    byId('feature').replaceChildren(featureCard(feature, context, actions));
  }

  showMessage(message: string | null): void {
    const children = message === null ? [] : [make('p', { class: 'note' }, message)];
    byId('feature').replaceChildren(...children);
  }

  /** For someone who has chosen it in the list, and reads on there. */
  focusFeature(): void {
    document.getElementById('feature-title')?.focus();
  }

  /**
   * Lists the largest polygons in a box.
   * @param box - null where polygons are too small to be shown
   * @param version - of the folder
   */
  async list(box: Box | null, inputs: string, version: number): Promise<void> {
    const key = `${box?.join()} ${inputs} ${version}`;
    if (key === this.#listed) return;
    this.#request.abort();
    this.#request = new AbortController();
    const list = byId('list');
    const note = byId('list-note');
    if (box === null) {
      this.#listed = key;
      note.textContent = 'Zoom in until polygons appear; the largest of them are listed here.';
      list.replaceChildren();
      return;
    }
    try {
      const { features, total, tooMany, gone } = await api.list(
        box,
        LISTED,
        inputs,
        this.#request.signal,
      );
      this.#listed = key;
      note.textContent = tooMany
        ? 'Too many tiles are in view: zoom in for a list of polygons.'
        : total > features.length
          ? `About ${count(total)}; the ${count(features.length)} largest are listed.`
          : `${count(features.length)}, the largest first.`;
      if (gone > 0) note.textContent += ` ${counted(gone, 'tile')} of the view can't be read now.`;
      list.replaceChildren(...features.map((feature) => this.#item(feature)));
    } catch (error) {
      if (!api.isAbort(error)) note.textContent = (error as Error).message;
    }
  }

  #item(feature: FeatureSummary): HTMLElement {
    const name = `Polygon ${shortId(feature.identifier)}`;
    const where = `${this.#z}/${feature.x}/${feature.y}, ${feature.input}`;
    return make(
      'li',
      {},
      make(
        'button',
        { type: 'button', class: 'item', onclick: () => this.#onSelect(feature) },
        make('span', { class: 'name' }, name),
        make('span', { class: 'note' }, breakable(where)),
      ),
    );
  }
}
