/** How inputs are planned, as a configuration has it: whoever plans asks here. */

import { stagedFormatOf } from '../../formats/staged-formats.ts';
import type { TileMatrixSet } from '../../tms/tile-matrix-set.ts';
import type { Config } from '../configuration/config.ts';
import type { ConfigValues } from '../configuration/config-schema.ts';
import { selectionOf } from '../configuration/selection.ts';
import type { FolderSettings } from '../folder/journal/journal-rows.ts';
import { tileFormat } from '../folder/tile-place.ts';
import type { PlanOptions } from './plan.ts';

export function planOptionsOf({ values }: Config, tms: TileMatrixSet): PlanOptions {
  return {
    layer: values.layer,
    selection: selectionOf(values),
    inputCrs: values.inputCrs,
    overrideCrs: values.overrideCrs,
    grids: values.grids,
    allowBallpark: values.allowBallpark,
    tilesCrs: tms.crs,
    properties: values.properties,
    keepPrimaryKey: values.keepPrimaryKey,
    format: tileFormat(layoutOf(values)).name,
    sliceBytes: values.sliceBytes,
    memory: values.memory === null ? null : values.memory * 1e6,
    force: values.force,
  };
}

/** The format that tiles are staged in, and how they are packed. */
export function layoutOf({
  extStaged,
  pack,
}: ConfigValues): Pick<FolderSettings, 'format' | 'pack'> {
  return { format: stagedFormatOf(extStaged)!.name, ...(pack !== null && { pack }) };
}
