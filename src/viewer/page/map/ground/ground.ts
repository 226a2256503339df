/** What lies below the tiles: coastlines once, the graticule anew for each view. */

import type { CrsDefinition } from '../../../../crs/definition.ts';
import type { Box } from '../../../shared/messages.ts';
import type { LayerName } from '../../state.ts';
import { coastlines } from './coastlines.ts';
import { CrsLines, type Piece } from './crs-lines.ts';
import { type GraticuleLine, graticule } from './graticule.ts';

export class Ground {
  coasts: readonly Piece[] = [];
  lines: readonly GraticuleLine[] = [];
  /** Of labels, as they have been measured for this view. */
  readonly widths = new Map<string, number>();
  readonly #crs: CrsLines;
  #allCoasts: readonly Piece[] | null = null;

  constructor(definition: CrsDefinition) {
    this.#crs = new CrsLines(definition);
  }

  /** @param view - as it has come to rest */
  update(view: Box, hidden: readonly LayerName[]): void {
    this.widths.clear();
    const isLand = !hidden.includes('land');
    if (isLand) this.#allCoasts ??= coastlines().flatMap((line) => this.#crs.project(line));
    this.coasts = isLand ? this.#allCoasts! : [];
    this.lines = hidden.includes('graticule') ? [] : graticule(this.#crs, view);
  }
}
