/**
 * The phase `derive`: makes the products of tiles whose state is another one than they were made of,
 * and removes those of tiles that are gone. It goes by what is committed, under the folder's lock:
 * whatever a run that died has left is found in the same way.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorJson, toTilewrightError } from '../../core/errors.ts';
import { runAll } from '../../parallel/run-all.ts';
import type { Task } from '../../parallel/task.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import type { Tile } from '../../tms/tile-matrix.ts';
import type { TileMatrixSet } from '../../tms/tile-matrix-set.ts';
import type { Journal } from '../folder/journal/journal.ts';
import type { KnownProduct, ProductRow } from '../folder/journal/journal-products.ts';
import { removeFiles } from '../folder/remove-files.ts';
import { productPath } from '../products/product.ts';
import {
  areCurrent,
  countOutdated,
  nameOf,
  type ProductPlace,
  type ProductPlan,
  planProduct,
  productsKey,
} from '../products/product-plan.ts';
import {
  type Level,
  neighboursOf,
  type Stated,
  type StatedParent,
  tileStates,
} from '../products/states.ts';
import type { DeriveArgs, DerivedTiles, DeriveTile } from '../tasks/derive-task.ts';
import { isFatal } from '../tasks/fatal-errors.ts';
import { withFormats } from '../tasks/format-modules.ts';
import type { PhaseTeller } from '../telling/run-teller.ts';
import type { MendOptions, Resumed } from './finish-dead-run.ts';
import { holdFolder } from './hold-folder.ts';
import type { ProductResult } from './run-result.ts';
import { inWorkFolder } from './work-folder.ts';

export type DeriveOptions = MendOptions & ProductPlace;

/** A task goes up to this weight, in rows, so that a million tiles are not a million tasks … */
const TASK_WEIGHT = 64_000;
/** … and every worker has so many of a level, if there are enough tiles. */
const TASKS_PER_WORKER = 4;
/** Rows of the journal are committed when there are so many, or so many milliseconds have passed. */
const ROWS_AT_ONCE = 4_096;
const COMMIT_MS = 1_000;

type Wanted = ProductPlan['levels'][number][number];

interface DeriveJob extends Task {
  tiles: Wanted[];
  weight: number;
}

export interface Derived {
  /** What has become of each product. */
  products: ProductResult[];
  resumed: Resumed[];
}

export async function deriveProducts(
  journal: Journal,
  runId: string,
  options: DeriveOptions,
): Promise<Derived> {
  const { folder, products, teller, settings } = options;
  if (areCurrent(journal, options)) {
    return { products: products.map(({ name }) => unchanged(name, journal)), resumed: [] };
  }
  const { lock, resumed } = await holdFolder(journal, options);
  try {
    const tms = tileMatrixSet(JSON.parse(settings.tmsDefinition));
    const tiles = tileStates(journal);
    const plans = products.map((product) => planProduct(product, tiles, tms, journal, options));
    const work = plans.map((plan) => new ProductWork(plan, tiles, tms, journal, options));
    const total = plans.reduce((sum, plan) => sum + countOutdated(plan), 0);
    if (total > 0 || plans.some(({ gone }) => gone.length > 0)) {
      const tasks = work.reduce((sum, one) => sum + one.tasks, 0);
      const deriving = teller.begin('derive', { total, tasks, bytes: 0 });
      await inWorkFolder(folder, runId, async (place) => {
        for (const one of work) await one.run(place, deriving);
      });
      deriving.end();
    }
    const results = work.map(({ result }) => result);
    const isWhole = results.every(({ failed, blocked }) => failed.length === 0 && blocked === 0);
    if (isWhole) journal.products.markCurrent(productsKey(products));
    return { products: results, resumed };
  } finally {
    lock.release();
  }
}

function unchanged(name: string, journal: Journal): ProductResult {
  const known = journal.products.find(name);
  const kept = known === null ? 0 : journal.products.count(known);
  return { name, made: 0, kept, removed: 0, failed: [], blocked: 0 };
}

