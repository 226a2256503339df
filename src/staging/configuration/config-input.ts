/** Made by scripts/make-docs.ts from config-schema.ts: change that, and run it. */

/** What `properties` of a configuration may hold, in camelCase. */
export interface PropertiesInput {
  /** The tile that this row is in. Default: `"staging_tile"`. */
  tile?: string | undefined;
  /** The feature's home tile. Default: `"staging_centroid_tile"`. */
  centroidTile?: string | undefined;
  /** Area in the units of the TileMatrixSet's CRS, squared. Default: `"staging_area"`. */
  area?: string | undefined;
  /** Easting or longitude in the TileMatrixSet's CRS. Default: `"staging_centroid_x"`. */
  centroidX?: string | undefined;
  /** Northing or latitude in the TileMatrixSet's CRS. Default: `"staging_centroid_y"`. */
  centroidY?: string | undefined;
  /** Name of the input. Default: `"staging_filename"`. */
  filename?: string | undefined;
  /** UUID of the feature, the same in every tile. Default: `"staging_identifier"`. */
  identifier?: string | undefined;
  /** Whether this is its home tile. Default: `"staging_centroid_within_tile"`. */
  centroidWithinTile?: string | undefined;
  /** Whether the feature is a duplicate; only if these get a label. Default: `"staging_duplicated"`. */
  duplicated?: string | undefined;
}

/** What `parallel` of a configuration may hold, in camelCase. */
export interface ParallelInput {
  /** Workers of a node at the most; never more than its cores allow. Default: null, as many as the cores allow. */
  maxWorkers?: number | null | undefined;
  /** Cores that a worker needs; may be less than 1. Default: `1`. */
  coresPerWorker?: number | undefined;
  /** Blocks that are obtained at the start. Default: `1`. */
  initBlocks?: number | undefined;
  /** Blocks that are kept when there is nothing to do. Default: `0`. */
  minBlocks?: number | undefined;
  /** Blocks that there are at the most. With 0, only workers that join the queue work. Default: `1`. */
  maxBlocks?: number | undefined;
  /** Seconds that a block may have nothing to do before it is ended. Default: `120`. */
  maxIdletime?: number | undefined;
  /** Lines for a login shell that run on each block before its workers start. Default: empty. */
  workerInit?: string | undefined;
  /** How often a task is started again when that can help. Default: `2`. */
  retries?: number | undefined;
  /** Redis server whose queue carries the tasks, redis://USER:PASSWORD@HOST:PORT or rediss:// with TLS; or the environment variable TILEWRIGHT_QUEUE. Default: null, workers connect to the process that stages. */
  queue?: string | null | undefined;
  /** Tells queues on one Redis server apart. Default: `"tilewright"`. */
  queueName?: string | undefined;
  /** File of the certificates that the Redis server's has to be signed by. Default: null, the system's. */
  queueCa?: string | null | undefined;
  /** Without a queue: host name or address by which workers on other machines call this one. Default: null, this machine's name. */
  address?: string | null | undefined;
  /** Without a queue: the port that workers on other machines call. Default: null, any that is free. */
  port?: number | null | undefined;
  /** Slurm: the partition. Default: null, the cluster's default. */
  partition?: string | null | undefined;
  /** Slurm: the account that pays. Default: null, the user's default. */
  account?: string | null | undefined;
  /** Slurm: the quality of service. Default: null, the cluster's default. */
  qos?: string | null | undefined;
  /** Slurm: nodes of a block. Default: `1`. */
  nodesPerBlock?: number | undefined;
  /** Slurm: cores of each node. Default: null, one. */
  coresPerNode?: number | null | undefined;
  /** Slurm: gigabytes of memory of each node, or element of an array job. Default: null, the cluster's default. */
  memPerNode?: number | null | undefined;
  /** Slurm: how long a block, or an element of an array job, may last. Default: `"00:30:00"`. */
  walltime?: string | undefined;
  /** Slurm: seconds between two looks at the queue. Default: `5`. */
  pollInterval?: number | undefined;
  /** Slurm: more lines for the job script, such as "#SBATCH --constraint=fast". Default: empty. */
  schedulerOptions?: string | undefined;
  /** slurm-array: cores, and tasks at a time, of an element. Default: `1`. */
  coresPerElement?: number | undefined;
  /** slurm-array: how long an element works at least, where there is enough. Default: `60`. */
  secondsPerElement?: number | undefined;
  /** slurm-array: elements that run at a time at the most. Default: `1000`. */
  maxElements?: number | undefined;
}

