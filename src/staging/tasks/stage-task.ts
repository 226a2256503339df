/** The task `stage`: one input, or a slice of a big one, into one shuffle file. */

import { randomBytes } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { classOf } from '../../core/columns.ts';
import { DropCounter } from '../../core/drops.ts';
import { toTilewrightError } from '../../core/errors.ts';
import { ScratchPool } from '../../core/scratch-pool.ts';
import type { DatumOperation } from '../../crs/operations/datum-operation.ts';
import type { Crs } from '../../crs/resolve.ts';
import { openSource } from '../../formats/open.ts';
import type { LayerInfo, ReadNotes, Slice } from '../../formats/source.ts';
import { ValueWalk } from '../../formats/sqlite/record.ts';
import { FeatureBatch, ODD_VALUES } from '../../geometry/batch.ts';
import type { TaskContext } from '../../parallel/inside/call.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import { fingerprintOf } from '../inputs/fingerprint.ts';
import { FeatureProcessor } from '../rows/process.ts';
import type { SliceStatistics } from '../rows/shuffle-format.ts';
import { RowArena, ShuffleWriter } from '../rows/shuffle-writer.ts';

export interface StageArgs {
  /** Path of the input. */
  path: string;
  /** Its name in staging. */
  input: string;
  layer: LayerInfo;
  /** Null for a layer that is read whole. */
  slice: Slice | null;
  crs: Crs;
  /** From the CRS's datum to that of the TileMatrixSet. */
  operation: DatumOperation;
  /** JSON of the TileMatrixSet. */
  tms: unknown;
  z: number;
  simplifyTolerance: number | null;
  /** The shuffle file to write. */
  target: string;
}

/** A batch is handed to the kernels when it has so many of either. */
const MAX_FEATURES = 2048;
const MAX_VERTICES = 1 << 17;

const scratch = new ScratchPool(() => ({ batch: new FeatureBatch(), arena: new RowArena() }));

export interface StagedSlice {
  statistics: SliceStatistics;
  /** Of the input, when it had been read: another one than planned for means that it changed. */
  fingerprint: string;
  /** Of all rows. */
  bytes: number;
  /** Tiles that they are in; those of a slice that is spilled may count twice. */
  tiles: number;
}

/** Writes the shuffle file under a temporary name and renames it. */
export function stageSlice(args: StageArgs, context: TaskContext): Promise<StagedSlice> {
  return scratch.lend((own) => stageInto(own, args, context));
}

async function stageInto(
  { batch, arena }: { batch: FeatureBatch; arena: RowArena },
  args: StageArgs,
  context: TaskContext,
): Promise<StagedSlice> {
  // A twin of this task, on another machine, has a name of its own.
  const temporary = `${args.target}.${randomBytes(6).toString('hex')}.tmp`;
  const { layer } = args;
  const source = await openSource(args.path, { known: [layer] });
  let fd: number;
  try {
    fd = openSync(temporary, 'wx');
  } catch (error) {
    await source.close();
    throw toTilewrightError(error, {}, 'output-unwritable');
  }
  try {
    const tms = tileMatrixSet(args.tms);
    const drops = new DropCounter();
    const notes: ReadNotes = { rowsRead: 0, droppedM: 0 };
    const { columns } = layer;
    const values = new ValueWalk(columns.length);
    const oddClasses = new Array<number>(columns.length).fill(0);
    const processor = new FeatureProcessor(
      args.crs,
      tms,
      args.z,
      args.simplifyTolerance,
      args.operation,
    );
    const writer = new ShuffleWriter(fd, tms.matrix(args.z), arena);
    const slice = args.slice ?? { start: -Infinity, end: Infinity };
    const options = { maxFeatures: MAX_FEATURES, maxVertices: MAX_VERTICES, drops, notes };
    let reported = 0;
    const clock = new StageClock();
    const batches = source.read(layer.name, slice, batch, options);
    for await (const filled of ofInput(batches, args.input)) {
      clock.lap('readMs');
      noteOddClasses(filled, values, oddClasses);
      processor.process(filled, drops, writer);
      clock.lap('kernelMs');
      context.progress(notes.rowsRead - reported);
      reported = notes.rowsRead;
    }
    const statistics: SliceStatistics = {
      rowsRead: notes.rowsRead,
      featuresStaged: writer.featuresStaged,
      rows: writer.rows,
      droppedM: notes.droppedM,
      guessedText: notes.guessedText,
      drops: drops.toJSON(),
      oddClasses,
      // Infinite ones, of no vertex at all, are null in JSON.
      extent: [...processor.extent],
    };
    clock.lap('readMs');
    writer.finish(statistics);
    closeSync(fd);
    fd = -1;
    clock.lap('writeMs');
    renameSync(temporary, args.target);
    // Runs that had to make room were written between the kernels.
    const { kernelMs, readMs, writeMs } = clock.sums;
    context.note('readMs', readMs);
    context.note('kernelMs', kernelMs - writer.spillMs);
    context.note('writeMs', writeMs + writer.spillMs);
    context.note('rows', writer.rows);
    context.note('features', notes.rowsRead);
    context.note('vertices', processor.vertices);
    context.note('shuffleBytes', writer.bytes);
    const { bytes, tiles } = writer;
    return { statistics, fingerprint: fingerprintOf(args.path), bytes, tiles };
  } catch (error) {
    if (fd >= 0) closeSync(fd);
    rmSync(temporary, { force: true });
    throw toTilewrightError(error, {});
  } finally {
    await source.close();
  }
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
  readonly sums = { readMs: 0, kernelMs: 0, writeMs: 0 };
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
