/** PROJ strings, as proj4 should be given them. */

export interface ProjString {
  /** With a + before each parameter, without what proj4 can't use. */
  definition: string;
  /** The datum shift grid that was named; proj4 has none at hand. */
  grid: string | null;
}

/** Parameters that change the result in PROJ and that proj4 silently passes over. */
const UNSUPPORTED = new Set([
  'R_C',
  'R_V',
  'R_a',
  'R_g',
  'R_h',
  'R_lat_a',
  'R_lat_g',
  'es',
  'e',
  'f',
  'step',
  'init',
]);

/** Parameters that must be finite numbers. */
const NUMERIC = new Set(
  'lat_0 lat_1 lat_2 lat_ts lon_0 lon_1 lon_2 lonc alpha gamma x_0 y_0 k k_0 a b rf R zone to_meter'.split(
    ' ',
  ),
);

/** Ellipsoids that PROJ knows by name and proj4 does not: semi-major axis, inverse flattening. */
const MORE_ELLIPSOIDS: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['WGS72', ['6378135', '298.26']],
  ['GSK2011', ['6378136.5', '298.2564151']],
  ['PZ90', ['6378136', '298.25784']],
]);

/** A parameter; a grid's name may be quoted and hold spaces. */
const TOKEN = /[^\s"]+(?:"[^"]*"?)?/g;

/**
 * @returns the string for proj4, or a sentence that says why it can't be used
 */
export function normalizeProj(text: string): ProjString | string {
  const parameters = new Map<string, string | null>();
  for (const token of text.trim().match(TOKEN) ?? []) {
    const [, key, value] = /^\+?(\w+)(?:=(.*))?$/s.exec(token) ?? [];
    if (key === undefined) return `"${token}" is not a PROJ parameter.`;
    if (UNSUPPORTED.has(key)) return `The PROJ parameter +${key} is not supported.`;
    if (NUMERIC.has(key) && !(value !== undefined && isNumber(value))) {
      return `The PROJ parameter +${key} wants a decimal number, not "${value ?? ''}".`;
    }
    // As in PROJ, the first one counts when a parameter is repeated.
    if (!parameters.has(key)) parameters.set(key, value ?? null);
  }
  let grid: string | null = null;
  const grids = parameters.get('nadgrids');
  if (grids !== undefined && grids !== '@null') {
    grid = grids;
    parameters.delete('nadgrids');
  }
  const problem = expandAlias(parameters) ?? settleEllipsoid(parameters);
  if (problem !== null) return problem;
  fillDefaults(parameters);
  const definition = [...parameters].map(([key, value]) =>
    value === null ? `+${key}` : `+${key}=${value}`,
  );
  return { definition: definition.join(' '), grid };
}

/** Projections that proj4 lacks, in terms of those that it has. */
function expandAlias(parameters: Map<string, string | null>): string | null {
  const projection = parameters.get('proj');
  if (projection === 'ups') {
    // Universal polar stereographic: NGA.SIG.0012, §9
    parameters.set('proj', 'stere');
    parameters.set('lat_0', parameters.delete('south') ? '-90' : '90');
    parameters.set('k', '0.994');
    parameters.set('x_0', '2000000');
    parameters.set('y_0', '2000000');
  } else if (projection === 'webmerc') {
    parameters.set('proj', 'merc');
    for (const key of ['datum', 'ellps', 'rf', 'towgs84']) parameters.delete(key);
    parameters.set('a', '6378137');
    parameters.set('b', '6378137');
    parameters.set('nadgrids', '@null');
  } else if (projection === 'tmerc' || projection === 'utm') {
    // The default is the accurate algorithm; the other one is proj4's +approx.
    if (parameters.get('algo') === 'evenden_snyder') parameters.set('approx', null);
    parameters.delete('algo');
  }
  if (projection === 'utm') {
    const zone = Number(parameters.get('zone'));
    if (!(Number.isInteger(zone) && zone >= 1 && zone <= 60)) {
      return 'The PROJ parameter +zone wants a whole number from 1 to 60.';
    }
  }
  return null;
}

function settleEllipsoid(parameters: Map<string, string | null>): string | null {
  const a = parameters.has('a');
  const shape = parameters.has('b') || parameters.has('rf');
  if ((parameters.has('ellps') || parameters.has('datum')) && a !== shape) {
    return 'An ellipsoid that is named can only be changed by giving both +a and one of +b and +rf.';
  }
  const size = MORE_ELLIPSOIDS.get(parameters.get('ellps') ?? '');
  if (size !== undefined && !a) {
    parameters.delete('ellps');
    parameters.set('a', size[0]);
    parameters.set('rf', size[1]);
  }
  return null;
}

/** Projections whose origin has another default than 0, or that take none. */
const OTHER_ORIGIN = new Set(['krovak', 'nzmg', 'omerc', 'somerc', 'utm', 'geocent']);
const GEOGRAPHIC = new Set(['longlat', 'lonlat', 'latlong', 'latlon']);

/** What PROJ assumes where nothing is said, and proj4 leaves undefined. */
function fillDefaults(parameters: Map<string, string | null>): void {
  const projection = parameters.get('proj') ?? '';
  const fill = (key: string, value: string) => {
    if (!parameters.has(key)) parameters.set(key, value);
  };
  const shape = ['b', 'rf', 'ellps', 'datum', 'R'];
  const a = parameters.get('a');
  if (a && !shape.some((key) => parameters.has(key))) fill('b', a);
  if (GEOGRAPHIC.has(projection)) return;
  fill('x_0', '0');
  fill('y_0', '0');
  if (OTHER_ORIGIN.has(projection)) return;
  fill('lon_0', '0');
  const lat1 = parameters.get('lat_1');
  fill('lat_0', projection === 'lcc' && lat1 && !parameters.has('lat_2') ? lat1 : '0');
}

function isNumber(text: string): boolean {
  return text !== '' && Number.isFinite(Number(text));
}
