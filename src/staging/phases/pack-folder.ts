/**
 * The phase `pack`: puts loose tiles into packs. It goes by what is committed, under the folder's lock:
 * whatever a run that died has left is found in the same way.
 */

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { stagedFormat } from '../../formats/staged-formats.ts';
import { runAll } from '../../parallel/run-all.ts';
import type { FolderSettings, Journal } from '../folder/journal/journal.ts';
import { type KnownProduct, PACKS, type ProductRow } from '../folder/journal/journal-products.ts';
import { removeFiles } from '../folder/remove-files.ts';
import { filePath, LOOSE_FOLDER, tilePath } from '../folder/tile-place.ts';
import { arePacked, nameOf, type PlannedPack, planPacks } from '../packs/pack-plan.ts';
import type { PackArgs, PackedTile } from '../packs/pack-task.ts';
import { isFatal } from '../tasks/fatal-errors.ts';
import { withFormats } from '../tasks/format-modules.ts';
import type { MendOptions, Resumed } from './finish-dead-run.ts';
import { holdFolder } from './hold-folder.ts';
import { inWorkFolder } from './work-folder.ts';

/** @throws TilewrightError tile-damaged, when all other packs are made */
export async function packFolder(
  journal: Journal,
  runId: string,
  options: MendOptions,
): Promise<Resumed[]> {
  const { folder } = options;
  if (arePacked(journal, folder)) return [];
  const { lock, resumed } = await holdFolder(journal, {
    ...options,
    settings: journal.settings()!,
  });
  try {
    const work = new PackWork(journal, { ...options, settings: journal.settings()! });
    await inWorkFolder(folder, runId, (place) => work.run(place));
    return resumed;
  } finally {
    lock.release();
  }
}

class PackWork {
  readonly #journal: Journal;
  readonly #options: MendOptions;
  readonly #settings: FolderSettings;
  /** Columns of inputs by their ids. */
  readonly #inputs: Map<number, PackArgs['inputs'][number]>;
  #failed: TilewrightError | null = null;

  constructor(journal: Journal, options: MendOptions) {
    this.#journal = journal;
    this.#options = options;
    this.#settings = options.settings;
    const columns = new Map(journal.inputs().map(({ name, columns }) => [name, columns]));
    this.#inputs = new Map(
      [...journal.inputNames()].map(([id, name]) => [id, { name, columns: columns.get(name)! }]),
    );
  }

  async run(work: string): Promise<void> {
    const { folder } = this.#options;
    const { outdated, gone } = planPacks(this.#journal, folder, this.#settings);
    const known = this.#prepare(outdated, gone);
    if (outdated.length > 0) await this.#make(known, outdated, work);
    if (this.#failed !== null) throw this.#failed;
    // Nobody needs a loose tile any more, also not one that a run has left that died.
    this.#journal.products.forgetLoose();
    rmSync(join(folder, LOOSE_FOLDER), { recursive: true, force: true, maxRetries: 3 });
    this.#journal.products.markPacksCurrent();
  }

  /** Removes what is gone, and says which files are being made: what lies there is ours from then on. */
  #prepare(outdated: PlannedPack[], gone: readonly ProductRow[]): KnownProduct {
    const { folder, adopt } = this.#options;
    const { products } = this.#journal;
    const known =
      products.find(PACKS) ?? products.add(PACKS, stagedFormat(this.#settings.format).extension);
    removeFiles(
      folder,
      gone.map((row) => filePath(this.#settings, row)),
    );
    products.remove(known, gone);
    for (const pack of outdated) {
      pack.isOurs ||= adopt || !existsSync(join(folder, filePath(this.#settings, pack)));
    }
    const ours = outdated.filter(({ isOurs }) => isOurs);
    products.set(
      known,
      ours.map(({ z, x, y }) => ({ z, x, y, state: '', size: 0, sum: 0 })),
    );
    return known;
  }

  async #make(known: KnownProduct, packs: readonly PlannedPack[], work: string): Promise<void> {
    const { executor, teller, folder } = this.#options;
    const total = packs.reduce((sum, { rows }) => sum + rows, 0);
    const packing = teller.begin('pack', { total, tasks: packs.length, bytes: 0 });
    const tasks = packs
      .toSorted((a, b) => b.rows - a.rows)
      .map((pack) => ({
        name: withFormats('staging.pack'),
        args: [this.#argsOf(pack, work)],
        pack,
        weight: pack.rows,
      }));
    await runAll(
      executor,
      tasks,
      ({ pack }, result, error) => {
        if (error !== undefined) {
          const failure = toTilewrightError(error);
          if (isFatal(failure)) throw failure;
          this.#failed ??= failure;
          return;
        }
        const { z, x, y, state, tiles } = pack;
        const row = { z, x, y, state, size: result as number, sum: 0 };
        const loose = tiles.map((tile) => ({ z: this.#settings.z, x: tile.x, y: tile.y }));
        this.#journal.products.setPacked(known, row, loose);
        removeFiles(
          folder,
          tiles.map((tile) => tilePath(this.#settings, tile.x, tile.y)),
        );
      },
      {
        onProgress: (rows) => packing.advance(rows),
        observe: ({ pack, weight }) => {
          const subject = `pack ${nameOf(pack)}`;
          return packing.observe({ subject, part: 1, parts: 1, bytes: weight, counts: 1 });
        },
      },
    );
    packing.end();
  }

  #argsOf(pack: PlannedPack, work: string): PackArgs {
    const { folder } = this.#options;
    const ids = [...new Set(pack.tiles.flatMap(({ inputs }) => inputs.map(([id]) => id)))];
    const own = ids.map((id) => ({ id, ...this.#inputs.get(id)! }));
    own.sort((a, b) => (a.name < b.name ? -1 : 1));
    const places = new Map(own.map(({ id }, place) => [id, place]));
    const tiles = pack.tiles.map(({ x, y, geometry, inputs, isLoose }): PackedTile => {
      const counts = inputs.map(([id, rows]): [number, number] => [places.get(id)!, rows]);
      return [x, y, geometry, counts.sort(([a], [b]) => a - b), isLoose];
    });
    const { z, x, y, isOurs } = pack;
    return {
      ...{ folder, work, settings: this.#settings, pack: { z, x, y }, tiles, isOurs },
      inputs: own.map(({ name, columns }) => ({ name, columns })),
    };
  }
}
