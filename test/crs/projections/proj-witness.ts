/** PROJ as a witness of projections: many operations, each with many points, in one process. */

import { spawnSync } from 'node:child_process';

const PROGRAM = `
import json, sys
import pyproj
answers = []
for text, points, inverse in json.load(sys.stdin):
    xy = pyproj.Proj(text)(points[0::2], points[1::2], inverse=inverse, errcheck=False)
    flat = [number for point in zip(*xy) for number in point]
    answers.append([number if abs(number) < 1e30 else None for number in flat])
json.dump({'version': pyproj.proj_version_str, 'answers': answers}, sys.stdout)
`;

const python = ['/usr/bin/python3', 'python3'].find(
  (name) => spawnSync(name, ['-c', 'import pyproj'], { stdio: 'ignore' }).status === 0,
);

/** What a test says when it is skipped; false where PROJ is there. */
export const NO_PROJ: string | false = python === undefined && 'python3-pyproj is not there';

export interface WitnessQuestion {
  /** A PROJ string of one projection. */
  text: string;
  /** Interleaved: longitude, latitude in degrees, or x, y if inverse. */
  points: Float64Array;
  inverse: boolean;
}

/** For each question its points, projected by PROJ; NaN where it has no image. */
export function askProj(questions: WitnessQuestion[]): Float64Array[] {
  const input = questions.map(({ text, points, inverse }) => [
    text,
    Array.from(points, (number) => (Number.isFinite(number) ? number : 1e300)),
    inverse,
  ]);
  const { stdout, stderr, status } = spawnSync(python!, ['-c', PROGRAM], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`PROJ: ${stderr}`);
  const { answers } = JSON.parse(stdout) as { answers: (number | null)[][] };
  return answers.map((points) => Float64Array.from(points, (number) => number ?? Number.NaN));
}
