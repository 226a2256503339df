/** What tells two definitions of one CRS apart. */

import type { CrsDefinition, Parameters } from '../../../src/crs/definition.ts';

/** ESRI writes 15 digits of degrees. */
const TOLERANCE = 1e-9;

function close(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
}

/** One form for what is the same on the ground: variants of Mercator, azimuths past a full turn. */
function canonical({ method, parameters, datum }: CrsDefinition): [string | null, Parameters] {
  const same = { ...parameters };
  for (const name of ['azimuth', 'rectifiedGridAngle'] as const) {
    const angle = same[name];
    if (angle !== undefined) same[name] = ((angle % 360) + 360) % 360;
  }
  if (method !== 'mercator-b') return [method, same];
  const { standardParallel1 = 0, ...rest } = same;
  const sine = Math.sin((standardParallel1 * Math.PI) / 180);
  const scaleFactor = Math.sqrt((1 - sine * sine) / (1 - datum.ellipsoid.es * sine * sine));
  return ['mercator-a', { ...rest, scaleFactor }];
}

/** Sentences, none if the two are the same in all but names. */
export function differences(a: CrsDefinition, b: CrsDefinition): string[] {
  const found: string[] = [];
  const tell = (what: string, x: unknown, y: unknown) => found.push(`${what}: ${x}, ${y}`);
  const [methodA, parametersA] = canonical(a);
  const [methodB, parametersB] = canonical(b);
  if (methodA !== methodB) tell('method', methodA, methodB);
  const names = new Set([...Object.keys(parametersA), ...Object.keys(parametersB)]);
  for (const name of names as Set<keyof Parameters>) {
    const [x, y] = [parametersA[name] ?? 0, parametersB[name] ?? 0];
    // Longitudes are the same a turn apart.
    const turned = name.startsWith('longitude') && close(Math.abs(x - y), 360);
    if (!close(x, y) && !turned) tell(name, x, y);
  }
  const [e, f] = [a.datum.ellipsoid, b.datum.ellipsoid];
  if (!close(e.a, f.a) || Math.abs(e.es - f.es) > 1e-11) {
    tell('ellipsoid', `${e.a} ${e.inverseFlattening}`, `${f.a} ${f.inverseFlattening}`);
  }
  if (!close(a.datum.primeMeridian, b.datum.primeMeridian)) {
    tell('prime meridian', a.datum.primeMeridian, b.datum.primeMeridian);
  }
  if (Math.abs(a.unit / b.unit - 1) > TOLERANCE) tell('unit', a.unit, b.unit);
  if (a.axes.join() !== b.axes.join()) tell('axes', a.axes, b.axes);
  const [given, other] = [a.datum.given, b.datum.given];
  if (given?.kind !== other?.kind) tell('shift', given?.kind, other?.kind);
  else if (given?.kind === 'grids' && other?.kind === 'grids') {
    if (given.names.join() !== other.names.join()) tell('grids', given.names, other.names);
  } else if (given?.kind === 'position-vector' && other?.kind === 'position-vector') {
    const [p, q] = [given.parameters, other.parameters];
    for (let i = 0; i < 7; i++) if (!close(p[i] ?? 0, q[i] ?? 0)) tell(`shift ${i}`, p[i], q[i]);
  }
  return found;
}
