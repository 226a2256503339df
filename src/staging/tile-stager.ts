/** The stager: a configuration, and what can be done with it. */

import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type ErrorJson, TilewrightError } from '../core/errors.ts';
import { isRemote } from '../core/remote-name.ts';
import { resolveCrs } from '../crs/resolve.ts';
import { stagedFormatOf } from '../formats/staged-formats.ts';
import type { Executor } from '../parallel/executor.ts';
import { registry } from '../parallel/registry.ts';
import type { TileMatrixSet } from '../tms/tile-matrix-set.ts';
import { Config } from './configuration/config.ts';
import type { ConfigInput, ConfigInputSnakeCase } from './configuration/config-input.ts';
import {
  type Deduplication,
  deduplicationOf,
  distanceNotes,
} from './configuration/deduplication.ts';
import { selectionOf } from './configuration/selection.ts';
import { withExecutor } from './executors/executors.ts';
import type { FolderSettings } from './folder/journal/journal-rows.ts';
import { heldRules, withHeldRules } from './folder/settings.ts';
import { journalPath } from './folder/staged-folder.ts';
import { type FoundInputs, findInputs } from './inputs/inputs.ts';
import { rootsOf } from './inputs/remote-inputs.ts';
import type { UnreadKind } from './inputs/unread.ts';
import type { DeduplicationResult, RunResult } from './phases/run-result.ts';
import { deduplicateStaged } from './pipeline/deduplicate.ts';
import { type DryRunOptions, planDryRun } from './pipeline/dry-run.ts';
import type { DryRunPlan } from './pipeline/dry-run-plan.ts';
import { cleanFolder } from './pipeline/empty-folder.ts';
import { nothingStaged } from './pipeline/result.ts';
import { runStaging } from './pipeline/run.ts';
import { realPath } from './planning/plan.ts';
import { layoutOf, planOptionsOf } from './planning/plan-options.ts';
import type { Product } from './products/product.ts';
import type { RunEvent } from './telling/events.ts';
import { TilePathManager } from './tile-path-manager.ts';

/** What goes along with a call of the stager. */
export interface StageOptions {
  /** Called often: it must return quickly. */
  onProgress?: (event: RunEvent) => void;
  /** Stops the run at once; what it has staged of the inputs is taken up by the next one. */
  signal?: AbortSignal;
  /** Stops the run when the tasks that run have ended; the next one goes on from there. */
  drainSignal?: AbortSignal;
  /** What is derived from the tiles. @internal */
  products?: readonly Product[];
  /** Rows of tiles that are judged together. @internal */
  regionRows?: number;
  /** Runs the tasks; default: one made from the configuration, for this call. */
  executor?: Executor;
}

/** The report of a run over a folder, or over what was named. */
export interface StageAllResult extends RunResult {
  /** What was asked for and led to no input. */
  missing: FoundInputs['missing'];
  /** Files in the folders that were given which are of no format that can be staged, by kind. */
  unread: UnreadKind[];
  /** Why nothing is staged of what was given, though no input failed; null where something is. */
  nothingStaged: ErrorJson | null;
}

/** What a run would do, and what was asked for and leads to no input. */
export interface DryRun
  extends DryRunPlan,
    Pick<StageAllResult, 'missing' | 'unread' | 'warnings'> {}

// The source runs as it is; the published package is compiled.
registry.register(
  new URL(
    import.meta.url.endsWith('.ts') ? './tasks/tasks.ts' : './tasks/tasks.js',
    import.meta.url,
  ),
  'staging',
);

/** What a function works on: a stager, its configuration, or values for one. */
export type Job = TileStager | Config | ConfigInput;

/** Stages inputs by a configuration, into one folder. */
export class TileStager {
  readonly config: Config;
  readonly tiles: TilePathManager;

  /**
   * @param config - a Config, or values for one
   * @throws TilewrightError `config-invalid`; the TileMatrixSet is looked up when it is needed
   */
  constructor(config: ConfigInputSnakeCase);
  constructor(config?: Config | ConfigInput);
  constructor(config: Config | object = {}) {
    this.config = config instanceof Config ? config : Config.parse(config);
    this.tiles = new TilePathManager(this.config);
    refuseRemote(this.config.values.dirStaged);
  }

  /** The stager of what a function was given to work on. */
  static of(job: Job | ConfigInputSnakeCase): TileStager {
    return job instanceof TileStager ? job : new TileStager(job as Config | ConfigInput);
  }

