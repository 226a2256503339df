/** Stages one input, or a slice of a big one: from its file to rows in memory, by tile. */

import { type Column, classOf } from '../../core/columns.ts';
import { DropCounter } from '../../core/drops.ts';
import { type ErrorCode, TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { ScratchPool } from '../../core/scratch-pool.ts';
import type { DatumOperation } from '../../crs/operations/datum-operation.ts';
import type { Crs } from '../../crs/resolve.ts';
import { openSource } from '../../formats/open.ts';
import { isInputUrl } from '../../formats/remote/input-url.ts';
import { LayerSelection } from '../../formats/selection/layer-selection.ts';
import { type Selection, selectsFeatures } from '../../formats/selection/selection.ts';
import type { LayerInfo, ReadNotes, Slice } from '../../formats/source.ts';
import { ValueWalk } from '../../formats/sqlite/record.ts';
import { FeatureBatch, ODD_VALUES } from '../../geometry/batch.ts';
import type { TaskContext } from '../../parallel/inside/call.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import type { InvalidMode } from '../configuration/config-schema.ts';
import { fingerprintOf } from '../inputs/fingerprint.ts';
import { FeatureCounter } from '../rows/feature-counter.ts';
import { FeatureProcessor, type FeatureSink } from '../rows/process.ts';
import {
  type ChunkMemory,
  ChunkWriter,
  releaseChunks,
  type TileRows,
  takeUnused,
} from '../rows/row-chunks.ts';
import type { SliceStatistics } from '../rows/slice-statistics.ts';
import { ValidityWatch } from '../rows/validity.ts';

/** An input as its slices are read. */
export interface StageInput {
  /** Its path, and its name in staging. */
  path: string;
  name: string;
  /** As it was when the run was planned. */
  fingerprint: string;
  layer: LayerInfo;
  /** Those of the layer that are kept. */
  columns: Column[];
  crs: Crs;
  /** From the CRS's datum to that of the TileMatrixSet. */
  operation: DatumOperation;
}

export interface StageArgs {
  input: StageInput;
  /** Null for a layer that is read whole. */
  slice: Slice | null;
  /** Features that it stands for as progress is told, if some of them are selected. */
  features: number;
  /** JSON of the TileMatrixSet. */
  tms: unknown;
  z: number;
  simplifyTolerance: number | null;
  invalid: InvalidMode;
  /** What of the input is staged; null for all. */
  selection: Selection | null;
  /** Memory to use first, where the coordinator keeps that of all its threads. */
  chunks?: ChunkMemory[];
}

/** A batch is handed to the kernels when it has so many of either. */
const MAX_FEATURES = 2048;
const MAX_VERTICES = 1 << 17;

const scratch = new ScratchPool(() => new FeatureBatch());

export interface StagedSlice {
  statistics: SliceStatistics;
  /** Of all rows. */
  bytes: number;
  tiles: TileRows[];
  /** What is left of `chunks`. */
  unused?: ChunkMemory[];
}

/** @throws TilewrightError input-unreadable for a file that was changed meanwhile */
export async function stageSlice(args: StageArgs, context: TaskContext): Promise<StagedSlice> {
  if (args.chunks === undefined) return stageInMemory(args, context);
  releaseChunks(args.chunks);
  const unused: ChunkMemory[] = [];
  try {
    return { ...(await stageInMemory(args, context)), unused };
  } finally {
    // Also when it fails: another thread may try again with the same memory.
    unused.push(...takeUnused());
  }
}

/**
 * What staging a slice would find out about it: it is read and processed as for that, and counted.
 * @throws TilewrightError as `stageSlice` does
 */
export function checkSlice(args: StageArgs, context: TaskContext): Promise<SliceStatistics> {
  return stageUnchanged(args, context, new FeatureCounter());
}

async function stageInMemory(args: StageArgs, context: TaskContext): Promise<StagedSlice> {
  const writer = new ChunkWriter(tileMatrixSet(args.tms).matrix(args.z));
  const statistics = await stageUnchanged(args, context, writer);
  return { statistics, bytes: writer.bytes, tiles: writer.take() };
}

/** Takes features, and counts them. */
type CountingSink = FeatureSink & { featuresStaged: number; rows: number; bytes: number };

async function stageUnchanged(
  args: StageArgs,
  context: TaskContext,
  writer: CountingSink,
): Promise<SliceStatistics> {
  const { path, name, fingerprint } = args.input;
  let staged: SliceStatistics;
  // What else belongs to a URL is taken from what was seen of it last.
  if (isInputUrl(path) && fingerprintOf(path) !== fingerprint) throw changed(path, name);
  try {
    staged = await scratch.lend((batch) => stageInto(writer, batch, args, context));
  } catch (caught) {
    const error = toTilewrightError(caught);
    // Where a file was replaced, the new one looks damaged by the plan of the old one.
    const now = CONTENT.includes(error.code) ? fingerprintNow(path) : null;
    throw now === null || now === fingerprint ? error : changed(path, name);
  }
  if (fingerprintOf(path) !== fingerprint) throw changed(path, name);
  return staged;
}

/** Errors about what is in a file. */
const CONTENT: readonly ErrorCode[] = [
  'input-corrupt',
  'input-truncated',
  'input-format',
  'input-layer',
];

/** Null where it can't be told. */
function fingerprintNow(path: string): string | null {
  try {
    return fingerprintOf(path);
  } catch {
    return null;
  }
}

function changed(path: string, input: string): TilewrightError {
  return new TilewrightError(
    'input-unreadable',
    `${path} changed while it was read. Run the same command again when nothing writes to it`,
    { input },
  );
}

async function stageInto(
  writer: CountingSink,
  batch: FeatureBatch,
  args: StageArgs,
  context: TaskContext,
): Promise<SliceStatistics> {
  const { path, name, layer, columns, crs, operation } = args.input;
  const source = await openSource(path, { known: [layer] });
  try {
    const tms = tileMatrixSet(args.tms);
    const drops = new DropCounter();
    const notes: ReadNotes = { rowsRead: 0, droppedM: 0 };
    const values = new ValueWalk(columns.length);
    const oddClasses = new Array<number>(columns.length).fill(0);
    const { z, simplifyTolerance } = args;
    const { clockwiseShells = false } = source;
    const watched = { name, layer: layer.name, clockwiseShells };
    const watch = args.invalid === 'unchecked' ? null : new ValidityWatch(args.invalid, watched);
    const processor = new FeatureProcessor(crs, tms, z, simplifyTolerance, operation, watch);
    const slice = args.slice ?? { start: -Infinity, end: Infinity };
    const options = { maxFeatures: MAX_FEATURES, maxVertices: MAX_VERTICES, drops, notes };
    let reported = 0;
    const clock = new StageClock();
    const { selection } = args;
    const batches =
      selection === null
        ? source.read(layer.name, slice, batch, options)
        : new LayerSelection(selection, layer, crs, name).read(
            source,
            layer.name,
            slice,
            batch,
            options,
          );
    for await (const filled of ofInput(batches, name)) {
      clock.lap('readMs');
      noteOddClasses(filled, values, oddClasses);
      watch?.refuseDropped(drops);
      processor.process(filled, drops, writer);
      clock.lap('kernelMs');
      context.progress(notes.rowsRead - reported);
      reported = notes.rowsRead;
    }
    watch?.refuseDropped(drops);
    // Those that are not selected were passed over as well.
    context.progress(featuresOf(notes, args.features, selection) - reported);
    const dropped = drops.toJSON();
    const statistics: SliceStatistics = {
      rowsRead: notes.rowsRead,
      featuresStaged: writer.featuresStaged,
      rows: writer.rows,
      droppedM: notes.droppedM,
      guessedText: notes.guessedText,
      drops: dropped,
      validity: watch?.counts(dropped),
      oddClasses,
      // Infinite ones, of no vertex at all, are null in JSON.
      extent: [...processor.extent],
    };
    clock.lap('readMs');
    context.note('readMs', clock.sums.readMs);
    context.note('kernelMs', clock.sums.kernelMs);
    context.note('rows', writer.rows);
    context.note('features', notes.rowsRead);
    context.note('vertices', processor.vertices);
    context.note('rowBytes', writer.bytes);
    return statistics;
  } finally {
    await source.close();
  }
}

/**
 * How many features a slice is in what is told of progress.
 * @param features - that it stands for, if some of them are selected
 */
export function featuresOf(
  { rowsRead }: Pick<SliceStatistics, 'rowsRead'>,
  features: number,
  selection: Selection | null,
): number {
  return selectsFeatures(selection) ? features : rowsRead;
}

/** What the system refuses while the input is read is about the input, not about the run. */
async function* ofInput(
  batches: Iterable<FeatureBatch> | AsyncIterable<FeatureBatch>,
  input: string,
): AsyncGenerator<FeatureBatch> {
  try {
    yield* batches;
  } catch (error) {
    throw toTilewrightError(error, { input });
  }
}

/** What the time of a stage task goes into. */
class StageClock {
  readonly sums = { readMs: 0, kernelMs: 0 };
  #last = performance.now();

  lap(part: keyof StageClock['sums']): void {
    const now = performance.now();
    this.sums[part] += now - this.#last;
    this.#last = now;
  }
}

/** Collects the storage classes of values that are not what their column declares. */
function noteOddClasses(filled: FeatureBatch, values: ValueWalk, oddClasses: number[]): void {
  for (let i = 0; i < filled.featureCount; i++) {
    if ((filled.flags[i]! & ODD_VALUES) === 0) continue;
    values.walk(
      filled.types,
      filled.typeOffsets[i]!,
      filled.typeOffsets[i + 1]!,
      filled.bodyOffsets[i]!,
    );
    for (let c = 0; c < values.count; c++) oddClasses[c]! |= classOf(values.value(filled.body, c));
  }
}
