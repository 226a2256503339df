/** Rates and paces from synthetic costs. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import {
  type BuildCost,
  fitRates,
  fitTiles,
  type MergeCost,
  paceOf,
  type StageCost,
} from '../../../src/insight/estimate/model/rates.ts';

const RATES = { reading: 2e-6, kernels: 2.7e-6, perTask: 0.4 };

/** Tasks of one worker whose first ones are twice as slow, as many as `slow` says. */
function tasks(count: number, slow: number, format = 'GeoPackage', factor = 1): StageCost[] {
  const random = new Random(5);
  return Array.from({ length: count }, (_, i): StageCost => {
    const bytes = (1000 + random.integer(3000)) * 740;
    const pace = (i < slow ? 2 : 1) * factor;
    const reading = RATES.reading * bytes * pace;
    const kernels = RATES.kernels * bytes * pace;
    const net = reading + kernels + RATES.perTask * pace;
    return { worker: 'one', queued: 0, net, format, bytes, rowBytes: bytes, reading, kernels };
  });
}

function building(tiles: number, rowBytes: number, net: number): BuildCost {
  return { worker: 'one', queued: 0, tiles, rowBytes, tileBytes: 0, net };
}

const stageOnly = (stage: StageCost[]) => ({ stage, build: [], merge: [] });
const buildOnly = (build: BuildCost[]) => ({ stage: [], build, merge: [] });

function near(actual: number, expected: number, tolerance = 0.02): void {
  assert.ok(Math.abs(actual / expected - 1) < tolerance, `${actual} is not about ${expected}`);
}

suite('rates', () => {
  test('of staging are found again, without what was slow at first', () => {
    const costs = tasks(150, 15);
    const rates = fitRates(stageOnly(costs));
    const found = rates.stage.get('GeoPackage')!;
    for (const key of ['reading', 'kernels', 'perTask'] as const) {
      near(found[key], RATES[key]);
    }
  });

  test('are told apart by format', () => {
    const { stage } = fitRates(stageOnly([...tasks(100, 0), ...tasks(100, 0, 'Shapefile', 3)]));
    near(stage.get('Shapefile')!.kernels, 3 * RATES.kernels);
    near(stage.get('GeoPackage')!.kernels, RATES.kernels);
  });

  test('of writing tiles are found again, tiles apart from bytes', () => {
    const random = new Random(3);
    const costs = Array.from({ length: 100 }, () => {
      const tiles = 1 + random.integer(5);
      const rowBytes = tiles * random.integer(4_000_000);
      return building(tiles, rowBytes, 0.3 * tiles + 1.5e-6 * rowBytes);
    });
    const { build } = fitRates(buildOnly(costs));
    near(build.perTile, 0.3);
    near(build.perByte, 1.5e-6);
  });

  test('of writing tiles stay within reason when tiles and bytes can not be told apart', () => {
    const costs = Array.from({ length: 30 }, (_, i) => building(1, 1e6, 10 + (i % 3) - 1));
    const { build } = fitRates(buildOnly(costs));
    near(build.perTile + 1e6 * build.perByte, 10, 0.1);
    assert.ok(build.perTile > 0 && build.perByte > 0);
    assert.deepEqual(fitRates(buildOnly([])).build, { perTile: 0, perByte: 0 });
    // A tile without rows can't take all of the time, whatever chance says.
    const chance = fitRates(buildOnly([building(1, 3e6, 10), building(2, 3e6, 20)])).build;
    assert.ok(chance.perByte > 0, String(chance.perByte));
  });

  test('of placing tiles are found again, tasks apart from tiles', () => {
    const merge = Array.from({ length: 40 }, (_, i): MergeCost => {
      const tiles = 1 + (i % 3);
      return { worker: 'one', queued: 0, tiles, net: 0.8 + 0.1 * tiles };
    });
    const rates = fitRates({ stage: [], build: [], merge }).merge;
    near(rates.perTile, 0.1);
    near(rates.perTask, 0.8);
  });

  test('two coefficients are never negative', () => {
    const fit = (points: [number, number, number][]) =>
      fitTiles(
        points.map(([tiles, rowBytes, y]) => ({ tiles, rowBytes, y })),
        ({ y }) => y,
      );
    near(
      fit([
        [1, 10, 32],
        [2, 10, 34],
        [3, 40, 126],
      ]).perTile,
      2,
      1e-6,
    );
    assert.equal(
      fit([
        [1, 10, 100],
        [2, 10, 90],
        [1, 20, 210],
      ]).perTile,
      0,
    );
    assert.deepEqual(fit([]), { perTile: 0, perByte: 0 });
  });
});

suite('a pace', () => {
  const alone = tasks(150, 0);
  const rates = fitRates(stageOnly(alone));
  const total = (costs: StageCost[]): number => costs.reduce((sum, { net }) => sum + net, 0);
  const slowdown = (stage: StageCost[]): number =>
    paceOf(stageOnly(stage), rates, { workers: 1, ms: total(stage) }).slowdown;

  test('has what tasks take longer beside others, with what they wait for cores', () => {
    near(slowdown(tasks(150, 0, 'GeoPackage', 1.3)), 1.3);
    near(slowdown(alone.map((cost) => ({ ...cost, queued: cost.net / 2 }))), 1.5);
    near(slowdown(alone), 1);
    near(slowdown(tasks(150, 0, 'GeoPackage', 0.9)), 1);
    assert.equal(slowdown([]), 1);
  });

  test('has what workers take longer at first, whatever their pace is then', () => {
    const costs = tasks(150, 15, 'GeoPackage', 1.3);
    const excess = costs.slice(0, 15).reduce((sum, { net }) => sum + net / 2, 0);
    near(paceOf(stageOnly(costs), rates, { workers: 1, ms: total(costs) }).warmUp, excess, 0.05);
    const both = [...costs, ...costs.map((cost) => ({ ...cost, worker: 'two' }))];
    const pace = paceOf(stageOnly(both), rates, { workers: 2, ms: total(costs) + 100 });
    near(pace.slowdown, 1.3);
    near(pace.warmUp, excess + 100, 0.05);
    const known = { workers: 1, ms: total(costs), slowdown: 1 };
    near(paceOf(stageOnly(costs), rates, known).warmUp, total(costs) - total(alone), 0.01);
  });
});
