import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseCrs } from '../../src/crs/parse.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { areaUnit, groundScale, roundDown, scaleBar, ticks } from '../../src/plot/scale.ts';

const RADIANS = Math.PI / 180;
const A = 6_378_137;
const E = 0.0818191908426215;
const crs = (code: number) => resolveCrs(parseCrs(`EPSG:${code}`));
const near = (found: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(found / expected - 1) < tolerance, `${found}, expected ${expected}`);

suite('lengths on the ground', () => {
  test('degrees: the series for the length of a degree (US NGA)', () => {
    for (const latitude of [0, 35, 70.3, -80]) {
      const f = latitude * RADIANS;
      // Metres; National Geospatial-Intelligence Agency, Length of a degree calculator.
      const south = 111132.92 - 559.82 * Math.cos(2 * f) + 1.175 * Math.cos(4 * f);
      const east = 111412.84 * Math.cos(f) - 93.5 * Math.cos(3 * f) + 0.118 * Math.cos(5 * f);
      const scale = groundScale(crs(4326), -153, latitude);
      near(scale.metersX, east, 1e-5);
      near(scale.metersY, south, 1e-5);
      near(1 + scale.latitude!, 1 + latitude, 1e-9);
    }
  });

  test('Web Mercator: a metre of it is shorter on the ground, by the latitude', () => {
    for (const latitude of [0, 45, 72]) {
      const y = A * Math.log(Math.tan(Math.PI / 4 + (latitude * RADIANS) / 2));
      const f = latitude * RADIANS;
      // Along the parallel: N cos φ / a, N = a / √(1 − e² sin² φ).
      const east = Math.cos(f) / Math.sqrt(1 - (E * Math.sin(f)) ** 2);
      const scale = groundScale(crs(3857), -17e6, y);
      near(scale.metersX, east, 1e-6);
      near(scale.latitude! + 1, latitude + 1, 1e-7);
    }
  });

  test('polar stereographic: 1 / k, k by Snyder (21-32, 21-33), and k0 at the pole', () => {
    const t = (f: number): number =>
      Math.tan(Math.PI / 4 - f / 2) / ((1 - E * Math.sin(f)) / (1 + E * Math.sin(f))) ** (E / 2);
    const m = (f: number): number => Math.cos(f) / Math.sqrt(1 - (E * Math.sin(f)) ** 2);
    const k0 = 0.994;
    for (const latitude of [65, 72.5, 85]) {
      const f = latitude * RADIANS;
      const root = Math.sqrt((1 + E) ** (1 + E) * (1 - E) ** (1 - E));
      const rho = (2 * A * k0 * t(f)) / root;
      const k = rho / (A * m(f));
      const scale = groundScale(crs(5041), 2e6 + rho * Math.sin(1), 2e6 - rho * Math.cos(1));
      near(scale.metersX, 1 / k, 1e-6);
      near(scale.metersY, 1 / k, 1e-6);
      near(scale.latitude!, latitude, 1e-8);
    }
    const pole = groundScale(crs(5041), 2e6, 2e6);
    near(pole.metersX, 1 / k0, 1e-5);
    near(pole.latitude!, 90, 1e-9);
  });

  test('where a place can not be projected, the nominal unit counts', () => {
    assert.deepEqual(groundScale(crs(4326), Number.NaN, 10), {
      metersX: crs(4326).metersPerUnit,
      metersY: crs(4326).metersPerUnit,
      latitude: null,
    });
  });
});

test('a scale bar is the longest round one that fits', () => {
  for (const metersPerPixel of [0.0003, 0.07, 1, 3.3, 5, 99, 12_345]) {
    const { meters, length, label } = scaleBar(metersPerPixel, 200);
    assert.ok(length <= 200 * (1 + 1e-6) && length >= 80 - 1e-6, `${length}`);
    near(length * metersPerPixel, meters, 1e-12);
    const lead = Number(meters.toExponential(6).split('e')[0]);
    assert.ok([1, 2, 5].includes(lead), `${meters}`);
    const [, number, unit] = /^([\d.,]+) (mm|cm|m|km)$/.exec(label)!;
    const factor = { mm: 0.001, cm: 0.01, m: 1, km: 1000 }[unit as 'mm' | 'cm' | 'm' | 'km'];
    near(Number(number!.replaceAll(',', '')) * factor, meters, 1e-9);
  }
  assert.equal(scaleBar(10, 200).label, '2 km');
  assert.equal(roundDown(1000), 1000);
  assert.equal(roundDown(0.3), 0.2);
});

test('ticks are round, in the range, and neither few nor many', () => {
  for (const [low, high] of [
    [70.2, 70.55],
    [-153.9, -153],
    [-2_049_035, -1_949_000],
    [87, 7012],
    [0, 1],
  ] as const) {
    for (const count of [3, 5, 8]) {
      const { step, values } = ticks(low, high, count);
      assert.ok(values.length >= 1 && values.length <= count + 2, `${low}: ${values}`);
      if (count > 3) assert.ok(values.length >= 2);
      for (const value of values) {
        assert.ok(value >= low - 1e-9 && value <= high + 1e-9);
        assert.ok(Math.abs(value / step - Math.round(value / step)) < 1e-6);
      }
    }
  }
});

test('areas have a unit in which they are easy to read', () => {
  assert.deepEqual(areaUnit(2000), { name: 'm²', squareMeters: 1 });
  assert.deepEqual(areaUnit(1.7e6), { name: 'km²', squareMeters: 1e6 });
});
