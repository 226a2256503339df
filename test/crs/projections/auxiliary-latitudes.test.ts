/** The series beside the formulas and integrals that they stand for, up to flat planets. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  authalicLatitude,
  rectifyingLatitude,
  shiftedLatitude,
} from '../../../src/crs/projections/auxiliary-latitudes.ts';

const SQUARES = [0, 1e-6, 0.0067, 0.0117, 0.02, 0.126, 0.187];

/** Simpson's rule with enough steps for 1e-14. */
function integral(f: (x: number) => number, to: number): number {
  const steps = 2000;
  let sum = f(0) + f(to);
  for (let k = 1; k < steps; k++) sum += (k % 2 === 1 ? 4 : 2) * f((to * k) / steps);
  return (sum * to) / steps / 3;
}

for (const es of SQUARES) {
  test(`latitudes of an ellipsoid with e² = ${es}`, () => {
    const area = (phi: number): number =>
      (2 * (1 - es) * Math.cos(phi)) / (1 - es * Math.sin(phi) ** 2) ** 2;
    const curvature = (phi: number): number => (1 - es) * (1 - es * Math.sin(phi) ** 2) ** -1.5;
    const authalic = authalicLatitude(es);
    const rectifying = rectifyingLatitude(es);
    const quadrant = integral(curvature, Math.PI / 2);
    assert.ok(Math.abs(rectifying.radius * (Math.PI / 2) - quadrant) < 1e-14);
    for (let degrees = -90; degrees <= 90; degrees += 7.5) {
      const phi = (degrees * Math.PI) / 180;
      const beta = shiftedLatitude(authalic.fromGeographic, phi);
      const share = integral(area, phi) / integral(area, Math.PI / 2);
      assert.ok(Math.abs(Math.sin(beta) - share) < 1e-14, `β of ${degrees}°`);
      assert.ok(Math.abs(shiftedLatitude(authalic.toGeographic, beta) - phi) < 2e-15);
      const mu = shiftedLatitude(rectifying.fromGeographic, phi);
      assert.ok(Math.abs(rectifying.radius * mu - integral(curvature, phi)) < 1e-14);
      assert.ok(Math.abs(shiftedLatitude(rectifying.toGeographic, mu) - phi) < 2e-15);
    }
  });
}

test('an ellipsoid that no series serves is refused', () => {
  assert.throws(() => authalicLatitude(0.9), /eccentricity squared of 0.9/);
  assert.throws(() => rectifyingLatitude(-0.1), /eccentricity squared of -0.1/);
});
