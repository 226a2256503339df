/** The folder with grids of datum shifts that a user has, and what a plan says of one of them. */

import type { GridMethod } from '../operations/known.ts';
import type { Loop } from '../projections/projection.ts';

/** Plain data: which file is applied, and in which direction. */
export interface GridStep {
  kind: 'grid';
  format: GridMethod;
  path: string;
  inverse: boolean;
}

export class GridFolder {
  readonly path: string;
  /** What is in it, to notice a change: names, sizes and times. */
  readonly key = '';

  constructor(path: string) {
    this.path = path;
  }

  /** Whether a file of one of the names is there, in a format that is read. */
  has(_format: GridMethod, _names: readonly string[]): boolean {
    return false;
  }
}

/** The step for the first of the names that is there; null if none is. */
export function gridStep(
  _format: GridMethod,
  _names: readonly string[],
  _inverse: boolean,
  _grids: GridFolder | null,
): GridStep | null {
  return null;
}

/** The loop of a step; its file is read when it is first needed. */
export function gridLoop(_step: GridStep): Loop {
  throw new Error('no format of grids is read yet');
}