/** What a configuration may be given as. Every key is optional; undefined is as if it were not there. */
export interface ConfigInput {
  /** Folder of the inputs, or a prefix s3://bucket/…/. Names of inputs below it start there. Default: null, the inputs are given in the call. */
  dirInput?: string | null | undefined;
  /** Extensions of the files that folders and globs are searched for. Default: null, all that can be read. */
  extInput?: string | readonly string[] | null | undefined;
  /** Folder of the staged tiles; made if it does not exist. Default: `"staged"`. */
  dirStaged?: string | undefined;
  /** Format of the tiles: its name, or the extension of its files. Default: `".gpkg"`. */
  extStaged?: string | undefined;
  /** Put 4^pack tiles into a file: those below one tile that many levels up. Default: null, each tile is a file. */
  pack?: number | null | undefined;
  /** File of the summary, Parquet if it ends in .parquet, else CSV. A name without a folder is placed in the staged folder. Default: `"staging_summary.csv"`. */
  filenameStagingSummary?: string | undefined;
  /** The TileMatrixSet: a known one's identifier or the path of a JSON file. Default: `"WGS1984Quad"`. */
  tmsId?: string | undefined;
  /** Lowest and highest z. Features are staged at the highest. Default: `[0, 13]`. */
  zRange?: readonly [number, number] | undefined;
  /** Folder of the style in the paths of tiles; left out when empty. Default: empty. */
  style?: string | undefined;
  /** Order of the parts of a tile's path: style and tms, then z, x and y. Default: `["style", "tms", "z", "x", "y"]`. */
  tilePathStructure?: readonly ('style' | 'tms' | 'z' | 'x' | 'y')[] | undefined;
  /** Tolerance of the simplification, in units of the CRS of the input. Default: null, no simplification. */
  simplifyTolerance?: number | null | undefined;
  /** What becomes of invalid geometries, which are counted unless unchecked. Default: `"keep"`. */
  invalid?: 'keep' | 'repair' | 'drop' | 'fail' | 'unchecked' | undefined;
  /** CRS of the inputs that name none, for example EPSG:3413. Default: null, such an input is an error. */
  inputCrs?: string | null | undefined;
  /** CRS of all inputs, in place of the one that they name. Default: null, each input has its own. */
  overrideCrs?: string | null | undefined;
  /** Folder with grids of datum shifts (NTv2, GeoTIFF), for the operations that need one. Default: null, no such operation is used. */
  grids?: string | null | undefined;
  /** Stage also where no operation between the datums is known, with longitudes and latitudes as they are. Default: `false`. */
  allowBallpark?: boolean | undefined;
  /** The one layer to read, of inputs that have several. Default: null, every feature layer of each input. */
  layer?: string | null | undefined;
  /** Make the integer key of a GeoPackage table a column also where its name says that it only numbers the rows (fid, ogc_fid, id, gid, …). Default: `false`. */
  keepPrimaryKey?: boolean | undefined;
  /** Condition on attributes of the features that are staged, as in SQL: "area > 100 AND kind IN ('lake', 'pond')". Default: null, all. */
  where?: string | null | undefined;
  /** Box that the features meet which are staged. Default: null, all. */
  bbox?: readonly [number, number, number, number] | null | undefined;
  /** Its CRS; easting or longitude come first. Default: null, longitudes and latitudes. */
  bboxCrs?: string | null | undefined;
  /** Columns that are kept. Default: null, all. */
  columns?: readonly string[] | null | undefined;
  /** Columns that are left out. Default: null, none. */
  dropColumns?: readonly string[] | null | undefined;
  /** How duplicates are found: by overlap with features of other inputs, or by footprints of inputs. Default: null, no deduplication. */
  deduplicateMethod?: 'neighbor' | 'footprints' | null | undefined;
  /** Which of two stays, rule by rule; last by the name of the input and the position in it. Default: `[]`. */
  deduplicateKeepRules?: readonly (readonly [string, 'larger' | 'smaller'])[] | undefined;
  /** Duplicates overlap by more than this share of their area. Default: `0.5`. */
  deduplicateOverlapTolerance?: number | null | undefined;
  /** Whether that is of the area of both, or of one. Default: `true`. */
  deduplicateOverlapBoth?: boolean | undefined;
  /** How far apart the centroids of duplicates are at the most. Default: null, any distance. */
  deduplicateCentroidTolerance?: number | null | undefined;
  /** CRS in whose units that is measured. Default: `"EPSG:3857"`. */
  deduplicateDistanceCrs?: string | null | undefined;
  /** Column whose values are compared with each other in place of the inputs. Default: null, the inputs. */
  deduplicateSplitBy?: string | null | undefined;
  /** Whether overlaps inside one input count too. Default: `false`. */
  deduplicateWithin?: boolean | undefined;
  /** Whether duplicates get a label or are left out of the tiles. Default: null, label, or remove if deduplicateAt has "staging". */
  duplicates?: 'label' | 'remove' | null | undefined;
  /** Steps that leave duplicates out, as in the Python pipeline. Default: null, what duplicates says. */
  deduplicateAt?: readonly ('staging' | 'raster' | '3dtiles')[] | null | undefined;
  /** Whether features go that aren't in their input's footprint; or the predicate, in place of deduplicateClipMethod's. Default: null, true if dirFootprints is given. */
  deduplicateClipToFootprint?:
    | boolean
    | 'intersects'
    | 'within'
    | 'contains'
    | 'covers'
    | 'overlaps'
    | 'crosses'
    | 'touches'
    | null
    | undefined;
  /** What a feature that stays is to its footprint. Default: `"intersects"`. */
  deduplicateClipMethod?:
    | 'intersects'
    | 'within'
    | 'contains'
    | 'covers'
    | 'overlaps'
    | 'crosses'
    | 'touches'
    | undefined;
  /** Whether inputs without a footprint are an error, or keep all features, with a warning. Default: `"fail"`. */
  missingFootprints?: 'fail' | 'keep' | undefined;
  /** Folder of the footprints, each with the path and name that its input has below dirInput. Default: null, there are none. */
  dirFootprints?: string | null | undefined;
  /** Extensions of the footprints. Default: null, all that can be read. */
  extFootprints?: string | readonly string[] | null | undefined;
  /** Names of the columns that staging adds to every feature. */
  properties?: PropertiesInput | undefined;
  /** How many workers run tasks at once. Default: null, one for each core. */
  workers?: number | null | undefined;
  /** Where tasks run: threads; processes of this machine (local); blocks that Slurm gives (slurm); workers of a Redis queue (redis); Slurm array jobs on a shared disk (slurm-array); or inline, one after the other. Default: `"threads"`. */
  executor?: 'threads' | 'local' | 'slurm' | 'redis' | 'slurm-array' | 'inline' | undefined;
  /** How workers are obtained, for executors other than threads and inline. */
  parallel?: ParallelInput | undefined;
  /** Bigger inputs are read in slices of about this many bytes. Default: `25165824`. */
  sliceBytes?: number | undefined;
  /** Megabytes that rows may take in memory, for each worker; the rest waits on disk. Default: null, an eighth of the machine, shared, 256 to 1,074 each. */
  memory?: number | null | undefined;
  /** Stage all inputs again, also those that have not changed. Default: `false`. */
  force?: boolean | undefined;
  /** Remove the features of inputs whose file is gone from a folder that is given. Default: `false`. */
  prune?: boolean | undefined;
  /** Stage into a folder that holds tiles or a summary of another origin: replace those in the way, list the others. Default: `false`. */
  adopt?: boolean | undefined;
  /** Measure tasks, and keep a record of the run in the staged folder, for its report. Default: `true`. */
  record?: boolean | undefined;
  /** Short for a z range of [0, z]. */
  z?: number | undefined;
}

