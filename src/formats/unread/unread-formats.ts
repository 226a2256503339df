/** Formats that are known and not read: what tells them, and what makes them readable. */

import { extensionOf } from '../extensions.ts';

/** A format that can be named, and not be staged. */
export interface UnreadFormat {
  /** As messages have it: `GML`, `zip archive`. */
  readonly name: string;
  /** Ends of names, in lower case, with their points. */
  readonly extensions: readonly string[];
  /** What it begins with, as Latin-1: one of them. */
  readonly magic?: readonly string[];
  /** What its text begins like, after a byte order mark, blanks and the declaration of XML. */
  readonly head?: RegExp;
  /** Others begin so, or end so, too: what tells more comes first. */
  readonly vague?: boolean;
  /**
   * Makes a GeoPackage of it: words of a shell, in which {in} and {out} stand for paths. None: there
   * are no polygons in it, or nothing is known to make them readable.
   */
  readonly command?: string;
  /** Not every file of it has polygons: the command is told of one that is named itself. */
  readonly may?: string;
  /** A sentence to follow, without its full stop. */
  readonly note?: string;
}

/** @param source - for GDAL */
const ogr = (source = '{in}', options = ''): string => `ogr2ogr -f GPKG {out} ${source}${options}`;
const ogr2ogr = ogr();
const NO_POLYGONS = 'It has pixels, and no polygons to stage';
const LIBARCHIVE = 'GDAL reads it from 3.7 on where it has libarchive; otherwise unpack it';