  /**
   * Stages one input file. May run in several processes at once on one staged folder. Others that have
   * to be staged again come along, and are told of in the result.
   * @throws the input's TilewrightError if it can't be staged
   */
  async stage(path: string, options: StageOptions = {}): Promise<RunResult> {
    const found = this.#find([path]);
    for (const { error } of found.missing) throw error;
    const result = await this.#run(found, [], options, true);
    const own = new Set(found.inputs.map((input) => realPath(input.path)));
    for (const input of result.inputs) {
      if (input.status === 'failed' && own.has(input.path))
        throw TilewrightError.fromJSON(input.error);
    }
    return result;
  }

  /**
   * Stages all inputs of the input folder, or those named: files, folders, globs. An input that
   * can't be staged is told in the result and does not stop the others.
   */
  async stageAll(
    options: StageOptions & { inputs?: readonly string[] } = {},
  ): Promise<StageAllResult> {
    const { found, roots } = this.#findAll(options.inputs);
    const notes = [...this.#configNotes(), ...this.#placeNotes(found)];
    const result = await this.#run(found, roots, options);
    const { where, bbox } = this.config.values;
    return {
      ...result,
      warnings: [...notes, ...result.warnings, ...this.#passedOver(found)],
      missing: found.missing,
      unread: found.unread,
      nothingStaged: nothingStaged(result, where !== null || bbox !== null),
    };
  }

  /**
   * What `stageAll` would do with the same options, as far as it is known without reading features:
   * how many tiles are new is not. Nothing is written.
   * @throws TilewrightError as `stageAll` does before it begins
   */
  async dryRun(
    options: Pick<StageOptions, 'products'> & { inputs?: readonly string[] } = {},
  ): Promise<DryRun> {
    const { found, roots } = this.#findAll(options.inputs);
    const { inputs } = found;
    const { products = [] } = options;
    const plan = await planDryRun({ ...this.#planOptions(), inputs, roots, products });
    const notes = [...this.#configNotes(), ...this.#placeNotes(found)];
    const warnings = [...notes, ...this.#passedOver(found)];
    return { ...plan, missing: found.missing, unread: found.unread, warnings };
  }

  #findAll(inputs: readonly string[] | undefined): { found: FoundInputs; roots: string[] } {
    const { dirInput } = this.config.values;
    const given = inputs ?? (dirInput === null ? [] : [dirInput]);
    if (given.length === 0) {
      throw new TilewrightError('usage', 'There is nothing to stage: give inputs or set dirInput');
    }
    return { found: this.#find(given), roots: rootsOf(given) };
  }

  #configNotes(): string[] {
    const rules = deduplicationOf(this.config);
    return [...this.config.notes, ...distanceNotes(rules, this.tiles.tms.crs)];
  }

  /** Before the first run, where tiles are about to come among inputs. */
  #placeNotes({ inputs }: FoundInputs): string[] {
    const folder = resolve(this.config.values.dirStaged);
    if (existsSync(journalPath(folder))) return [];
    const folders = new Set(inputs.map(({ path }) => dirname(path)));
    if (![...folders].map(realPath).includes(realPath(folder))) return [];
    return [
      `The staged folder ${folder} holds inputs too. They are told from its tiles, but a folder of ` +
        'its own would be clearer',
    ];
  }

  #passedOver(found: FoundInputs): string[] {
    const staged = realPath(resolve(this.config.values.dirStaged));
    const others = found.skipped.filter((folder) => realPath(folder) !== staged);
    return others.map((folder) => `${folder} is a staged folder: its tiles are no inputs`);
  }

  /**
   * Judges what is staged by the configuration's rules, without its inputs. Where `deduplicateMethod` is
   * given as null, labels are taken off, and features that were left out come back; where it is not
   * given, the rules are those that the folder has. Runs of `stage` go by these rules from then on.
   * @throws TilewrightError `usage` if there are no rules
   */
  async deduplicate(options: Omit<StageOptions, 'products'> = {}): Promise<DeduplicationResult> {
    const { values } = this.config;
    const folder = resolve(values.dirStaged);
    if (!existsSync(journalPath(folder))) {
      throw new TilewrightError('staged-folder', `${folder} is not a staged folder`);
    }
    const rules = rulesOf(this.config) ?? this.#heldRules(folder);
    const result = await withExecutor(this.config.values, options, (executor) =>
      deduplicateStaged({
        ...this.#planOptions(),
        rules,
        duplicated: values.properties.duplicated,
        record: values.record,
        executor,
        ...(options.onProgress && { onProgress: options.onProgress }),
        ...(options.regionRows !== undefined && { regionRows: options.regionRows }),
      }),
    );
    return { ...result, warnings: [...this.config.notes, ...result.warnings] };
  }

  /** Null where no deduplication is asked for by name. */
  #heldRules(folder: string): Deduplication | null {
    if (this.config.isGiven('deduplicateMethod')) return null;
    const held = heldRules(folder);
    if (held !== null) return held;
    throw new TilewrightError(
      'usage',
      `${folder} has no rules of deduplication yet: say which with --deduplicate neighbor or ` +
        'footprints (deduplicateMethod) and what goes with it',
    );
  }

  /**
   * Removes what was staged: tiles, summary and journal; nothing else that is in the folder.
   * Never needed before staging again. Returns the number of tiles removed.
   */
  clean(): Promise<number> {
    return cleanFolder(resolve(this.config.values.dirStaged), this.#summary);
  }

  get #summary(): string {
    return resolve(this.config.values.filenameStagingSummary);
  }

  #find(paths: readonly string[]): FoundInputs {
    return findInputs(paths, {
      extensions: this.config.extensions,
      baseFolder: this.config.values.dirInput,
    });
  }

  #planOptions(): Omit<DryRunOptions, 'inputs' | 'roots' | 'products'> {
    const { values } = this.config;
    return {
      folder: resolve(values.dirStaged),
      summary: this.#summary,
      settings: withHeldRules(resolve(values.dirStaged), settingsOf(this.config, this.tiles.tms)),
      ...planOptionsOf(this.config, this.tiles.tms),
      prune: values.prune,
      adopt: values.adopt,
    };
  }

