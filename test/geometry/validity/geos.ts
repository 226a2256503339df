/** What GEOS says about the validity of many geometries, through shapely: one process for all. */

import { spawnSync } from 'node:child_process';
import type { FeatureBatch } from '../../../src/geometry/batch.ts';
import { encodeWkb, wkbLength } from '../../../src/geometry/wkb.ts';

const PYTHON = '/usr/bin/python3';

const PROGRAM = `
import sys
import shapely.wkb
from shapely.validation import explain_validity
data = sys.stdin.buffer.read()
at = 0
while at < len(data):
    size = int.from_bytes(data[at:at + 4], "little")
    print(explain_validity(shapely.wkb.loads(data[at + 4:at + 4 + size])))
    at += 4 + size
`;

/** Why there is no GEOS to ask, or false. It needs the rewritten check of GEOS 3.10. */
export const noGeos: string | false = (() => {
  const probe = spawnSync(
    PYTHON,
    ['-c', 'import shapely.geos as g; print(g.geos_version[0] * 100 + g.geos_version[1])'],
    { encoding: 'utf8' },
  );
  if (probe.status !== 0) return 'python3-shapely is not installed';
  return Number(probe.stdout) >= 310 ? false : 'GEOS is older than 3.10';
})();

/** For each feature GEOS's reason, without its place: `Valid Geometry`, `Self-intersection`, … */
export function geosReasons(batch: FeatureBatch): string[] {
  const parts: Buffer[] = [];
  for (let i = 0; i < batch.featureCount; i++) {
    const length = wkbLength(batch, i);
    const part = Buffer.alloc(4 + length);
    part.writeUInt32LE(length);
    encodeWkb(batch, i, part, new DataView(part.buffer, part.byteOffset, part.length), 4);
    parts.push(part);
  }
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', PROGRAM], {
    input: Buffer.concat(parts),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.replace(/\[.*/, ''));
}
