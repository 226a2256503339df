/**
 * Words of other programs (GDAL, tippecanoe, Dask, Parsl, pdgstaging and the usual ones of Unix), and
 * what they are here. They come before spellings: `--overwrite` is near to `--override-crs`, and means
 * something else.
 */

import { stagedFormatWords } from '../../formats/staged-formats.ts';
import type { CommandName } from './commands.ts';

export interface ForeignWord {
  /** In lower case with dashes; single letters as they are. Spaces between them. */
  words: string;
  /** The option that is meant; without its dashes. */
  means?: string;
  /** What to know besides, or to do where there is no such option. */
  says?: string;
}

const SELECT =
  'Features are chosen with --where and --bbox; what these can not say, ogr2ogr does before.';
const TILES_CRS = 'Tiles are in the CRS of their TileMatrixSet; tilewright tms lists them.';
const FORMAT = `--format names the format of the tiles: ${stagedFormatWords().join(' or ')}.`;
const AGAIN =
  'A run replaces the tiles of inputs that have changed by itself; --force stages all of them again.';
const BLOCKS = "Blocks of workers are described by the configuration file's section parallel.";
const OWN_WAY = 'There is no such option.';

const STAGE: readonly ForeignWord[] = [
  {
    words: 'output outdir out-dir output-dir output-directory output-to-directory dest destination',
    means: 'out',
  },
  { words: 'd e dst dst-dir target target-dir dir-output dir-out', means: 'out' },
  {
    words: 'i in input inputs input-dir dir-input src source file files data path',
    says: 'Inputs are given without an option: tilewright stage INPUT… --out DIR.',
  },
  {
    words: 'profile tileset tiling-scheme tilematrixset tile-matrix-set matrix-set tms-id grid p',
    means: 'tms',
  },
  {
    words: 't-srs t-crs to-crs dst-crs dst-srs target-crs target-srs out-crs output-crs projection',
    means: 'tms',
    says: TILES_CRS,
  },
  {
    words:
      's-srs s-crs src-crs src-srs source-crs source-srs in-crs from-crs crs srs epsg input-srs',
    means: 'input-crs',
    says: 'It is for inputs that name no CRS; --override-crs holds for all.',
  },
  {
    words: 'a-srs a-crs assign-crs set-crs',
    means: 'override-crs',
    says: 'It says what the coordinates are in, and moves nothing.',
  },
  {
    words: 'zoom zooms zoom-level zoom-levels zoomlevel level max-zoom maxzoom maximum-zoom max-z',
    means: 'z',
  },
  {
    words: 'z-range zrange min-zoom minzoom minimum-zoom min-z Z',
    means: 'z',
    says: 'Tiles are staged at one tile matrix.',
  },
  { words: 'filter query feature-filter attribute-filter', means: 'where' },
  { words: 'sql dialect fid limit', says: SELECT },
  {
    words: 'spat bounds extent te aoi',
    means: 'bbox',
    says: 'It is in longitudes and latitudes unless --bbox-crs says otherwise.',
  },
  { words: 'spat-srs te-srs', means: 'bbox-crs' },
  { words: 'select fields properties include-columns', means: 'columns' },
  { words: 'exclude-columns', means: 'drop-columns' },
  {
    words: 'clip clipsrc clipdst clip-src clip-dst',
    says: 'Features are staged whole: --bbox chooses those that meet a box.',
  },
  {
    words: 'nln layer-name new-layer-name',
    says: 'The layer of a tile has the name of its tile. --layer NAME chooses a layer of the inputs.',
  },
  { words: 'l layers named-layer', means: 'layer' },
  {
    words: 'nlt geometry-type promote-to-multi explodecollections',
    says: 'Polygons and multipolygons are staged as they are; ogr2ogr -nlt makes others of them before.',
  },
  {
    words: 'f of driver output-format ext-staged',
    means: 'format',
    says: 'To stage again what has not changed: --force.',
  },
  { words: 'lco dsco co oo creation-option layer-creation-option', says: FORMAT },
  { words: 'simplify simplification segmentize tolerance S', means: 'simplify-tolerance' },
  { words: 'overwrite replace rerun restage redo refresh overwrite-layer', says: AGAIN },
  {
    words: 'update append resume continue r skip-existing accumulate',
    says: 'The same command goes on where a run stopped, and adds what is new, without an option.',
  },
  {
    words: 'skipfailures skip-failures ignore-errors keep-going k',
    says: 'An input that fails does not stop the others; they are listed at the end.',
  },
  { words: 'delete remove sync purge', means: 'prune', says: 'tilewright clean DIR removes all.' },
  {
    words: 'j jobs threads nthreads n-threads num-threads threads-per-worker nworkers n-workers',
    means: 'workers',
  },
  {
    words: 'num-workers max-workers max-threads max-workers-per-node processes nprocesses nproc',
    means: 'workers',
  },
  { words: 'procs cores ncores cpus ncpus parallel parallelism concurrency P', means: 'workers' },
  { words: 'scheduler backend cluster client engine', means: 'executor' },
  {
    words: 'partition walltime time account qos nodes nnodes nodes-per-block max-blocks mem',
    says: BLOCKS,
  },
  {
    words: 'memory-limit worker-init scheduler-options queue provider worker-class',
    says: BLOCKS,
  },
  { words: 'c conf cfg settings params config-file workflow-config', means: 'config' },
  {
    words: 'dedup dedupe deduplication deduplicate-at',
    means: 'deduplicate',
  },
  {
    words: 'tile-size tilesize buffer resolution ts tr xyz',
    says: 'Tiles, their size and their order are those of the TileMatrixSet, --tms.',
  },
  { words: 'recursive R', says: 'Folders are searched with all that is below them.' },
  { words: 'extension extensions pattern include glob', means: 'ext' },
  { words: 'exclude ignore', says: 'Give the files that you want, or a glob.' },
  {
    words: 'encoding charset',
    says: 'The encoding of a shapefile is what the .cpg beside it says.',
  },
  { words: 'n dryrun simulate plan whatif what-if check no-act', means: 'dry-run' },
  { words: 'y yes no-input batch', says: 'stage asks nothing.' },
  { words: 'q s silent no-progress progress', means: 'quiet' },
  { words: 'background daemon', means: 'detach' },
];