/** The work on one product. */
class ProductWork {
  readonly result: ProductResult;
  readonly #plan: ProductPlan;
  readonly #tiles: Level;
  readonly #tms: TileMatrixSet;
  readonly #journal: Journal;
  readonly #options: DeriveOptions;
  /** States that files which are made now are to have, by `z/x/y`. */
  readonly #states = new Map<string, string>();
  /** Tiles without the product that they should have. */
  readonly #missing = new Set<string>();
  #rows: ProductRow[] = [];
  #committedAt = performance.now();

  constructor(
    plan: ProductPlan,
    tiles: Level,
    tms: TileMatrixSet,
    journal: Journal,
    options: DeriveOptions,
  ) {
    this.#plan = plan;
    this.#tiles = tiles;
    this.#tms = tms;
    this.#journal = journal;
    this.#options = options;
    const { kept, gone, product } = plan;
    const counts = { made: 0, kept: kept.size, removed: gone.length };
    this.result = { name: product.name, ...counts, failed: [], blocked: 0 };
  }

  get tasks(): number {
    return this.#plan.levels.reduce((sum, level) => sum + this.#batches(level).length, 0);
  }

  async run(work: string, deriving: PhaseTeller): Promise<void> {
    const known = this.#prepare();
    if (known === null) return;
    try {
      for (const level of this.#plan.levels) {
        const ready = level.filter((tile) => this.#isReady(tile, deriving));
        const again = await this.#runTasks(known, this.#batches(ready), work, deriving);
        // What has ended a task of several tiles is of one of them, mostly.
        const single = again.map((tile) => [tile]);
        await this.#runTasks(known, single, work, deriving);
      }
    } finally {
      this.#commit(known);
    }
  }

  /** Removes what is gone, and says which files are being made: what lies there is ours from then on. */
  #prepare(): KnownProduct | null {
    const { products } = this.#journal;
    const { product, gone, levels } = this.#plan;
    let { known } = this.#plan;
    if (known !== null && gone.length > 0) {
      removeFiles(
        this.#options.folder,
        gone.map(({ path }) => path),
      );
      products.remove(
        known,
        gone.map(({ row }) => row),
      );
    }
    if (known !== null && known.extension !== product.extension) {
      products.drop(known);
      known = null;
    }
    if (levels.every((level) => level.length === 0)) return null;
    known ??= products.add(product.name, product.extension);
    const outdated = levels.flat();
    for (const tile of outdated) this.#states.set(nameOf(tile), tile.state);
    // A file that somebody else has put there is not ours for having been wanted.
    const { folder, adopt } = this.#options;
    for (const tile of outdated) {
      tile.isOurs ||= adopt || !existsSync(join(folder, this.#pathOf(tile)));
    }
    products.set(known, outdated.filter(({ isOurs }) => isOurs).map(unmade));
    return known;
  }

  #pathOf(tile: Tile): string {
    return productPath(this.#plan.product, this.#options.settings, tile);
  }

  /** Whether its children have theirs. */
  #isReady(tile: Wanted, deriving: PhaseTeller): boolean {
    const { children } = tile as Stated as StatedParent;
    if (children?.every((child) => !this.#missing.has(nameOf(child))) !== false) return true;
    this.result.blocked++;
    this.#leaveOut(tile);
    deriving.advance(1);
    return false;
  }

  /** Whatever is in its place is of another state. */
  #leaveOut(tile: Wanted): void {
    this.#missing.add(nameOf(tile));
    if (tile.isOurs) removeFiles(this.#options.folder, [this.#pathOf(tile)]);
  }

  /** Biggest first. */
  #batches(level: readonly Wanted[]): Wanted[][] {
    const sorted = level.toSorted((a, b) => b.weight - a.weight);
    const all = sorted.reduce((sum, { weight }) => sum + weight, 0);
    const share = all / (TASKS_PER_WORKER * Math.max(1, this.#options.executor.slots));
    const most = Math.min(TASK_WEIGHT, share);
    const batches: Wanted[][] = [];
    let room = 0;
    for (const tile of sorted) {
      if (batches.length === 0 || room < tile.weight) {
        batches.push([]);
        room = most;
      }
      batches.at(-1)!.push(tile);
      room -= tile.weight;
    }
    return batches;
  }

  /** @returns tiles of tasks that have failed as a whole and are to be tried one by one */
  async #runTasks(
    known: KnownProduct,
    batches: readonly Wanted[][],
    work: string,
    deriving: PhaseTeller,
  ): Promise<Wanted[]> {
    const again: Wanted[] = [];
    const { executor } = this.#options;
    const { name } = this.#plan.product;
    await runAll(
      executor,
      batches.map((tiles) => this.#task(tiles, work)),
      ({ tiles }, result, error) => {
        if (error === undefined) this.#note(tiles, result as DerivedTiles);
        else {
          const failure = toTilewrightError(error);
          if (isFatal(failure)) throw failure;
          if (tiles.length > 1) again.push(...tiles);
          else this.#fail(tiles[0]!, failure.toJSON());
        }
        this.#commitSome(known);
      },
      {
        onProgress: (files) => deriving.advance(files),
        observe: ({ tiles, weight }) => {
          const more = tiles.length > 1 ? ` and ${tiles.length - 1} more` : '';
          const subject = `${name} ${nameOf(tiles[0]!)}${more}`;
          return deriving.observe({ subject, part: 1, parts: 1, bytes: weight, counts: 1 });
        },
      },
    );
    return again;
  }

  #task(tiles: Wanted[], work: string): DeriveJob {
    const { folder, settings } = this.#options;
    const { name, extension, make } = this.#plan.product;
    const args: DeriveArgs = {
      ...{ folder, work, settings, product: { name, extension } },
      tiles: tiles.map((tile) => this.#deriveTile(tile)),
    };
    const weight = tiles.reduce((sum, tile) => sum + tile.weight, 0);
    return { name: withFormats(`staging.derive+${make}`), args: [args], tiles, weight };
  }

  #deriveTile(tile: Wanted): DeriveTile {
    const { z, x, y, isOurs } = tile;
    const { children } = tile as Stated as StatedParent;
    if (children !== undefined) {
      const sums = children.map((child) => {
        const { size, sum } = this.#plan.kept.get(nameOf(child))!;
        return { z: child.z, x: child.x, y: child.y, size, sum };
      });
      return { z, x, y, isOurs, sources: null, children: sums };
    }
    const around = this.#plan.product.neighbours === true;
    const sources = around ? neighboursOf(tile, this.#tiles, this.#tms) : [tile];
    return { z, x, y, isOurs, sources: sources.map((one) => [one.x, one.y]), children: null };
  }

  #note(tiles: Wanted[], derived: DerivedTiles): void {
    for (const { z, x, y, size, sum } of derived.made) {
      const name = nameOf({ z, x, y });
      const row = { z, x, y, size, sum, state: this.#states.get(name)! };
      this.#rows.push(row);
      this.#plan.kept.set(name, row);
      this.result.made++;
    }
    const byName = new Map(tiles.map((tile) => [nameOf(tile), tile]));
    for (const { error, ...tile } of derived.failed) this.#fail(byName.get(nameOf(tile))!, error);
    // They are made anew by the next run.
    this.#rows.push(...derived.damaged.map(unmade));
  }

  #fail(tile: Wanted, error: ErrorJson): void {
    const { name } = this.#plan.product;
    this.result.failed.push({ tile: nameOf(tile), error });
    this.#leaveOut(tile);
    this.#options.teller.tell({ type: 'product-failed', product: name, tile: nameOf(tile), error });
  }

  #commitSome(known: KnownProduct): void {
    const isTime = performance.now() - this.#committedAt > COMMIT_MS;
    if (this.#rows.length >= ROWS_AT_ONCE || (isTime && this.#rows.length > 0)) this.#commit(known);
  }

  #commit(known: KnownProduct): void {
    if (this.#rows.length > 0) this.#journal.products.set(known, this.#rows);
    this.#rows = [];
    this.#committedAt = performance.now();
  }
}

/** What the journal has of a file that is being made. */
function unmade({ z, x, y }: Tile): ProductRow {
  return { z, x, y, state: '', size: 0, sum: 0 };
}