/** What `properties` of a configuration may hold, in the snake_case of the Python pipeline. */
export interface PropertiesInputSnakeCase {
  /** The tile that this row is in. Default: `"staging_tile"`. */
  tile?: string | undefined;
  /** The feature's home tile. Default: `"staging_centroid_tile"`. */
  centroid_tile?: string | undefined;
  /** Area in the units of the TileMatrixSet's CRS, squared. Default: `"staging_area"`. */
  area?: string | undefined;
  /** Easting or longitude in the TileMatrixSet's CRS. Default: `"staging_centroid_x"`. */
  centroid_x?: string | undefined;
  /** Northing or latitude in the TileMatrixSet's CRS. Default: `"staging_centroid_y"`. */
  centroid_y?: string | undefined;
  /** Name of the input. Default: `"staging_filename"`. */
  filename?: string | undefined;
  /** UUID of the feature, the same in every tile. Default: `"staging_identifier"`. */
  identifier?: string | undefined;
  /** Whether this is its home tile. Default: `"staging_centroid_within_tile"`. */
  centroid_within_tile?: string | undefined;
  /** Whether the feature is a duplicate; only if these get a label. Default: `"staging_duplicated"`. */
  duplicated?: string | undefined;
}

/** What `parallel` of a configuration may hold, in the snake_case of the Python pipeline. */
export interface ParallelInputSnakeCase {
  /** Workers of a node at the most; never more than its cores allow. Default: null, as many as the cores allow. */
  max_workers?: number | null | undefined;
  /** Cores that a worker needs; may be less than 1. Default: `1`. */
  cores_per_worker?: number | undefined;
  /** Blocks that are obtained at the start. Default: `1`. */
  init_blocks?: number | undefined;
  /** Blocks that are kept when there is nothing to do. Default: `0`. */
  min_blocks?: number | undefined;
  /** Blocks that there are at the most. With 0, only workers that join the queue work. Default: `1`. */
  max_blocks?: number | undefined;
  /** Seconds that a block may have nothing to do before it is ended. Default: `120`. */
  max_idletime?: number | undefined;
  /** Lines for a login shell that run on each block before its workers start. Default: empty. */
  worker_init?: string | undefined;
  /** How often a task is started again when that can help. Default: `2`. */
  retries?: number | undefined;
  /** Redis server whose queue carries the tasks, redis://USER:PASSWORD@HOST:PORT or rediss:// with TLS; or the environment variable TILEWRIGHT_QUEUE. Default: null, workers connect to the process that stages. */
  queue?: string | null | undefined;
  /** Tells queues on one Redis server apart. Default: `"tilewright"`. */
  queue_name?: string | undefined;
  /** File of the certificates that the Redis server's has to be signed by. Default: null, the system's. */
  queue_ca?: string | null | undefined;
  /** Without a queue: host name or address by which workers on other machines call this one. Default: null, this machine's name. */
  address?: string | null | undefined;
  /** Without a queue: the port that workers on other machines call. Default: null, any that is free. */
  port?: number | null | undefined;
  /** Slurm: the partition. Default: null, the cluster's default. */
  partition?: string | null | undefined;
  /** Slurm: the account that pays. Default: null, the user's default. */
  account?: string | null | undefined;
  /** Slurm: the quality of service. Default: null, the cluster's default. */
  qos?: string | null | undefined;
  /** Slurm: nodes of a block. Default: `1`. */
  nodes_per_block?: number | undefined;
  /** Slurm: cores of each node. Default: null, one. */
  cores_per_node?: number | null | undefined;
  /** Slurm: gigabytes of memory of each node, or element of an array job. Default: null, the cluster's default. */
  mem_per_node?: number | null | undefined;
  /** Slurm: how long a block, or an element of an array job, may last. Default: `"00:30:00"`. */
  walltime?: string | undefined;
  /** Slurm: seconds between two looks at the queue. Default: `5`. */
  poll_interval?: number | undefined;
  /** Slurm: more lines for the job script, such as "#SBATCH --constraint=fast". Default: empty. */
  scheduler_options?: string | undefined;
  /** slurm-array: cores, and tasks at a time, of an element. Default: `1`. */
  cores_per_element?: number | undefined;
  /** slurm-array: how long an element works at least, where there is enough. Default: `60`. */
  seconds_per_element?: number | undefined;
  /** slurm-array: elements that run at a time at the most. Default: `1000`. */
  max_elements?: number | undefined;
}

