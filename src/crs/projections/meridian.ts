/** Distances along a meridian, for every eccentricity. */

export interface Meridian {
  /** From the equator to φ (radians), in units of a. */
  distance(phi: number): number;
  /** φ at that distance; past the poles it goes on. */
  latitude(distance: number): number;
}

const SAMPLES = 64;
const TERMS = 30;

/**
 * The radius of curvature ρ / a = (1 − e²) / (1 − e² sin² φ)^(3/2) is a sum of cosines of 2kφ, of
 * which the samples give the coefficients; integrated term by term it is the distance.
 */
export function meridian(es: number): Meridian {
  const coefficients = new Float64Array(TERMS);
  let radius = 0;
  for (let j = 0; j < SAMPLES; j++) {
    const phi = ((j + 0.5) * Math.PI) / (2 * SAMPLES);
    const rho = curvature(es, phi) / SAMPLES;
    radius += rho;
    for (let k = 1; k <= TERMS; k++) coefficients[k - 1]! += (rho * Math.cos(2 * k * phi)) / k;
  }
  let terms = TERMS;
  while (terms > 0 && Math.abs(coefficients[terms - 1]!) < 1e-18) terms--;
  const distance = (phi: number): number => {
    // Clenshaw's recurrence
    const x = 2 * Math.cos(2 * phi);
    let b1 = 0;
    let b2 = 0;
    for (let k = terms - 1; k >= 0; k--) {
      const b = coefficients[k]! + x * b1 - b2;
      b2 = b1;
      b1 = b;
    }
    return radius * phi + b1 * Math.sin(2 * phi);
  };
  const latitude = (length: number): number => {
    let phi = length / radius;
    for (let step = 0; step < 6; step++) {
      const change = (length - distance(phi)) / curvature(es, phi);
      phi += change;
      if (Math.abs(change) < 1e-9) break;
    }
    return phi;
  };
  return { distance, latitude };
}

function curvature(es: number, phi: number): number {
  const sin = Math.sin(phi);
  return (1 - es) * (1 - es * sin * sin) ** -1.5;
}