  #run(
    { inputs, missing }: FoundInputs,
    roots: readonly string[],
    options: StageOptions,
    isPart = false,
  ): Promise<RunResult> {
    const { onProgress, products = [], regionRows } = options;
    return withExecutor(this.config.values, options, (executor) =>
      runStaging({
        ...this.#planOptions(),
        inputs,
        missing,
        roots,
        isPart,
        record: this.config.values.record,
        products,
        executor,
        ...(onProgress && { onProgress }),
        ...(regionRows !== undefined && { regionRows }),
      }),
    );
  }
}

/** A folder of that name would be made here. */
function refuseRemote(dirStaged: string): void {
  if (!isRemote(dirStaged)) return;
  throw new TilewrightError(
    'usage',
    `The staged folder must be on a disk of this machine, and ${dirStaged} is a URL. Copy the ` +
      'folder there when all is done',
  );
}

/** As they are kept: later runs may be elsewhere. */
function rulesOf(config: Config): Deduplication | null {
  const rules = deduplicationOf(config);
  if (rules === null || rules.footprints === null) return rules;
  return { ...rules, footprints: resolve(rules.footprints) };
}

function checkFormat(extStaged: string, tms: TileMatrixSet): void {
  const refused = stagedFormatOf(extStaged)!.refusal?.(resolveCrs(tms.crs)) ?? null;
  if (refused === null) return;
  throw new TilewrightError('config-invalid', `--format (extStaged) ${extStaged}: ${refused}.`);
}

/**
 * What all rows of a staged folder have in common.
 * @throws TilewrightError tms-invalid, config-invalid for a format that can't be in the set's CRS
 */
export function settingsOf(config: Config, tms: TileMatrixSet): FolderSettings {
  const { values } = config;
  const z = values.zRange[1];
  tms.matrix(z);
  checkFormat(values.extStaged, tms);
  const rules = rulesOf(config);
  const selection = selectionOf(values);
  return {
    tms: tms.id,
    tmsDefinition: JSON.stringify(tms.definition),
    z,
    simplifyTolerance: values.simplifyTolerance,
    properties: { ...values.properties },
    ...(values.keepPrimaryKey && { keepPrimaryKey: true }),
    ...(values.invalid !== 'keep' && { invalid: values.invalid }),
    ...(selection && { selection }),
    style: values.style,
    tilePathStructure: values.tilePathStructure,
    ...layoutOf(values),
    ...(rules && { deduplication: rules }),
  };
}

/**
 * A stager for a folder, with what `tilewright stage` has by default: all files that can be read, no
 * simplification, z 13 of WGS1984Quad.
 * @param dirInput - folder of the inputs
 * @param dirStaged - folder of the tiles; default: `staged` in the current folder
 * @param config - more of the configuration
 */
export function initializeStager(
  dirInput: string,
  dirStaged: string,
  config: ConfigInputSnakeCase,
): TileStager;
export function initializeStager(
  dirInput: string,
  dirStaged?: string,
  config?: ConfigInput,
): TileStager;
export function initializeStager(
  dirInput: string,
  dirStaged = 'staged',
  config: object = {},
): TileStager {
  return new TileStager(Config.from({ dirInput, dirStaged }).merge(config));
}
