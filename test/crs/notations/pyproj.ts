/** What PROJ makes of texts of CRSs, by way of Debian's pyproj. */

import { spawnSync } from 'node:child_process';

const PYTHON = '/usr/bin/python3';
const PROGRAM = `
import json, sys, warnings
import pyproj
warnings.simplefilter("ignore")
for text in json.load(sys.stdin):
    try:
        print(json.dumps(pyproj.CRS.from_user_input(text).to_json_dict()))
    except Exception as error:
        print(json.dumps({"error": str(error)[:200]}))
`;

/** A reason to skip what needs pyproj, or false. */
export const noPyproj: string | false =
  spawnSync(PYTHON, ['-c', 'import pyproj']).status === 0 ? false : `no pyproj for ${PYTHON}`;

/** PROJJSON of each text; an object with an error where PROJ does not read it. */
export function projjsonOf(texts: readonly string[]): Record<string, unknown>[] {
  const { stdout, stderr, status } = spawnSync(PYTHON, ['-c', PROGRAM], {
    input: JSON.stringify(texts),
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