/** The same with the names of the Python pipeline. */
export interface ConfigInputSnakeCase {
  /** Folder of the inputs, or a prefix s3://bucket/…/. Names of inputs below it start there. Default: null, the inputs are given in the call. */
  dir_input?: string | null | undefined;
  /** Extensions of the files that folders and globs are searched for. Default: null, all that can be read. */
  ext_input?: string | readonly string[] | null | undefined;
  /** Folder of the staged tiles; made if it does not exist. Default: `"staged"`. */
  dir_staged?: string | undefined;
  /** Format of the tiles: its name, or the extension of its files. Default: `".gpkg"`. */
  ext_staged?: string | undefined;
  /** Put 4^pack tiles into a file: those below one tile that many levels up. Default: null, each tile is a file. */
  pack?: number | null | undefined;
  /** File of the summary, Parquet if it ends in .parquet, else CSV. A name without a folder is placed in the staged folder. Default: `"staging_summary.csv"`. */
  filename_staging_summary?: string | undefined;
  /** The TileMatrixSet: a known one's identifier or the path of a JSON file. Default: `"WGS1984Quad"`. */
  tms_id?: string | undefined;
  /** Lowest and highest z. Features are staged at the highest. Default: `[0, 13]`. */
  z_range?: readonly [number, number] | undefined;
  /** Folder of the style in the paths of tiles; left out when empty. Default: empty. */
  style?: string | undefined;
  /** Order of the parts of a tile's path: style and tms, then z, x and y. Default: `["style", "tms", "z", "x", "y"]`. */
  tile_path_structure?: readonly ('style' | 'tms' | 'z' | 'x' | 'y')[] | undefined;
  /** Tolerance of the simplification, in units of the CRS of the input. Default: null, no simplification. */
  simplify_tolerance?: number | null | undefined;
  /** What becomes of invalid geometries, which are counted unless unchecked. Default: `"keep"`. */
  invalid?: 'keep' | 'repair' | 'drop' | 'fail' | 'unchecked' | undefined;
  /** CRS of the inputs that name none, for example EPSG:3413. Default: null, such an input is an error. */
  input_crs?: string | null | undefined;
  /** CRS of all inputs, in place of the one that they name. Default: null, each input has its own. */
  override_crs?: string | null | undefined;
  /** Folder with grids of datum shifts (NTv2, GeoTIFF), for the operations that need one. Default: null, no such operation is used. */
  grids?: string | null | undefined;
  /** Stage also where no operation between the datums is known, with longitudes and latitudes as they are. Default: `false`. */
  allow_ballpark?: boolean | undefined;
  /** The one layer to read, of inputs that have several. Default: null, every feature layer of each input. */
  layer?: string | null | undefined;
  /** Make the integer key of a GeoPackage table a column also where its name says that it only numbers the rows (fid, ogc_fid, id, gid, …). Default: `false`. */
  keep_primary_key?: boolean | undefined;
  /** Condition on attributes of the features that are staged, as in SQL: "area > 100 AND kind IN ('lake', 'pond')". Default: null, all. */
  where?: string | null | undefined;
  /** Box that the features meet which are staged. Default: null, all. */
  bbox?: readonly [number, number, number, number] | null | undefined;
  /** Its CRS; easting or longitude come first. Default: null, longitudes and latitudes. */
  bbox_crs?: string | null | undefined;
  /** Columns that are kept. Default: null, all. */
  columns?: readonly string[] | null | undefined;
  /** Columns that are left out. Default: null, none. */
  drop_columns?: readonly string[] | null | undefined;
  /** How duplicates are found: by overlap with features of other inputs, or by footprints of inputs. Default: null, no deduplication. */
  deduplicate_method?: 'neighbor' | 'footprints' | null | undefined;
  /** Which of two stays, rule by rule; last by the name of the input and the position in it. Default: `[]`. */
  deduplicate_keep_rules?: readonly (readonly [string, 'larger' | 'smaller'])[] | undefined;
  /** Duplicates overlap by more than this share of their area. Default: `0.5`. */
  deduplicate_overlap_tolerance?: number | null | undefined;
  /** Whether that is of the area of both, or of one. Default: `true`. */
  deduplicate_overlap_both?: boolean | undefined;
  /** How far apart the centroids of duplicates are at the most. Default: null, any distance. */
  deduplicate_centroid_tolerance?: number | null | undefined;
  /** CRS in whose units that is measured. Default: `"EPSG:3857"`. */
  deduplicate_distance_crs?: string | null | undefined;
  /** Column whose values are compared with each other in place of the inputs. Default: null, the inputs. */
  deduplicate_split_by?: string | null | undefined;
  /** Whether overlaps inside one input count too. Default: `false`. */
  deduplicate_within?: boolean | undefined;
  /** Whether duplicates get a label or are left out of the tiles. Default: null, label, or remove if deduplicateAt has "staging". */
  duplicates?: 'label' | 'remove' | null | undefined;
  /** Steps that leave duplicates out, as in the Python pipeline. Default: null, what duplicates says. */
  deduplicate_at?: readonly ('staging' | 'raster' | '3dtiles')[] | null | undefined;
  /** Whether features go that aren't in their input's footprint; or the predicate, in place of deduplicateClipMethod's. Default: null, true if dirFootprints is given. */
  deduplicate_clip_to_footprint?:
    | boolean
    | 'intersects'
    | 'within'
    | 'contains'
    | 'covers'
    | 'overlaps'
    | 'crosses'
    | 'touches'
    | null
    | undefined;
  /** What a feature that stays is to its footprint. Default: `"intersects"`. */
  deduplicate_clip_method?:
    | 'intersects'
    | 'within'
    | 'contains'
    | 'covers'
    | 'overlaps'
    | 'crosses'
    | 'touches'
    | undefined;
  /** Whether inputs without a footprint are an error, or keep all features, with a warning. Default: `"fail"`. */
  missing_footprints?: 'fail' | 'keep' | undefined;
  /** Folder of the footprints, each with the path and name that its input has below dirInput. Default: null, there are none. */
  dir_footprints?: string | null | undefined;
  /** Extensions of the footprints. Default: null, all that can be read. */
  ext_footprints?: string | readonly string[] | null | undefined;
  /** Names of the columns that staging adds to every feature. */
  properties?: PropertiesInputSnakeCase | undefined;
  /** How many workers run tasks at once. Default: null, one for each core. */
  workers?: number | null | undefined;
  /** Where tasks run: threads; processes of this machine (local); blocks that Slurm gives (slurm); workers of a Redis queue (redis); Slurm array jobs on a shared disk (slurm-array); or inline, one after the other. Default: `"threads"`. */
  executor?: 'threads' | 'local' | 'slurm' | 'redis' | 'slurm-array' | 'inline' | undefined;
  /** How workers are obtained, for executors other than threads and inline. */
  parallel?: ParallelInputSnakeCase | undefined;
  /** Bigger inputs are read in slices of about this many bytes. Default: `25165824`. */
  slice_bytes?: number | undefined;
  /** Megabytes that rows may take in memory, for each worker; the rest waits on disk. Default: null, an eighth of the machine, shared, 256 to 1,074 each. */
  memory?: number | null | undefined;
  /** Stage all inputs again, also those that have not changed. Default: `false`. */
  force?: boolean | undefined;
  /** Remove the features of inputs whose file is gone from a folder that is given. Default: `false`. */
  prune?: boolean | undefined;
  /** Stage into a folder that holds tiles or a summary of another origin: replace those in the way, list the others. Default: `false`. */
  adopt?: boolean | undefined;
  /** Measure tasks, and keep a record of the run in the staged folder, for its report. Default: `true`. */
  record?: boolean | undefined;
  /** Short for a z range of [0, z]. */
  z?: number | undefined;
  /** The tile that this row is in. Default: `"staging_tile"`. */
  prop_tile?: string | undefined;
  /** The feature's home tile. Default: `"staging_centroid_tile"`. */
  prop_centroid_tile?: string | undefined;
  /** Area in the units of the TileMatrixSet's CRS, squared. Default: `"staging_area"`. */
  prop_area?: string | undefined;
  /** Easting or longitude in the TileMatrixSet's CRS. Default: `"staging_centroid_x"`. */
  prop_centroid_x?: string | undefined;
  /** Northing or latitude in the TileMatrixSet's CRS. Default: `"staging_centroid_y"`. */
  prop_centroid_y?: string | undefined;
  /** Name of the input. Default: `"staging_filename"`. */
  prop_filename?: string | undefined;
  /** UUID of the feature, the same in every tile. Default: `"staging_identifier"`. */
  prop_identifier?: string | undefined;
  /** Whether this is its home tile. Default: `"staging_centroid_within_tile"`. */
  prop_centroid_within_tile?: string | undefined;
  /** Whether the feature is a duplicate; only if these get a label. Default: `"staging_duplicated"`. */
  prop_duplicated?: string | undefined;
  /** Passed over: it describes the dataset, and staged tiles have no place for that. */
  version?: unknown | undefined;
  /** Passed over: it describes the dataset, and staged tiles have no place for that. */
  title?: unknown | undefined;
  /** Passed over: it describes the dataset, and staged tiles have no place for that. */
  doi?: unknown | undefined;
  /** Passed over: rows of inputs that have changed are replaced, and nothing else is; force stages all anew. */
  overwrite?: unknown | undefined;
  /** Passed over: this is the stager. */
  enable_stager?: unknown | undefined;
  /** Passed over: it is about a later step, which other programs do with the staged tiles. */
  enable_raster?: unknown | undefined;
  /** Passed over: it is about a later step, which other programs do with the staged tiles. */
  enable_raster_parents?: unknown | undefined;
  /** Passed over: it is about a later step, which other programs do with the staged tiles. */
  enable_web_tiles?: unknown | undefined;
  /** Passed over: it is about a later step, which other programs do with the staged tiles. */
  enable_web_tiles_parents?: unknown | undefined;
  /** Passed over: it is about a later step, which other programs do with the staged tiles. */
  enable_3dtiles?: unknown | undefined;
  /** Passed over: it is about a later step, which other programs do with the staged tiles. */
  generate_wmtsCapabilities?: unknown | undefined;
  /** Not here yet: may only be switched off. */
  dir_geotiff?: null | false | '' | readonly [] | undefined;
  /** Not here yet: may only be switched off. */
  dir_web_tiles?: null | false | '' | readonly [] | undefined;
  /** Not here yet: may only be switched off. */
  dir_3dtiles?: null | false | '' | readonly [] | undefined;
  /** Not here yet: may only be switched off. */
  ext_web_tiles?: null | false | '' | readonly [] | undefined;
  /** Not here yet: may only be switched off. */
  tile_size?: null | false | '' | readonly [] | undefined;
  /** Not here yet: may only be switched off. */
  statistics?: null | false | '' | readonly [] | undefined;
  /** Not here yet: may only be switched off. */
  filename_rasterization_events?: null | false | '' | readonly [] | undefined;
  /** Not here yet: may only be switched off. */
  filename_rasters_summary?: null | false | '' | readonly [] | undefined;
  /** Not here yet: may only be switched off. */
  filename_config?: null | false | '' | readonly [] | undefined;
  /** Not here yet: may only be switched off. */
  z_coord?: null | false | '' | readonly [] | undefined;
  /** Not here yet: may only be switched off. */
  geometricError?: null | false | '' | readonly [] | undefined;
}
