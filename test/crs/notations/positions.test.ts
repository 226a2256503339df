/** What a PROJ string says, put through our formulas, against PROJ: names and formulas must go together. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { parseDefinition } from '../../../src/crs/notations/parse.ts';
import { projectionOf } from '../../../src/crs/projections/registry.ts';
import { noPyproj } from './pyproj.ts';
import { PROJ_STRINGS } from './texts.ts';

const PROGRAM = `
import json, sys, warnings
import pyproj
warnings.simplefilter("ignore")
for text, longitude, latitude in json.load(sys.stdin):
    crs = pyproj.CRS.from_user_input(text)
    while crs.is_bound:
        crs = crs.source_crs
    to = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    print(json.dumps(to.transform(longitude, latitude)))
`;

/** PROJ 9.1 has the ellipsoid's form of eqc from 9.8 on, ignores Krovak's +alpha, and shifts to the sphere of +R_A. */
const OTHERWISE = /\+proj=eqc.*datum|krovak.*alpha|R_A.*datum|ob_tran/;

interface Case {
  text: string;
  longitude: number;
  latitude: number;
}

const CASES: Case[] = PROJ_STRINGS.filter((text) => !OTHERWISE.test(text)).flatMap((text) => {
  const { method, parameters: p } = parseDefinition(text);
  if (method === null || projectionOf(method) === null) return [];
  const lat0 = p.latitudeOfOrigin ?? p.standardParallel1 ?? p.latitudeOfPoint1 ?? 40;
  const latitude = Math.abs(lat0) > 85 ? Math.sign(lat0) * 80 : lat0 + 1.1;
  const longitude = (p.longitudeOfOrigin ?? p.longitudeOfPoint1 ?? 0) + 2.3;
  return [{ text, longitude, latitude }];
});

describe('positions are those of PROJ', { skip: noPyproj }, () => {
  const input = CASES.map(({ text, longitude, latitude }) => {
    const { primeMeridian } = parseDefinition(text).datum;
    const crs = text.includes('+type=') ? text : `${text} +type=crs`;
    return [crs, longitude - primeMeridian, latitude];
  });
  const expected = noPyproj
    ? []
    : spawnSync('/usr/bin/python3', ['-c', PROGRAM], {
        input: JSON.stringify(input),
        encoding: 'utf8',
      })
        .stdout.trim()
        .split('\n')
        .map((line) => JSON.parse(line) as [number, number]);
  CASES.forEach(({ text, longitude, latitude }, i) => {
    test(text, () => {
      const { method, parameters, datum, unit, axes } = parseDefinition(text);
      const { a, es } = datum.ellipsoid;
      const xy = Float64Array.of(longitude, latitude);
      projectionOf(method!)!(a, es, parameters).forward(xy, 0, 1);
      const [east, north] = [xy[0]! / unit, xy[1]! / unit];
      const of = { east, north, west: -east, south: -north };
      const [x, y] = [of[axes[0]], of[axes[1]]];
      const off = Math.hypot(x - expected[i]![0], y - expected[i]![1]);
      assert.ok(off < 1e-3, `${x}, ${y}, but PROJ has ${expected[i]}`);
    });
  });
});
