/**
 * Geodesics that begin in one point. Formulas: Karney (2013), Algorithms for geodesics, J. Geodesy
 * 87(1), §2 and §4. The integrals are done by Gauss–Legendre quadrature instead of series, which
 * holds for the ellipsoids of planets too.
 */

/** Of Legendre's polynomial of degree 20: the integrands are smooth, and at most π long. */
const NODES = 20;
const node = new Float64Array(NODES);
const weight = new Float64Array(NODES);
for (let i = 0; i < NODES; i++) {
  let x = Math.cos((Math.PI * (i + 0.75)) / (NODES + 0.5));
  let slope = 0;
  for (let step = 0; step < 10; step++) {
    let before = 1;
    let p = x;
    for (let k = 2; k <= NODES; k++) {
      const next = ((2 * k - 1) * x * p - (k - 1) * before) / k;
      before = p;
      p = next;
    }
    slope = (NODES * (x * p - before)) / (x * x - 1);
    x -= p / slope;
  }
  node[i] = x;
  weight[i] = 2 / ((1 - x * x) * slope * slope);
}

export interface Geodesics {
  /** λ from the origin's meridian, φ → azimuth at the origin, distance in units of a. Radians. */
  inverse(lambda: number, phi: number, out: Float64Array): void;
  /** Azimuth, distance → λ, φ. */
  direct(azimuth: number, distance: number, out: Float64Array): void;
}

