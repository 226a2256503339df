/** Writes a tile anew from all its rows: labelled, without those that go, or as it was before both. */

import { TilewrightError } from '../../core/errors.ts';
import { OutputFile } from '../../core/files/output-file.ts';
import type { CrsReference } from '../../crs/reference.ts';
import { resolveCrs } from '../../crs/resolve.ts';
import type { StagedFile } from '../../formats/staged-format.ts';
import {
  attributesOf,
  isLabelled,
  type PropertyNames,
  propertyColumns,
} from '../configuration/properties.ts';
import type { FolderSettings } from '../folder/journal/journal-rows.ts';
import { isLabelledFolder } from '../folder/settings.ts';
import { tileFormat } from '../folder/tile-place.ts';
import { DUPLICATED, NO_LABEL, NOT_DUPLICATED, Unlabelled } from './label.ts';

export interface RewriteOptions {
  settings: FolderSettings;
  layer: string;
  tilesCrs: CrsReference;
  /** GEOMETRY_… bits of all its rows. */
  geometry: number;
  /** By row, from 0: 1 for one that goes. */
  goes: Uint8Array;
  /** Of the new file. */
  path: string;
  direct: boolean;
}

/**
 * @param all - the tile with all its rows, whatever labels they have
 * @returns rows in the new file; 0 if there would be none, and it was not written
 */
export function rewriteTile(all: StagedFile, options: RewriteOptions): number {
  const { settings, goes } = options;
  const names = settings.properties as unknown as PropertyNames;
  const labels = isLabelledFolder(settings);
  const removes = !labels && settings.deduplication !== undefined;
  if (removes && !goes.includes(0)) return 0;
  const labelled = isLabelled(all.columns, names);
  const format = tileFormat(settings);
  const columns = [...attributesOf(all.columns, names), ...propertyColumns(names, labels)];
  if (columns.length > format.maxColumns) {
    throw new TilewrightError(
      'input-columns',
      `${all.path} has ${columns.length - 1} columns and no room for a label. Leave duplicates out with ` +
        '--duplicates remove, or stage copies of its inputs with fewer columns',
    );
  }
  const output = OutputFile.create(options.path, { direct: options.direct, summed: false });
  try {
    const writer = format.create(output, {
      name: options.layer,
      columns,
      crs: resolveCrs(options.tilesCrs),
      geometry: options.geometry,
    });
    const unlabelled = new Unlabelled();
    const rows = all.rows();
    for (let i = 0; rows.next(); i++) {
      const isGoing = goes[i] === 1;
      if (removes && isGoing) continue;
      if (!labels && !labelled) writer.copy(rows);
      else {
        const row = labelled ? unlabelled.of(rows.row) : rows.row;
        writer.add(row, labels ? (isGoing ? DUPLICATED : NOT_DUPLICATED) : NO_LABEL);
      }
    }
    writer.finish();
    return writer.rows;
  } finally {
    output.close();
  }
}
