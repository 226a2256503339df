/**
 * Looks at single features of the inputs, evenly spread over each, for the tiles that they are in.
 * Costs a seek each, so that all inputs can be looked into.
 */

import { DropCounter } from '../../../core/drops.ts';
import { Random } from '../../../core/random.ts';
import { openSource } from '../../../formats/open.ts';
import { LayerSelection } from '../../../formats/selection/layer-selection.ts';
import type { Selection } from '../../../formats/selection/selection.ts';
import type { VectorSource } from '../../../formats/source.ts';
import { FeatureBatch } from '../../../geometry/batch.ts';
import { difference, readThreadCounts } from '../../../machine/thread-meter.ts';
import type { PlannedInput } from '../../../staging/planning/plan.ts';
import { FeatureProcessor } from '../../../staging/rows/process.ts';
import type { TileMatrixSet } from '../../../tms/tile-matrix-set.ts';
import { shuffled } from './choose-slices.ts';

export interface ProbeOptions {
  tms: TileMatrixSet;
  z: number;
  simplifyTolerance: number | null;
  /** What of the inputs is staged; null for all. */
  selection: Selection | null;
  seed: number;
}

/** What was seen of one input. */
export interface Probe {
  /** How often each tile was met. */
  tiles: Map<string, number>;
  /** Tiles that the extent covers, if the file says what its extent is; else null. */
  covered: Set<string> | null;
}

export interface Probes {
  /** By the input's index; inputs that the time did not suffice for are left out. */
  seen: Map<number, Probe>;
  /** Part of what was read that was in memory; 1 where the system does not tell. */
  cached: number;
}

/** Features that are looked at, of all inputs together. */
const LOOKS = 6_000;
/** Seconds of CPU, since others may have the cores; and four times as much by the clock. */
const SECONDS = 0.7;
/** An extent of more tiles than this is not counted out. */
const MOST_COVERED = 20_000;
/** Of each edge of an extent, which is bent where it is reprojected. */
const EDGE_POINTS = 32;

export async function probeInputs(
  inputs: readonly PlannedInput[],
  options: ProbeOptions,
): Promise<Probes> {
  const some = inputs.map((_, i) => i).filter((i) => inputs[i]!.featureCount > 0);
  const all = inputs.reduce((sum, input) => sum + input.featureCount, 0);
  const seen = new Map<number, Probe>();
  const before = readThreadCounts();
  const started = performance.now();
  const cpu = process.cpuUsage();
  const isLate = (): boolean => {
    const { user, system } = process.cpuUsage(cpu);
    const clock = (performance.now() - started) / 1000;
    return (user + system) / 1e6 > SECONDS || clock > 4 * SECONDS;
  };
  for (const index of shuffled(some, new Random(options.seed))) {
    if (seen.size > 0 && isLate()) break;
    const input = inputs[index]!;
    const looks = Math.ceil((LOOKS * input.featureCount) / all);
    const probe = await probeInput(input, Math.min(looks, input.featureCount), options, isLate);
    if (probe !== null) seen.set(index, probe);
  }
  const now = readThreadCounts();
  const read = difference(now.read, before.read) ?? 0;
  const fromDisk = difference(now.diskRead, before.diskRead) ?? 0;
  return { seen, cached: 1 - Math.min(1, fromDisk / Math.max(1, read)) };
}

/** Null for an input that can't be read: staging it will tell why. */
async function probeInput(
  input: PlannedInput,
  looks: number,
  options: ProbeOptions,
  isLate: () => boolean,
): Promise<Probe | null> {
  const { tms, z, simplifyTolerance, selection } = options;
  const { placing, layer } = input;
  if (placing === null) return null;
  const { crs, operation } = placing;
  let source: VectorSource;
  try {
    source = await openSource(input.path, { known: [layer] });
  } catch {
    return null;
  }
  try {
    const batch = new FeatureBatch();
    const drops = new DropCounter();
    const counter = (tolerance: number | null) => {
      const processor = new FeatureProcessor(crs, tms, z, tolerance, operation, null);
      const counts = new Map<string, number>();
      const count = (filled: FeatureBatch): void =>
        processor.process(filled, drops, {
          add: (_batch, _i, _bounds, _measures, { length, columns, rows }) => {
            for (let t = 0; t < Math.min(length, MOST_COVERED + 1); t++) {
              const key = `${columns[t]}/${rows[t]}`;
              counts.set(key, (counts.get(key) ?? 0) + 1);
            }
          },
        });
      return { counts, count };
    };
    const looked = counter(simplifyTolerance);
    const first = input.slices[0]?.start ?? 0;
    const last = input.slices.at(-1)?.end ?? 0;
    const known = Number.isFinite(first) && Number.isFinite(last);
    const notes = { rowsRead: 0, droppedM: 0 };
    const selected = selection && new LayerSelection(selection, layer, crs, input.name);
    const read: VectorSource['read'] = (...args) =>
      selected === null ? source.read(...args) : selected.read(source, ...args);
    const readOptions = { maxFeatures: 1, maxVertices: 1, drops, notes };
    for (let k = 0; k < (known ? looks : 1); k++) {
      const at = (place: number): number => first + Math.floor(((last - first) * place) / looks);
      const slice = known ? { start: at(k), end: at(k + 1) } : input.slices[0]!;
      // What is selected may be far from where it is looked for.
      if (selected !== null && isLate()) break;
      for await (const filled of read(layer.name, slice, batch, readOptions)) {
        looked.count(filled);
        break;
      }
    }
    const tiles = looked.counts;
    if (layer.extent === null || !layer.extent.every(Number.isFinite)) {
      return { tiles, covered: null };
    }
    const covering = counter(null);
    covering.count(rectangle(layer.extent));
    const covered = new Set(covering.counts.keys());
    const isKnown = covered.size > 0 && covered.size <= MOST_COVERED;
    return { tiles, covered: isKnown ? covered : null };
  } catch {
    return null;
  } finally {
    await source.close();
  }
}

/** An extent as a polygon with points along its edges. */
function rectangle([minX, minY, maxX, maxY]: readonly number[]): FeatureBatch {
  const batch = new FeatureBatch();
  const corners = [minX, minY, maxX, minY, maxX, maxY, minX, maxY, minX, minY] as number[];
  batch.beginFeature(1);
  batch.beginPolygon();
  batch.beginRing();
  for (let i = 0; i <= 4 * EDGE_POINTS; i++) {
    const [edge, along] = [Math.floor(i / EDGE_POINTS), (i % EDGE_POINTS) / EDGE_POINTS];
    for (const axis of [0, 1]) {
      const from = corners[2 * edge + axis]!;
      const to = corners[2 * edge + 2 + axis] ?? from;
      batch.xy[2 * i + axis] = from + (to - from) * along;
    }
    batch.vertexCount++;
  }
  batch.endRing();
  batch.endPolygon();
  batch.endFeature();
  return batch;
}
