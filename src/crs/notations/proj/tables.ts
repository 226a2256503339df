/** Ellipsoids and datums that PROJ strings name (`proj -le`, and the documentation of PROJ). */

/** Semi-major axis in metres, inverse flattening or (with b) semi-minor axis, name. */
type Row = readonly [string, number, number | { b: number }, string];

// prettier-ignore
const ELLIPSOIDS: readonly Row[] = [
  ['MERIT', 6378137, 298.257, 'MERIT 1983'],
  ['SGS85', 6378136, 298.257, 'Soviet Geodetic System 85'],
  ['GRS80', 6378137, 298.257222101, 'GRS 1980'],
  ['IAU76', 6378140, 298.257, 'IAU 1976'],
  ['airy', 6377563.396, 299.3249646, 'Airy 1830'],
  ['APL4.9', 6378137, 298.25, 'Applied Physics 1965'],
  ['NWL9D', 6378145, 298.25, 'NWL 9D'],
  ['mod_airy', 6377340.189, { b: 6356034.446 }, 'Airy Modified 1849'],
  ['andrae', 6377104.43, 300, 'Andrae 1876'],
  ['danish', 6377019.2563, 300, 'Danish 1876'],
  ['aust_SA', 6378160, 298.25, 'Australian National Spheroid'],
  ['GRS67', 6378160, 298.247167427, 'GRS 1967'],
  ['GSK2011', 6378136.5, 298.2564151, 'GSK-2011'],
  ['bessel', 6377397.155, 299.1528128, 'Bessel 1841'],
  ['bess_nam', 6377483.865, 299.1528128, 'Bessel 1841 (Namibia)'],
  ['clrk66', 6378206.4, { b: 6356583.8 }, 'Clarke 1866'],
  ['clrk80', 6378249.145, 293.4663, 'Clarke 1880 mod.'],
  ['clrk80ign', 6378249.2, 293.4660212936269, 'Clarke 1880 (IGN)'],
  ['CPM', 6375738.7, 334.29, 'Comm. des Poids et Mesures 1799'],
  ['delmbr', 6376428, 311.5, 'Delambre 1810'],
  ['engelis', 6378136.05, 298.2566, 'Engelis 1985'],
  ['evrst30', 6377276.345, 300.8017, 'Everest 1830'],
  ['evrst48', 6377304.063, 300.8017, 'Everest 1948'],
  ['evrst56', 6377301.243, 300.8017, 'Everest 1956'],
  ['evrst69', 6377295.664, 300.8017, 'Everest 1969'],
  ['evrstSS', 6377298.556, 300.8017, 'Everest (Sabah & Sarawak)'],
  ['fschr60', 6378166, 298.3, 'Fischer 1960'],
  ['fschr60m', 6378155, 298.3, 'Modified Fischer 1960'],
  ['fschr68', 6378150, 298.3, 'Fischer 1968'],
  ['helmert', 6378200, 298.3, 'Helmert 1906'],
  ['hough', 6378270, 297, 'Hough 1960'],
  ['intl', 6378388, 297, 'International 1924'],
  ['krass', 6378245, 298.3, 'Krassowsky 1940'],
  ['kaula', 6378163, 298.24, 'Kaula 1961'],
  ['lerch', 6378139, 298.257, 'Lerch 1979'],
  ['mprts', 6397300, 191, 'Maupertuis 1738'],
  ['new_intl', 6378157.5, { b: 6356772.2 }, 'New International 1967'],
  ['plessis', 6376523, { b: 6355863 }, 'Plessis 1817'],
  ['PZ90', 6378136, 298.25784, 'PZ-90'],
  ['SEasia', 6378155, { b: 6356773.3205 }, 'Southeast Asia'],
  ['walbeck', 6376896, { b: 6355834.8467 }, 'Walbeck'],
  ['WGS60', 6378165, 298.3, 'WGS 60'],
  ['WGS66', 6378145, 298.25, 'WGS 66'],
  ['WGS72', 6378135, 298.26, 'WGS 72'],
  ['WGS84', 6378137, 298.257223563, 'WGS 84'],
  ['sphere', 6370997, 0, 'Normal Sphere'],
];

export interface NamedEllipsoid {
  name: string;
  /** Metres. */
  a: number;
  inverseFlattening: number;
}

export const PROJ_ELLIPSOIDS: ReadonlyMap<string, NamedEllipsoid> = new Map(
  ELLIPSOIDS.map(([id, a, shape, name]) => [
    id,
    { name, a, inverseFlattening: typeof shape === 'number' ? shape : a / (a - shape.b) },
  ]),
);

/** Name and EPSG code of the datum, and its ellipsoid. What leads to WGS 84 is the database's. */
export const PROJ_DATUMS: ReadonlyMap<string, readonly [string, number, string]> = new Map([
  ['WGS84', ['World Geodetic System 1984', 6326, 'WGS84']],
  ['NAD83', ['North American Datum 1983', 6269, 'GRS80']],
  ['NAD27', ['North American Datum 1927', 6267, 'clrk66']],
  ['GGRS87', ['Greek Geodetic Reference System 1987', 6121, 'GRS80']],
  ['potsdam', ['Deutsches Hauptdreiecksnetz', 6314, 'bessel']],
  ['carthage', ['Carthage', 6223, 'clrk80ign']],
  ['hermannskogel', ['Militar-Geographische Institut', 6312, 'bessel']],
  ['ire65', ['TM65', 6299, 'mod_airy']],
  ['nzgd49', ['New Zealand Geodetic Datum 1949', 6272, 'intl']],
  ['OSGB36', ['Ordnance Survey of Great Britain 1936', 6277, 'airy']],
]);
