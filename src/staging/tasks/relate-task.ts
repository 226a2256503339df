/** The task `relate`: finds the pairs of a region's tiles, and writes them into the region's file. */

import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { ColumnType } from '../../core/columns.ts';
import { toTilewrightError } from '../../core/errors.ts';
import { makeFolderBelow } from '../../core/files/make-folder.ts';
import { parseCrs } from '../../crs/parse.ts';
import type { CrsReference } from '../../crs/reference.ts';
import { resolveCrs } from '../../crs/resolve.ts';
import { createTransform, type Transform } from '../../crs/transform.ts';
import type { FootprintData } from '../../overlap/footprints/footprint-judge.ts';
import { judgeRegion, RegionPairsBuilder, writeRegionPairs } from '../../overlap/region-pairs.ts';
import { GOES } from '../../overlap/verdict.ts';
import type { TaskContext } from '../../parallel/inside/call.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import type { Deduplication } from '../configuration/deduplication.ts';
import type { PropertyNames } from '../configuration/properties.ts';
import type { FolderSettings, GoneReason } from '../folder/journal/journal-rows.ts';
import { FootprintRows } from '../judging/footprints/footprint-rows.ts';
import { columnsOf } from '../judging/judged-tiles.ts';
import { PairFinder } from '../judging/pair-finder.ts';
import { OVERLAPS_FOLDER, type RegionHead } from '../judging/region-file.ts';
import { type Cell, holds, regionName, TileRanges } from '../judging/regions.ts';
import { type JudgedInput, type JudgedTile, TileRows } from '../judging/tile-rows.ts';
import { openAllRows } from '../packs/open-tile.ts';

const PAIRED: GoneReason = 'duplicate of another';

export interface RelateArgs {
  /** The staged folder, and the folder below it in which files are written. */
  folder: string;
  work: string;
  settings: FolderSettings;
  rules: Deduplication;
  region: Cell & { state: string; tiles: JudgedTile[] };
  /** In the order of their names: those that have rows in the region. */
  inputs: JudgedInput[];
  /** What is asked of each feature by itself; null for nothing. */
  footprints: FootprintData | null;
  /** Types that hold the values of columns of keep rules, then of `splitBy`, of all inputs. */
  types: ColumnType[];
}

/** @throws TilewrightError tile-damaged with the tile */
export function relateRegion(args: RelateArgs, task: TaskContext): RegionHead {
  const { folder, settings, rules, region, inputs } = args;
  const tms = tileMatrixSet(JSON.parse(settings.tmsDefinition));
  const relating = { rules, toDistances: distances(tms.crs, rules) };
  const names = settings.properties as unknown as PropertyNames;
  const { splitBy } = rules;
  const asked = columnsOf(rules).map((name, i) => ({ name, type: args.types[i]! }));
  const builder = new RegionPairsBuilder();
  const finder = new PairFinder(relating, builder);
  const matrix = tms.matrix(settings.z);
  const footprints = args.footprints && new FootprintRows(args.footprints, inputs, matrix);
  const isPaired = (tile: JudgedTile): boolean =>
    rules.method === 'neighbor' && (tile.ranges.length > 1 || rules.within || splitBy !== null);
  for (const [index, tile] of region.tiles.entries()) {
    const { x, y, ranges } = tile;
    if (footprints !== null || isPaired(tile)) {
      try {
        const file = openAllRows(folder, settings, x, y);
        const rows = new TileRows(file, names, ranges, inputs, asked);
        try {
          const boxes = rows.boxes();
          const gone = footprints?.judge(rows, boxes, tile, index, builder) ?? null;
          if (isPaired(tile)) finder.find(rows, index, boxes, gone);
        } finally {
          rows.close();
        }
      } catch (error) {
        throw toTilewrightError(error, { tile: `${settings.z}/${x}/${y}` });
      }
    }
    task.progress(ranges.reduce((sum, range) => sum + range.rows, 0));
  }
  const pairs = builder.build();
  const ranges = new TileRanges(matrix);
  const inside = Uint8Array.from(pairs.input, (_, i) =>
    holds(region, ranges.of(pairs.bounds, 4 * i)) ? 1 : 0,
  );
  const { states, border } = judgeRegion(pairs, (i) => inside[i] === 1);
  const gone = new Map<number, number>();
  for (let i = 0; i < states.length; i++) {
    // What others may know of too is counted once, by who judges over all.
    if (states[i] !== GOES || inside[i] === 0) continue;
    gone.set(pairs.input[i]!, (gone.get(pairs.input[i]!) ?? 0) + 1);
  }
  const head: RegionHead = {
    state: region.state,
    inputs: inputs.map(({ name }) => name),
    tiles: region.tiles.map(({ x, y }) => [x, y]),
    pairs: pairs.preferred.length,
    alone: pairs.aloneRow.length,
    gone: [
      ...[...gone].map(([input, n]): RegionHead['gone'][number] => [input, PAIRED, n]),
      ...(footprints?.counts ?? []),
    ],
  };
  const written = join(args.work, `${randomBytes(6).toString('hex')}.pairs`);
  writeRegionPairs(written, head, pairs, border);
  makeFolderBelow(folder, OVERLAPS_FOLDER);
  renameSync(written, join(folder, OVERLAPS_FOLDER, regionName(region)));
  task.note('pairs', pairs.preferred.length);
  return head;
}

/** Null where distances are in the CRS of the tiles, or nobody asks for them. */
function distances(tilesCrs: CrsReference, { distanceCrs }: Deduplication): Transform | null {
  if (distanceCrs === null) return null;
  return createTransform(resolveCrs(tilesCrs), resolveCrs(parseCrs(distanceCrs)));
}