/** @param phi0 - latitude of the origin, radians */
export function geodesicsFrom(es: number, phi0: number): Geodesics {
  const b = Math.sqrt(1 - es);
  const f = 1 - b;
  const second = es / (1 - es);
  /** Distance / b, what the longitude lacks, and J, between two points of a geodesic. */
  const sums = new Float64Array(3);
  const integrate = (kk: number, from: number, to: number): void => {
    const half = (to - from) / 2;
    const middle = (to + from) / 2;
    let length = 0;
    let lack = 0;
    let reduced = 0;
    for (let i = 0; i < NODES; i++) {
      const sin = Math.sin(middle + half * node[i]!);
      const t = kk * sin * sin;
      const root = Math.sqrt(1 + t);
      const w = weight[i]!;
      length += w * root;
      lack += (w * (2 - f)) / (1 + (1 - f) * root);
      reduced += (w * t) / root;
    }
    sums[0] = length * half;
    sums[1] = lack * half;
    sums[2] = reduced * half;
  };

  /**
   * The geodesic from β₁ to β₂, where β₁ ≤ 0 and |β₂| ≤ |β₁|, over the longitude 0 < λ < π.
   * `out`: azimuths at both ends, distance.
   */
  const solve = (beta1: number, beta2: number, lambda: number, out: Float64Array): void => {
    const sin1 = Math.min(Math.sin(beta1), -1e-200);
    const cos1 = Math.cos(beta1);
    const sin2 = Math.sin(beta2);
    const cos2 = Math.cos(beta2);
    // cos² β₂ − cos² β₁, without loss near the equator or near the pole
    const excess = cos1 < -sin1 ? (cos2 - cos1) * (cos1 + cos2) : (sin1 - sin2) * (sin1 + sin2);
    const mean = (cos1 + cos2) / 2;
    const omega = lambda / Math.sqrt(1 - es * mean * mean);
    let alpha = Math.atan2(cos2 * Math.sin(omega), cos1 * sin2 - sin1 * cos2 * Math.cos(omega));
    let low = 0;
    let high = Math.PI;
    if (!(alpha > low && alpha < high) || omega > Math.PI) alpha = Math.PI / 2;
    let alpha2 = alpha;
    for (let step = 0; step < 100; step++) {
      const sinAlpha = Math.sin(alpha);
      const cosAlpha = Math.cos(alpha);
      const sin0 = sinAlpha * cos1;
      const cos0 = Math.hypot(cosAlpha, sinAlpha * sin1);
      const along1 = cosAlpha * cos1;
      const along2 = Math.sqrt(Math.max(0, along1 * along1 + excess));
      const sigma1 = Math.atan2(sin1, along1);
      const sigma2 = Math.atan2(sin2, along2);
      const kk = second * cos0 * cos0;
      integrate(kk, sigma1, sigma2);
      const turned = Math.atan2(sin0 * sin2, along2) - Math.atan2(sin0 * sin1, along1);
      const off = turned - f * sin0 * sums[1]! - lambda;
      alpha2 = Math.atan2(sin0, along2);
      if (off > 0) high = alpha;
      else low = alpha;
      const s1 = Math.sin(sigma1);
      const s2 = Math.sin(sigma2);
      const c1 = Math.cos(sigma1);
      const c2 = Math.cos(sigma2);
      const root2 = Math.sqrt(1 + kk * s2 * s2);
      // Reduced length m₁₂ / b, and dλ/dα₁ = m₁₂ / (a cos α₂ cos β₂)
      const m = root2 * c1 * s2 - Math.sqrt(1 + kk * s1 * s1) * s1 * c2 - c1 * c2 * sums[2]!;
      const slope = along2 > 1e-9 ? (b * m) / along2 : (-2 * b) / Math.max(1e-9, -sin1);
      let next = alpha - off / slope;
      if (!(next > low && next < high)) next = (low + high) / 2;
      // Newton's error is squared: after a step of 1e-9 nothing is left to gain.
      const change = Math.abs(next - alpha);
      if (Math.abs(off) < 2e-16 || change < 1e-15) break;
      alpha = next;
    }
    out[0] = alpha;
    out[1] = alpha2;
    out[2] = b * sums[0]!;
  };

  const beta0 = Math.atan(b * Math.tan(phi0));
  const found = new Float64Array(3);
  return {
    inverse: (lambda, phi, out) => {
      const beta = Math.atan(b * Math.tan(phi));
      const across = Math.abs(lambda);
      const east = lambda < 0 ? -1 : 1;
      if (Math.max(Math.abs(beta), Math.abs(beta0)) < 1e-14 && across <= (1 - f) * Math.PI) {
        out[0] = (east * Math.PI) / 2;
        out[1] = across;
        return;
      }
      const swap = Math.abs(beta0) < Math.abs(beta);
      const first = swap ? beta : beta0;
      const sign = first < 0 ? 1 : -1;
      solve(sign * first, sign * (swap ? beta0 : beta), across, found);
      const azimuth = swap ? found[1]! : found[0]!;
      const north = (swap ? -sign : sign) * Math.cos(azimuth);
      out[0] = Math.atan2(east * Math.sin(azimuth), north);
      out[1] = found[2]!;
    },
    direct: (azimuth, distance, out) => {
      const sinAlpha = Math.sin(azimuth);
      const cosAlpha = Math.cos(azimuth);
      const sinBeta = Math.sin(beta0);
      const cosBeta = Math.cos(beta0);
      const sin0 = sinAlpha * cosBeta;
      const cos0 = Math.hypot(cosAlpha, sinAlpha * sinBeta);
      const sigma1 = Math.atan2(sinBeta, cosAlpha * cosBeta);
      const kk = second * cos0 * cos0;
      let sigma2 = sigma1 + distance / b / Math.sqrt(1 + kk / 2);
      for (let step = 0; step < 10; step++) {
        integrate(kk, sigma1, sigma2);
        const change = (distance / b - sums[0]!) / Math.sqrt(1 + kk * Math.sin(sigma2) ** 2);
        sigma2 += change;
        if (Math.abs(change) < 1e-9) break;
      }
      integrate(kk, sigma1, sigma2);
      const sin = Math.sin(sigma2);
      const cos = Math.cos(sigma2);
      const turned = Math.atan2(sin0 * sin, cos) - Math.atan2(sin0 * sinBeta, cosAlpha * cosBeta);
      const lambda = turned - f * sin0 * sums[1]!;
      out[0] = lambda - 2 * Math.PI * Math.round(lambda / (2 * Math.PI));
      out[1] = Math.atan2(cos0 * sin, b * Math.hypot(sin0, cos0 * cos));
    },
  };
}
