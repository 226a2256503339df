/** What PROJ makes of many points, through pyproj: one process for all of them. */

import { spawnSync } from 'node:child_process';

const PYTHON = '/usr/bin/python3';

export interface ProjCase {
  /** A PROJ string; results are in its own unit. */
  proj: string;
  /** Longitudes and latitudes, interleaved, in degrees. */
  points: number[];
}

export interface ProjResult {
  /** Eastings and northings; NaN where PROJ gives none. Null if PROJ refuses the string. */
  forward: number[] | null;
  /** Longitudes and latitudes of these eastings and northings. */
  inverse: number[];
}

const PROGRAM = `
import json, math, sys
from pyproj import Proj
results = []
for case in json.load(sys.stdin):
    try:
        p = Proj(case["proj"])
    except Exception:
        results.append({"forward": None, "inverse": []})
        continue
    points = case["points"]
    x, y = p(points[0::2], points[1::2])
    lon, lat = p(x, y, inverse=True)
    pairs = lambda u, v: [(n if math.isfinite(n) else None) for pair in zip(u, v) for n in pair]
    results.append({"forward": pairs(x, y), "inverse": pairs(lon, lat)})
json.dump(results, sys.stdout)
`;

/** Why there is no PROJ to ask, or false. */
export const noPyproj: string | false = (() => {
  const probe = spawnSync(PYTHON, ['-c', 'import pyproj; print(pyproj.proj_version_str)'], {
    encoding: 'utf8',
  });
  if (probe.status !== 0) return 'python3-pyproj is not installed';
  const version = probe.stdout.trim();
  return version.startsWith('9.1.') ? false : `expected values are of PROJ 9.1, here is ${version}`;
})();

export function askProj(cases: ProjCase[]): ProjResult[] {
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', PROGRAM], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(stderr);
  const results = JSON.parse(stdout) as {
    forward: (number | null)[] | null;
    inverse: (number | null)[];
  }[];
  const numbers = (values: (number | null)[]): number[] =>
    values.map((value) => value ?? Number.NaN);
  return results.map(({ forward, inverse }) => ({
    forward: forward === null ? null : numbers(forward),
    inverse: numbers(inverse),
  }));
}
