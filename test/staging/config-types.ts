/**
 * What the types of a configuration allow and refuse, for `npm run types`: each `@ts-expect-error`
 * stands for something that must not compile. Nothing of it is run.
 */

import type { z } from 'zod';
import {
  Config,
  type ConfigInput,
  type ConfigInputSnakeCase,
  type ConfigValues,
  estimate,
  initializeStager,
  type PlotOptions,
  plotTiles,
  type ServeOptions,
  serve,
  TileStager,
} from '../../src/index.ts';
import type { plotSchema } from '../../src/plot/plot-schema.ts';
import type { configSchema } from '../../src/staging/configuration/config-schema.ts';
import type { serveSchema } from '../../src/viewer/serve-schema.ts';

/** Both are the same type. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assertSame = <A, B>(same: Same<A, B>): boolean => same;

type Plain<T> = T extends readonly unknown[]
  ? { readonly [K in keyof T]: Plain<T[K]> }
  : T extends object
    ? { [K in keyof T]?: Plain<T[K]> | undefined }
    : T;

/** What was made of the schemas is what these say, in all keys and values. */
export function typesAreTheSchemas(): void {
  assertSame<Required<PlotOptions>, Required<Plain<z.input<typeof plotSchema>>>>(true);
  assertSame<Required<ServeOptions>, Required<Plain<z.input<typeof serveSchema>>>>(true);
  assertSame<Omit<Required<ConfigInput>, 'z'>, Required<Plain<z.input<typeof configSchema>>>>(true);
}

export async function correctKeys(config: Config, stager: TileStager): Promise<void> {
  new TileStager();
  new TileStager({ dirInput: 'a', z: 9, parallel: { maxBlocks: 2 }, properties: { tile: 't' } });
  new TileStager({ dir_input: 'a', z_range: [0, 9], parallel: { max_blocks: 2 }, prop_tile: 't' });
  new TileStager({ dir_input: 'a', deduplicate_at: [], enable_raster: true, ext_staged: '.gpkg' });
  new TileStager({ deduplicateMethod: 'neighbor', deduplicateKeepRules: [['Date', 'larger']] });
  new TileStager({ deduplicate_clip_to_footprint: 'within', dir_footprints: 'a' });
  new TileStager({ ...config.values, force: true });
  new TileStager(config.merge({ workers: undefined }).merge({ slice_bytes: 5 }));
  Config.from(config.toJSON()).merge({ ext_input: ['.shp'] });
  initializeStager('a', 'b', { inputCrs: 'EPSG:3413' }).config.get('z');
  initializeStager('a', 'b', { input_crs: 'EPSG:3413' });
  await estimate({ dirInput: 'a' }, { files: [3] });
  await estimate({ dir_input: 'a' });
  await estimate(stager);
  await plotTiles({ dirStaged: 'a' }, { color: 'count' });
  await plotTiles({ dir_staged: 'a' });
  await serve('staged', { port: 0 });
  await serve({ dirStaged: 'a' });
  await serve({ dir_staged: 'a' });
  await serve(stager);
}

export async function misspeltKeys(): Promise<void> {
  // @ts-expect-error
  new TileStager({ dirInputs: 'a' });
  // @ts-expect-error
  new TileStager({ dir_inputs: 'a' });
  // @ts-expect-error the two spellings don't mix
  new TileStager({ dir_input: 'a', dirStaged: 'b' });
  // @ts-expect-error
  new TileStager({ parallel: { maxBloks: 2 } });
  // @ts-expect-error
  new TileStager({ properties: { til: 't' } });
  // @ts-expect-error
  Config.from({ simplifyTolerence: 1 });
  // @ts-expect-error
  Config.from({}).merge({ worker: 1 });
  // @ts-expect-error
  initializeStager('a', 'b', { inputCRS: 'EPSG:3413' });
  // @ts-expect-error
  await estimate({ dirInputs: 'a' });
  // @ts-expect-error
  await plotTiles({ dirStage: 'a' });
  // @ts-expect-error
  await plotTiles({ dirStaged: 'a' }, { colour: 'count' });
  // @ts-expect-error
  await serve({ dirStage: 'a' });
  // @ts-expect-error
  await serve('staged', { prt: 0 });
}

export function wrongValues(): void {
  // @ts-expect-error
  new TileStager({ executor: 'cloud' });
  // @ts-expect-error
  new TileStager({ deduplicateKeepRules: [['Date', 'bigger']] });
  // @ts-expect-error
  new TileStager({ zRange: [1, 2, 3] });
  // @ts-expect-error
  new TileStager({ workers: '2' });
  // @ts-expect-error null is no value of it
  new TileStager({ dirStaged: null });
}

export function valuesAreTyped(config: Config): void {
  assertSame<ReturnType<typeof config.get<'dirStaged'>>, string>(true);
  const staged: string = config.get('dirStaged');
  const same: string = config.get('dir_staged');
  const workers: number | null = config.get('workers');
  const z: number = config.get('z');
  const range: readonly [number, number] = config.get('z_range');
  const column: string = config.get('prop_centroid_x') + config.get('properties.centroidX');
  const blocks: number = config.get('parallel.maxBlocks') + config.get('parallel.max_blocks');
  const values: ConfigValues = config.values;
  const input: ConfigInput = values;
  const snake: ConfigInputSnakeCase = { tms_id: values.tmsId };
  console.log(staged, same, workers, z, range, column, blocks, input, snake);
  // @ts-expect-error
  config.get('dir_stagd');
  // @ts-expect-error a number or null is no text
  const wrong: string = config.get('workers');
  console.log(wrong);
}
