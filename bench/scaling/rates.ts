/**
 * What was measured, by which the simulator reckons. `npx node bench/scaling/measure.ts` prints them
 * for the machine that it runs on.
 */

/**
 * Seconds of CPU of one core of the machine in docs/PERFORMANCE.md, system calls included: a polygon read and
 * processed; a row written into a tile from memory, into a shuffle file, and into a tile from such files. Of
 * the version before, 3.5 and 3.0 µs were measured on the job of 8.1 million polygons; these are in proportion
 * to what both took side by side, on a tenth of it and a busy machine.
 */
export const STAGE_SECONDS_PER_FEATURE = 2.0e-6;
export const BUILD_SECONDS_PER_ROW = 2.2e-6;
/** Reading takes more or less of them, by format: bench/kernels says how much. */
export const READ_SECONDS_PER_FEATURE = {
  shp: 0,
  gpkg: 0,
  geoparquet: 0.6e-6,
  flatgeobuf: 0.3e-6,
} as const;
/** A row of a tile by its format, and of a pack: `bench/kernels/geoparquet.bench.ts` measures them. */
export const TILE_SECONDS_PER_ROW = { gpkg: 0, geoparquet: 1.4e-6 } as const;
export const PACK_SECONDS_PER_ROW = 4.5e-6;
export const SPILL_SECONDS_PER_ROW = 0.6e-6;
export const MERGE_SECONDS_PER_ROW = 3.0e-6;
/** Opening, batches, statistics; a task that builds or spills; one more tile; one that is renamed: allowances. */
export const SECONDS_PER_TASK = 2e-3;
export const SECONDS_PER_BUILD = 2e-4;
export const SECONDS_PER_TILE = 2e-4;
export const SECONDS_PER_RENAME = 5e-5;
/** How much longer a task takes when other cores of the machine work too. */
export const SHARED_MACHINE = 1.12;

export const ROWS_PER_FEATURE = 1.0277;
export const SHUFFLE_BYTES_PER_ROW = 711;
/** Of memory, while it waits: its bytes, and what is left of chunks. */
export const MEMORY_PER_ROW = 740;
export const TILE_BYTES_PER_ROW = { gpkg: 1010, geoparquet: 440 } as const;
export const PACK_BYTES_PER_ROW = 440;

/** Start of the command line, until the first input is looked for. */
export const START_SECONDS = 0.25;
/**
 * The coordinator: one input found and planned, by format; one slice sampled and put into its
 * place.
 */
export const PLAN_SECONDS = {
  shp: 0.58e-3,
  gpkg: 0.34e-3,
  geoparquet: 0.5e-3,
  flatgeobuf: 0.3e-3,
} as const;
export const SLICE_SECONDS = 0.9e-3;
/** A segment of a shuffle file's directory, and a slice's part of a tile in a record: read, and kept in the plan. */
export const SEGMENT_SECONDS = 0.6e-6;
export const SEGMENT_BYTES = 72;
export const PART_SECONDS = 0.6e-6;
export const PART_BYTES = 25;
export const STATISTICS_BYTES = 300;
/** Per pair of an input and a tile. */
export const COMMIT_SECONDS = 4.7e-6;
export const SUMMARY_SECONDS = 4.7e-6;
export const REPORT_SECONDS = 0.1e-6;
/** The pending run in the journal: written, and read by each worker; per input. */
export const PENDING_WRITE_SECONDS = 6e-6;
export const PENDING_READ_SECONDS = 9e-6;

/**
 * Metadata operations, as counted with strace: names looked up, opens, closes, creations, renames.
 * The coordinator does its own one after the other.
 */
export const PLAN_OPERATIONS = { shp: 20, gpkg: 9, geoparquet: 7, flatgeobuf: 7 } as const;
export const PLAN_READS = { shp: 6, gpkg: 6, geoparquet: 2, flatgeobuf: 3 } as const;
/** The fingerprint at the end included: 9 and 2 of them. */
export const STAGE_OPERATIONS = { shp: 27, gpkg: 12, geoparquet: 10, flatgeobuf: 10 } as const;
/** A built tile; a spill; a shuffle file's directory; a segment; a tile merged, or renamed. */
export const BUILD_OPERATIONS = 4;
export const SPILL_OPERATIONS = 3;
export const DIRECTORY_OPERATIONS = 5;
export const SEGMENT_OPERATIONS = 2;
export const TILE_OPERATIONS = 5;
export const RENAME_OPERATIONS = 6;
/** A pack, and each loose tile that is read for it and removed. */
export const PACK_OPERATIONS = 6;
export const LOOSE_OPERATIONS = 6;
/** Shuffle files are removed side by side: Node has so many threads. */
export const SIDE_BY_SIDE = 4;
/** What the planner reads of an input: the heads of its files, and all of a .shx. */
export const PLAN_READ_BYTES = {
  shp: 8 * 58_600 + 33e3,
  gpkg: 50e3,
  geoparquet: 64e3,
  flatgeobuf: 64e3,
} as const;
