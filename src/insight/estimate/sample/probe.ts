/**
 * Looks at single features of the inputs, evenly spread over each: how many vertices they have, and
 * which tiles they are in. Costs a seek each, so that all inputs can be looked into.
 */

import { DropCounter } from '../../../core/drops.ts';
import { Random } from '../../../core/random.ts';
import { resolveCrs } from '../../../crs/resolve.ts';
import { createTransform, cyclicX } from '../../../crs/transform.ts';
import { openSource } from '../../../formats/open.ts';
import type { LayerInfo, VectorSource } from '../../../formats/source.ts';
import { FeatureBatch } from '../../../geometry/batch.ts';
import { wrap } from '../../../geometry/cut.ts';
import { difference, readThreadCounts } from '../../../machine/thread-meter.ts';
import type { InputCrs } from '../../../staging/inputs/input-crs.ts';
import type { PlannedInput } from '../../../staging/pipeline/plan.ts';
import { FeatureProcessor } from '../../../staging/rows/process.ts';
import type { TileMatrixSet } from '../../../tms/tile-matrix-set.ts';

export interface ProbeOptions {
  tms: TileMatrixSet;
  z: number;
  simplifyTolerance: number | null;
  /** Features to look at, of all inputs together. */
  features: number;
  budgetMs: number;
  seed: number;
}

/** What was seen of one input. */
export interface Probe {
  format: string;
  /** Features that were looked at, and how many of them can be staged. */
  read: number;
  staged: number;
  /** Sums over these, after simplification. */
  vertices: number;
  rows: number;
  /** How often each tile was met. */
  tiles: Map<string, number>;
  /** Tiles that the extent covers, if the file says what its extent is; else null. */
  covered: Set<string> | null;
}

/** Each input gets at least so many looks. */
const LEAST = 8;
/** Looks at inputs that have to be read from the disk, all together. */
const COLD = 800;
const MOSTLY_CACHED = 0.5;
/** An extent of more tiles than this is not counted out. */
const MOST_COVERED = 20_000;

export interface Probes {
  /** By the input's index; inputs that the time did not suffice for are left out. */
  seen: Map<number, Probe>;
  /** Part of what was read that was in memory; 1 where the system does not tell. */
  cached: number;
}

export async function probeInputs(
  inputs: readonly PlannedInput[],
  options: ProbeOptions,
): Promise<Probes> {
  const random = new Random(options.seed);
  const order = inputs.map((_, i) => i).filter((i) => inputs[i]!.featureCount > 0);
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const all = inputs.reduce((sum, input) => sum + input.featureCount, 0);
  const seen = new Map<number, Probe>();
  const before = readThreadCounts();
  const cached = (): number => {
    const now = readThreadCounts();
    const read = difference(now.read, before.read) ?? 0;
    return 1 - Math.min(1, (difference(now.diskRead, before.diskRead) ?? 0) / Math.max(1, read));
  };
  // A look reads a quarter of a megabyte: from a disk there can't be so many.
  if (order.length > 0) await probeInput(inputs[order[0]!]!, LEAST, options);
  const features = cached() < MOSTLY_CACHED ? Math.min(COLD, options.features) : options.features;
  const started = performance.now();
  const cpu = process.cpuUsage();
  /** CPU time, since others may have the cores; but not for ever. */
  const isLate = (): boolean => {
    const { user, system } = process.cpuUsage(cpu);
    const { budgetMs } = options;
    return (user + system) / 1000 > budgetMs || performance.now() - started > 4 * budgetMs;
  };
  for (const index of order) {
    if (seen.size > 0 && isLate()) break;
    const input = inputs[index]!;
    const share = Math.ceil((features * input.featureCount) / all);
    const probe = await probeInput(
      input,
      Math.min(Math.max(LEAST, share), input.featureCount),
      options,
    );
    if (probe !== null) seen.set(index, probe);
  }
  return { seen, cached: cached() };
}

/** Null for an input that can't be read: staging it will tell why. */
async function probeInput(
  input: PlannedInput,
  features: number,
  options: ProbeOptions,
): Promise<Probe | null> {
  const { tms, z, simplifyTolerance } = options;
  const { placing } = input;
  if (placing === null) return null;
  const { crs, operation } = placing;
  let source: VectorSource;
  try {
    source = await openSource(input.path, { known: [input.layer] });
  } catch {
    return null;
  }
  try {
    const covered = coveredTiles(input.layer, placing, tms, z);
    const { format } = source;
    const probe: Probe = {
      format,
      read: 0,
      staged: 0,
      vertices: 0,
      rows: 0,
      tiles: new Map(),
      covered,
    };
    const batch = new FeatureBatch();
    const drops = new DropCounter();
    const notes = { rowsRead: 0, droppedM: 0 };
    const readOptions = { maxFeatures: 1, maxVertices: 1, drops, notes };
    const processor = new FeatureProcessor(crs, tms, z, simplifyTolerance, operation);
    const first = input.slices[0]?.start ?? 0;
    const last = input.slices.at(-1)?.end ?? 0;
    const known = Number.isFinite(first) && Number.isFinite(last);
    for (let k = 0; k < (known ? features : 1); k++) {
      const at = (place: number): number => first + Math.floor(((last - first) * place) / features);
      const slice = known ? { start: at(k), end: at(k + 1) } : input.slices[0]!;
      for await (const filled of source.read(input.layer.name, slice, batch, readOptions)) {
        probe.read += filled.featureCount;
        processor.process(filled, drops, {
          add: (_batch, _i, _bounds, _measures, { length, columns, rows }) => {
            probe.staged++;
            probe.rows += length;
            for (let t = 0; t < length; t++) {
              const key = `${columns[t]}/${rows[t]}`;
              probe.tiles.set(key, (probe.tiles.get(key) ?? 0) + 1);
            }
          },
        });
        break;
      }
    }
    probe.vertices = processor.vertices;
    return probe;
  } catch {
    return null;
  } finally {
    await source.close();
  }
}

/** Tiles that a layer's extent covers: those of points on it, less than half a tile apart. */
function coveredTiles(
  { extent }: LayerInfo,
  { crs, operation }: InputCrs,
  tms: TileMatrixSet,
  z: number,
): Set<string> | null {
  if (extent === null || !extent.every(Number.isFinite)) return null;
  const matrix = tms.matrix(z);
  const target = resolveCrs(tms.crs);
  const transform = createTransform(crs, target, operation);
  const axis = cyclicX(target);
  const [minX, minY, maxX, maxY] = extent;
  const tiles = new Set<string>();
  for (let side = 16; side * side <= 16 * MOST_COVERED; side *= 2) {
    const points = new Float64Array(2 * (side + 1) ** 2);
    let n = 0;
    for (let i = 0; i <= side; i++) {
      for (let j = 0; j <= side; j++) {
        points[n++] = minX + ((maxX - minX) * i) / side;
        points[n++] = minY + ((maxY - minY) * j) / side;
      }
    }
    transform.apply(points, 0, n / 2);
    const before = tiles.size;
    for (let p = 0; p < n; p += 2) {
      let x = points[p]!;
      if (axis !== null && x !== axis.minX + axis.period) x = wrap(x, axis.minX, axis.period);
      const column = matrix.column(x);
      const row = matrix.row(points[p + 1]!);
      if (column < 0 || row < 0 || column >= matrix.matrixWidth || row >= matrix.matrixHeight) {
        continue;
      }
      tiles.add(`${matrix.tileColumn(column, row)}/${row}`);
    }
    // Finer points find hardly any more.
    if (before > 0 && tiles.size < before * 1.05 && tiles.size * 4 < side * side) return tiles;
  }
  return null;
}
