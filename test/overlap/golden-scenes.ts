/** The scenes of `golden/dedup`, and the rules by which its labels were made. */

import { join } from 'node:path';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { createTransform } from '../../src/crs/transform.ts';
import { blobRings, readCsv, readRows, sharedData } from '../staging/support.ts';
import type { JudgedFeature, JudgeRules } from './brute-judge.ts';

export const GOLDEN = sharedData('golden', 'dedup');

export interface GoldenColumn {
  column: string;
  scenes: string[];
  rules: Pick<JudgeRules, 'keepRules' | 'overlapTolerance' | 'overlapBoth' | 'centroidTolerance'>;
}

const AB = ['scene_a.gpkg', 'scene_b.gpkg'];
export const ABC = [...AB, 'scene_c.gpkg'];
const DATE = ['Date', 'larger'] as const;
const SCORE = ['Score', 'larger'] as const;
const OVERLAP_50 = { overlapTolerance: 0.5, overlapBoth: true, centroidTolerance: null };
const OVERLAP_30 = { overlapTolerance: 0.3, overlapBoth: false, centroidTolerance: null };

/** Columns that a brute-force judge made; distances are in metres of EPSG:3857. */
export const NEIGHBOR_COLUMNS: readonly GoldenColumn[] = [
  { column: 'ab_overlap50_both_score', scenes: AB, rules: { keepRules: [SCORE], ...OVERLAP_50 } },
  {
    column: 'ab_overlap30_one_score',
    scenes: AB,
    rules: { keepRules: [['Score', 'smaller']], ...OVERLAP_30 },
  },
  {
    column: 'ab_overlap50_both_5m_score',
    scenes: AB,
    rules: { keepRules: [SCORE], ...OVERLAP_50, centroidTolerance: 5 },
  },
  {
    column: 'ab_centroid4m_score',
    scenes: AB,
    rules: { keepRules: [SCORE], ...OVERLAP_50, overlapTolerance: null, centroidTolerance: 4 },
  },
  {
    column: 'abc_overlap50_both_date_score',
    scenes: ABC,
    rules: { keepRules: [DATE, SCORE], ...OVERLAP_50 },
  },
  { column: 'abc_overlap30_one_score', scenes: ABC, rules: { keepRules: [SCORE], ...OVERLAP_30 } },
];

/** Columns of the footprints method, and what their name says. */
export const FOOTPRINT_COLUMNS = [
  { column: 'ab_footprints_date_python', scenes: AB, keepRules: [DATE], clip: false },
  {
    column: 'ab_footprints_cloud_clip_python',
    scenes: AB,
    keepRules: [['cloud', 'larger'] as const],
    clip: true,
  },
  {
    column: 'abc_footprints_date_cloud_clip_python',
    scenes: ABC,
    keepRules: [DATE, ['cloud', 'larger'] as const],
    clip: true,
  },
];

/** Labels of a column by `scene fid`: whether it is a duplicate. */
export function goldenLabels(column: string, scenes: readonly string[]): Map<string, boolean> {
  const rows = readCsv(join(GOLDEN!, 'labels.csv'));
  return new Map(
    rows
      .filter((row) => scenes.includes(row['staging_filename']!))
      .map((row) => [`${row['staging_filename']} ${row['fid']}`, row[column] === '1']),
  );
}

/** The features of scenes in EPSG:4326, longitude first. */
export function goldenFeatures(scenes: readonly string[]): JudgedFeature[] {
  const project = projection('EPSG:3413', 'EPSG:4326');
  return scenes.flatMap((scene) => {
    return goldenShapes('input', scene).map((feature) => {
      const polygons = feature.polygons.map((rings) => {
        return rings.map((ring) => ring.map(([x, y]) => project(x!, y!)));
      });
      return { ...feature, polygons };
    });
  });
}

/** What is in a scene's file, or that of its footprint, in EPSG:3413. */
export function goldenShapes(kind: 'input' | 'footprints', scene: string): JudgedFeature[] {
  return readRows(join(GOLDEN!, kind, scene)).map(({ fid, geometry, values }) => {
    return { input: scene, position: fid, polygons: [blobRings(geometry)], values };
  });
}

/** Takes positions from one CRS, by its EPSG code, to another. */
export function projection(
  from: string,
  to: string,
): (x: number, y: number) => readonly [number, number] {
  const [source, target] = [from, to].map((name) => {
    const [authority, code] = name.split(':');
    return resolveCrs({ authority: authority!, code: code! });
  });
  const transform = createTransform(source!, target!);
  return (x, y) => {
    const xy = Float64Array.of(x, y);
    transform.apply(xy, 0, 1);
    return [xy[0]!, xy[1]!];
  };
}
