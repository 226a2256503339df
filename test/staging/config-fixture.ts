import assert from 'node:assert/strict';
import { join } from 'node:path';
import { TilewrightError } from '../../src/core/errors.ts';

/** Asserts that the values are refused, with a message that has all of the parts. */
export function refused(make: () => unknown, ...parts: (string | RegExp)[]): void {
  assert.throws(make, (error) => {
    assert.ok(error instanceof TilewrightError, String(error));
    assert.equal(error.code, 'config-invalid');
    for (const part of parts) {
      const found =
        typeof part === 'string' ? error.message.includes(part) : part.test(error.message);
      assert.ok(found, `${part} is not in: ${error.message}`);
    }
    return true;
  });
}

export const PROPERTIES = {
  tile: 'staging_tile',
  centroidTile: 'staging_centroid_tile',
  area: 'staging_area',
  centroidX: 'staging_centroid_x',
  centroidY: 'staging_centroid_y',
  filename: 'staging_filename',
  identifier: 'staging_identifier',
  centroidWithinTile: 'staging_centroid_within_tile',
  duplicated: 'staging_duplicated',
};

export const PARALLEL = {
  maxWorkers: null,
  coresPerWorker: 1,
  initBlocks: 1,
  minBlocks: 0,
  maxBlocks: 1,
  maxIdletime: 120,
  workerInit: '',
  retries: 2,
  queue: null,
  queueName: 'tilewright',
  queueCa: null,
  address: null,
  port: null,
  partition: null,
  account: null,
  qos: null,
  nodesPerBlock: 1,
  coresPerNode: null,
  memPerNode: null,
  walltime: '00:30:00',
  pollInterval: 5,
  schedulerOptions: '',
  coresPerElement: 1,
  secondsPerElement: 60,
  maxElements: 1000,
};

export const DEFAULTS = {
  dirInput: null,
  extInput: null,
  extStaged: '.gpkg',
  pack: null,
  dirStaged: 'staged',
  filenameStagingSummary: join('staged', 'staging_summary.csv'),
  tmsId: 'WGS1984Quad',
  zRange: [0, 13],
  style: '',
  tilePathStructure: ['style', 'tms', 'z', 'x', 'y'],
  simplifyTolerance: null,
  invalid: 'keep',
  inputCrs: null,
  overrideCrs: null,
  grids: null,
  allowBallpark: false,
  layer: null,
  keepPrimaryKey: false,
  where: null,
  bbox: null,
  bboxCrs: null,
  columns: null,
  dropColumns: null,
  deduplicateMethod: null,
  deduplicateKeepRules: [],
  deduplicateOverlapTolerance: 0.5,
  deduplicateOverlapBoth: true,
  deduplicateCentroidTolerance: null,
  deduplicateDistanceCrs: 'EPSG:3857',
  deduplicateSplitBy: null,
  deduplicateWithin: false,
  duplicates: null,
  deduplicateAt: null,
  deduplicateClipToFootprint: null,
  deduplicateClipMethod: 'intersects',
  missingFootprints: 'fail',
  dirFootprints: null,
  extFootprints: null,
  properties: PROPERTIES,
  workers: null,
  executor: 'threads',
  parallel: PARALLEL,
  sliceBytes: 25_165_824,
  memory: null,
  force: false,
  prune: false,
  adopt: false,
  record: true,
};