const VECTOR: readonly UnreadFormat[] = [
  { name: 'FileGDB', extensions: ['.gdb', '.gdb.zip'], command: ogr2ogr },
  {
    name: 'KML',
    extensions: ['.kml', '.kmz'],
    head: /^(?=<).*?(?:<(?:\w+:)?kml\b|opengis\.net\/kml)/s,
    command: ogr2ogr,
  },
  { name: 'XML schema', extensions: ['.xsd'], head: /^(?=<).*?<(?:\w+:)?schema\b/s },
  {
    name: 'GML',
    extensions: ['.gml'],
    head: /^(?=<).*?(?:opengis\.net\/gml|<gml:|:FeatureCollection\b)/s,
    // What a schema says of columns is not always so.
    command: ogr('{in}', ' -forceNullable'),
  },
  { name: 'GPX', extensions: ['.gpx'], head: /^(?=<).*?<gpx\b/s, command: ogr2ogr },
  { name: 'MapInfo', extensions: ['.tab'], head: /^!table\b/i, command: ogr2ogr },
  {
    name: 'MapInfo',
    extensions: ['.mif'],
    head: /^version\s+\d+\s+charset\b/i,
    command: ogr2ogr,
  },
  { name: 'OGR virtual dataset', extensions: ['.vrt'], head: /^<OGRVRT/, command: ogr2ogr },
  {
    name: 'OpenStreetMap',
    extensions: ['.osm', '.pbf'],
    head: /^(?:.{4}\n\tOSMHeader|(?=<).*?<osm\b)/s,
    command: ogr2ogr,
  },
  {
    name: 'DXF',
    extensions: ['.dxf'],
    head: /^(?:0\s+SECTION\b|AutoCAD Binary DXF)/,
    command: ogr2ogr,
  },
  {
    name: 'DWG',
    extensions: ['.dwg'],
    head: /^AC10\d\d/,
    command: ogr2ogr,
    note: 'GDAL reads that of AutoCAD 2000: save another as DXF first',
  },
  { name: 'DGN', extensions: ['.dgn'], command: ogr2ogr },
  { name: 'S-57', extensions: ['.000'], head: /^\d{5}[23]L/, command: ogr2ogr },
  { name: 'Arc/Info export', extensions: ['.e00'], command: ogr2ogr },
  { name: 'Access geodatabase', extensions: ['.mdb'], command: ogr2ogr },
  {
    name: 'TopoJSON',
    extensions: ['.topojson'],
    head: /^\{.*?"type"\s*:\s*"Topology"/s,
    command: ogr2ogr,
  },
  {
    name: 'Esri JSON',
    extensions: ['.esrijson'],
    head: /^\{.*?"(?:esriGeometry|esriFieldType|displayFieldName"|(?:rings|wkid)"\s*:)/s,
    command: ogr2ogr,
  },
  {
    name: 'TileJSON',
    extensions: ['.tilejson'],
    head: /^\{.*?"tilejson"\s*:/s,
    note: 'It says where tiles are, and holds no features',
  },
  {
    name: 'STAC catalogue',
    extensions: [],
    head: /^\{(?=.*?"stac_version"\s*:).*?"type"\s*:\s*"(?:Catalog|Collection)"/s,
    note: 'It says where data are, and holds no features',
  },
  {
    name: 'Arrow',
    extensions: ['.arrow', '.arrows', '.feather', '.ipc'],
    magic: ['ARROW1', 'FEA1', '\xff\xff\xff\xff'],
    command: ogr2ogr,
    note: 'GDAL needs its driver for Arrow',
  },
  {
    name: 'CSV',
    extensions: ['.csv', '.tsv'],
    may: 'If a column holds shapes as WKT',
    command: ogr('{in}', ' -oo GEOM_POSSIBLE_NAMES=wkt,geom,geometry,the_geom'),
  },
  {
    name: 'spreadsheet',
    extensions: ['.xlsx', '.xls', '.ods'],
    may: 'If a column wkt of a sheet holds shapes as WKT',
    // A folder, as there may be several sheets; whose first row GDAL guesses at otherwise.
    command:
      'ogr2ogr --config OGR_XLSX_HEADERS FORCE --config OGR_XLS_HEADERS FORCE --config OGR_ODS_HEADERS FORCE ' +
      '-f CSV {out}.sheets {in} && ogr2ogr -f GPKG {out} {out}.sheets',
  },
  {
    name: 'WKT',
    extensions: ['.wkt'],
    head: /^(?:SRID=\d+;\s*)?(?:(?:multi)?(?:polygon|point|linestring|curve|surface)|geometrycollection|curvepolygon|compoundcurve|circularstring|triangle|tin|polyhedralsurface)\s*(?:z|m|zm)?\s*(?:\(|empty)/i,
    may: 'With a geometry a line, in the CRS that -a_srs says',
    command:
      '(echo id,WKT; sed -n \'s/..*/1,"&"/p\' {in}) > {out}.csv && ogr2ogr -a_srs EPSG:4326 -f GPKG {out} {out}.csv',
  },
  {
    name: 'WKB',
    extensions: ['.wkb'],
    may: 'In the CRS that -a_srs says',
    command:
      "(echo id,WKT; printf 1,; xxd -p {in} | tr -d '\\n') > {out}.csv && ogr2ogr -a_srs EPSG:4326 -f GPKG {out} {out}.csv",
  },
  {
    name: 'dump of PostgreSQL',
    extensions: ['.pgdump', '.backup'],
    head: /^(?:PGDMP|--\s+-- PostgreSQL database dump|SET (?:standard_conforming|statement_timeout))/,
    may: 'With a database NAME of yours, into which it goes first by pg_restore or psql',
    command: 'psql -d NAME -f {in} && ogr2ogr -f GPKG {out} PG:dbname=NAME',
  },
  {
    name: 'dump of a GeoPackage',
    extensions: ['.gpkg.sql'],
    head: /^-- SQL GPKG\b/,
    may: 'As a database again',
    command: 'sqlite3 {out} < {in}',
  },
  {
    name: 'dump of SQLite',
    extensions: ['.sqlite.sql'],
    head: /^-- SQL SQLITE\b/,
    may: 'As a database again',
    command: 'sqlite3 {in}.sqlite < {in} ; ogr2ogr -f GPKG {out} {in}.sqlite',
  },
];

const ARCHIVES: readonly UnreadFormat[] = [
  // Without the braces GDAL does not find several files in a .tgz.
  { name: 'tar archive', extensions: ['.tar', '.tgz', '.tar.gz'], command: ogr('/vsitar/{{in}}') },
  {
    name: '7z archive',
    extensions: ['.7z'],
    magic: ['7z\xbc\xaf\x27\x1c'],
    command: ogr('/vsi7z/{in}'),
    note: LIBARCHIVE,
  },
  {
    name: 'RAR archive',
    extensions: ['.rar'],
    magic: ['Rar!\x1a\x07'],
    command: ogr('/vsirar/{in}'),
    note: LIBARCHIVE,
  },
];

const RASTER: readonly UnreadFormat[] = (
  [
    ['GeoTIFF', ['.tif', '.tiff'], ['II*\0', 'II+\0', 'MM\0*', 'MM\0+']],
    ['NetCDF', ['.nc', '.nc4', '.cdf'], ['CDF\x01', 'CDF\x02', 'CDF\x05']],
    ['HDF5', ['.h5', '.hdf5', '.he5'], ['\x89HDF\r\n\x1a\n']],
    ['HDF4', ['.hdf', '.h4'], ['\x0e\x03\x13\x01']],
    ['GRIB', ['.grib', '.grib2', '.grb', '.grb2'], ['GRIB']],
    ['JPEG 2000', ['.jp2', '.j2k'], ['\0\0\0\x0cjP  ']],
    ['JPEG', ['.jpg', '.jpeg'], ['\xff\xd8\xff']],
    ['PNG', ['.png'], ['\x89PNG']],
    ['ERDAS Imagine', ['.img'], ['EHFA_HEADER_TAG']],
    ['Arc/Info', ['.asc'], ['ncols ', 'NCOLS ']],
    ['GDAL virtual', [], ['<VRTDataset']],
    ['Zarr', ['.zarr'], []],
  ] as const
).map(([name, extensions, magic]) => {
  return { name: `${name} raster`, extensions, magic, note: NO_POLYGONS };
});

const OTHERS: readonly UnreadFormat[] = [
  { name: 'dBASE table without its .shp', extensions: ['.dbf'] },
  { name: 'index without its .shp', extensions: ['.shx'] },
  {
    name: 'SQLite',
    extensions: ['.sqlite', '.sqlite3', '.db', '.spatialite'],
    magic: ['SQLite format 3\0'],
    vague: true,
    command: ogr2ogr,
  },
  {
    name: 'zip archive',
    extensions: ['.zip', '.shz'],
    magic: ['PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08'],
    vague: true,
    command: ogr('/vsizip/{in}'),
  },
  {
    name: 'gzip',
    extensions: ['.gz'],
    magic: ['\x1f\x8b'],
    vague: true,
    command: ogr('/vsigzip/{in}'),
  },
  { name: 'JSON', extensions: ['.json'], head: /^[[{]/, vague: true, command: ogr2ogr },
  { name: 'XML', extensions: ['.xml'], head: /^</, vague: true },
  { name: 'SQL', extensions: ['.sql'], vague: true },
  { name: 'text', extensions: ['.txt', '.md'], vague: true },
];

const FORMATS: readonly UnreadFormat[] = [...VECTOR, ...ARCHIVES, ...RASTER, ...OTHERS];
const EXTENSIONS = FORMATS.flatMap(({ extensions }) => extensions);
const TAR = ARCHIVES[0]!;
/** POSIX.1-1988, ustar: offset 257. */
const TAR_MAGIC = 257;

/** The extension of a known one, in lower case. */
export function unreadExtensionOf(path: string): string | undefined {
  return extensionOf(path, EXTENSIONS);
}

/** By the end of a file's name alone. */
export function unreadFormatByName(path: string): UnreadFormat | undefined {
  const end = unreadExtensionOf(path);
  return end === undefined ? undefined : FORMATS.find((one) => one.extensions.includes(end));
}

/**
 * By what is in a file, and by its name where that tells more.
 * @param head - its first bytes
 */
export function unreadFormatOf(path: string, head: Uint8Array): UnreadFormat | undefined {
  const bytes = Buffer.from(head).toString('latin1');
  if (bytes.startsWith('ustar', TAR_MAGIC)) return TAR;
  const text = bytes.replace(/^(?:\xef\xbb\xbf)?[ \t\r\n]*/, '').replace(/^<\?xml[^>]*>\s*/, '');
  const told = FORMATS.filter(({ magic, head: begin }) => {
    return magic?.some((start) => bytes.startsWith(start)) || begin?.test(text);
  });
  const named = unreadFormatByName(path);
  const [first] = told;
  const sure = told.find(({ vague }) => vague !== true) ?? (named?.vague ? first : named);
  return sure ?? first ?? named;
}