const ALL: readonly ForeignWord[] = [
  { words: 'debug trace traceback loglevel log-level vv', means: 'verbose' },
];

const OUT_IS_HTML: ForeignWord = { words: 'o out output f format page', means: 'html' };
const HAND_WORKERS: ForeignWord = {
  words: 'j jobs threads nthreads nworkers n-workers concurrency c processes',
  means: 'workers',
};

const BY_COMMAND: Partial<Record<CommandName, readonly ForeignWord[]>> = {
  stage: STAGE,
  estimate: STAGE,
  plot: [
    { words: 'out outfile file save', means: 'output' },
    { words: 'f fmt of', means: 'format' },
    { words: 'cmap c colour column', means: 'color' },
    { words: 'n max all limit', means: 'tiles', says: '--tiles all draws all of them.' },
    { words: 'dpi figsize size width height', says: 'The map has one size; an SVG has any.' },
  ],
  serve: [
    { words: 'p', means: 'port' },
    { words: 'bind address b ip interface listen', means: 'host' },
  ],
  clean: [{ words: 'f force y no-input no-confirm', means: 'yes' }],
  report: [OUT_IS_HTML, { words: 'n last id run-id', means: 'run' }],
  monitor: [OUT_IS_HTML, { words: 'p dashboard-address', means: 'port' }],
  info: [
    { words: 'so al ro l summary', says: 'Every layer is described, without an option.' },
    { words: 'where sql features fid', says: `${OWN_WAY} ogrinfo -al prints features.` },
  ],
  worker: [
    HAND_WORKERS,
    { words: 'url redis broker q scheduler-address', means: 'queue' },
    { words: 'name', means: 'queue-name' },
    { words: 'preload module include', means: 'tasks' },
    { words: 'death-timeout timeout lifetime', means: 'idle-exit' },
  ],
};

/** What other programs call their commands. */
export const FOREIGN_COMMANDS: Readonly<Record<string, string>> = {
  ...all('tile run convert process ogr2ogr import ingest start', 'stage'),
  ...all('describe inspect show ogrinfo layers ls head', 'info'),
  ...all('view viewer web open browse dashboard', 'serve'),
  ...all('map draw render image', 'plot'),
  ...all('remove rm delete reset purge', 'clean'),
  ...all('kill stop abort scancel', 'cancel'),
  ...all('predict forecast', 'estimate'),
  ...all('tilematrixsets tilesets profiles grids', 'tms'),
  ...all('progress state squeue', 'status'),
  ...all('profile explain summary stats', 'report'),
  ...all('completions autocomplete', 'completion'),
};

function all(words: string, command: string): Record<string, string> {
  return Object.fromEntries(words.split(' ').map((word) => [word, command]));
}

/** Those that count for a command. */
export function foreignWordsOf(command: CommandName): readonly ForeignWord[] {
  return [...(BY_COMMAND[command] ?? []), ...ALL];
}

/** What a word of another program is here; null for one that is not known. */
export function foreignOption(word: string, command: CommandName | null): ForeignWord | null {
  if (command === null) return null;
  const plain = word.length === 1 ? word : dashed(word);
  return foreignWordsOf(command).find(({ words }) => words.split(' ').includes(plain)) ?? null;
}

/** `tSrs`, `t_srs` and `T-SRS` are `t-srs`. */
function dashed(word: string): string {
  return word
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
}
