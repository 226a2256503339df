/**
 * The TileMatrixSets that are known by name, as version 2 JSON made from their defining numbers
 * (OGC 17-083r4, Annexes D to J; the two of New Zealand are published by LINZ). Cell sizes are
 * computed, not copied: the published ones are rounded, the finest to four digits.
 */

/** A JSON document of a TileMatrixSet, version 2. */
export type TileMatrixSetJson = Record<string, unknown>;

const OGC_SETS = 'http://www.opengis.net/def/tilematrixset/OGC/1.0/';
const EPSG = 'http://www.opengis.net/def/crs/EPSG/0/';
const CRS84 = 'http://www.opengis.net/def/crs/OGC/1.3/CRS84';
const SCALE_SETS = 'http://www.opengis.net/def/wkss/OGC/1.0/';
/** Metres; scale denominators are for pixels of this size. */
const PIXEL = 0.00028;
/** Semi-major axis of WGS 84, in metres. */
const RADIUS = 6378137;
const METERS_PER_DEGREE = (Math.PI * RADIUS) / 180;
/** Half the width of the world in Mercator, in metres. */
const MERCATOR = Math.PI * RADIUS;
/** From the equator to a pole along a meridian of WGS 84, in metres, as the UTM sets have it. */
const QUADRANT = 10001965.72931276;
/** Half the width of the UPS sets, in metres, which are centred on the pole at 2000000, 2000000. */
const UPS = 16440759.350252;

interface Level {
  cellSize: number;
  columns: number;
  rows: number;
  /** Cells along a side of a tile. */
  tileSize?: number;
  scaleDenominator?: number;
  variableMatrixWidths?: object[];
}

interface Header {
  title: string;
  crs: string;
  orderedAxes: [string, string];
  /** In the order of the axes. */
  pointOfOrigin: [number, number];
  metersPerUnit?: number;
  /** Whether the set has a URI in OGC's register; true unless said otherwise. */
  registered?: boolean;
  wellKnownScaleSet?: string;
}

/** Each set by its name. Functions, so that only what is asked for is made. */
export const DEFINITIONS: Readonly<Record<string, () => TileMatrixSetJson>> = {
  ...Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [`UTM${twoDigits(i + 1)}WGS84Quad`, () => utm(i + 1)]),
  ),
  CDB1GlobalGrid: () =>
    define('CDB1GlobalGrid', degrees('CDB 1 Global Grid', true), -10, 21, (z) => {
      // Tiles of one degree down to z = 0, whose cells get smaller; from there on the tiles do.
      const perDegree = 2 ** Math.max(z, 0);
      return {
        cellSize: 2 ** -(z + 10),
        columns: 360 * perDegree,
        rows: 180 * perDegree,
        tileSize: 2 ** Math.min(z + 10, 10),
        variableMatrixWidths: cdbZones(perDegree),
      };
    }),
  CanadianNAD83_LCC: () =>
    define(
      'CanadianNAD83_LCC',
      {
        title: 'Lambert conformal conic NAD83 for Canada',
        crs: `${EPSG}3978`,
        orderedAxes: ['E', 'N'],
        pointOfOrigin: [-34655800, 39310000],
      },
      0,
      25,
      (z) => {
        // Pixels of 1/96 inch, at 39.37 inches to the metre; the grid covers the published extent.
        const scaleDenominator = CANADIAN_SCALES[z % 13]! / (z < 13 ? 1 : 1000);
        const cellSize = scaleDenominator / 39.37 / 96;
        return {
          cellSize,
          columns: tilesFor(34655800 + 7148753.233541353, cellSize),
          rows: tilesFor(39310000 + 5153821.09213678, cellSize),
          scaleDenominator,
        };
      },
    ),
  EuropeanETRS89_LAEAQuad: () =>
    define(
      'EuropeanETRS89_LAEAQuad',
      {
        title: 'Lambert Azimuthal Equal Area ETRS89 for Europe',
        crs: `${EPSG}3035`,
        orderedAxes: ['Y', 'X'],
        pointOfOrigin: [5500000, 2000000],
      },
      0,
      15,
      halving(4500000 / 256, 1, 1),
    ),
  GNOSISGlobalGrid: () =>
    define(
      'GNOSISGlobalGrid',
      {
        ...degrees('GNOSIS Global Grid', true),
        wellKnownScaleSet: `${SCALE_SETS}GoogleCRS84Quad`,
      },
      0,
      28,
      (z) => ({ ...halving(90 / 256, 4, 2)(z), variableMatrixWidths: gnosisZones(z) }),
    ),
  LINZAntarticaMapTilegrid: () =>
    define(
      'LINZAntarticaMapTilegrid',
      {
        title: 'LINZ Antarctic Map Tile Grid (Ross Sea Region)',
        crs: 'urn:ogc:def:crs:EPSG::5482',
        orderedAxes: ['Y', 'X'],
        pointOfOrigin: [6918457.73, -918457.73],
        registered: false,
      },
      0,
      13,
      (z) => {
        // As far again on the other side of the pole, at N 1000000, E 5000000.
        const cellSize = 14 * 2 ** (13 - z);
        const tiles = tilesFor(2 * 5918457.73, cellSize);
        return { cellSize, columns: tiles, rows: tiles };
      },
    ),
  NZTM2000Quad: () =>
    define(
      'NZTM2000Quad',
      {
        title: 'LINZ NZTM2000Quad Map Tile Grid',
        crs: 'urn:ogc:def:crs:EPSG::2193',
        orderedAxes: ['Y', 'X'],
        pointOfOrigin: [10438190.1652, -3260586.7284],
        registered: false,
      },
      0,
      21,
      halving(MERCATOR / 512, 1, 1),
    ),
  UPSAntarcticWGS84Quad: () =>
    define('UPSAntarcticWGS84Quad', ups('Antarctic', 5042), 0, 24, UPS_QUAD),
  UPSArcticWGS84Quad: () => define('UPSArcticWGS84Quad', ups('Arctic', 5041), 0, 24, UPS_QUAD),
  WGS1984Quad: () =>
    define(
      'WGS1984Quad',
      {
        ...degrees('EPSG:4326 for the World', true),
        registered: false,
        wellKnownScaleSet: `${SCALE_SETS}GoogleCRS84Quad`,
      },
      0,
      23,
      halving(180 / 256, 2, 1),
    ),
  WebMercatorQuad: () =>
    define(
      'WebMercatorQuad',
      {
        ...mercator('Google Maps Compatible for the World', 3857, 'GoogleMapsCompatible'),
        orderedAxes: ['X', 'Y'],
      },
      0,
      24,
      halving((2 * MERCATOR) / 256, 1, 1),
    ),
  WorldCRS84Quad: () =>
    define(
      'WorldCRS84Quad',
      {
        ...degrees('CRS84 for the World', false),
        wellKnownScaleSet: `${SCALE_SETS}GoogleCRS84Quad`,
      },
      0,
      23,
      halving(180 / 256, 2, 1),
    ),
  WorldMercatorWGS84Quad: () =>
    define(
      'WorldMercatorWGS84Quad',
      mercator('World Mercator WGS84 (ellipsoid)', 3395, 'WorldMercatorWGS84'),
      0,
      24,
      halving((2 * MERCATOR) / 256, 1, 1),
    ),
};

/** Denominators of z = 0 … 12; those of 13 … 25 are a thousandth. */
const CANADIAN_SCALES = [
  145e6, 85e6, 50e6, 30e6, 17.5e6, 10e6, 6e6, 3.5e6, 2e6, 1.2e6, 7e5, 4.2e5, 2.5e5,
];

const UPS_QUAD = halving((2 * UPS) / 256, 1, 1);

function define(
  id: string,
  header: Header,
  minZ: number,
  maxZ: number,
  levelOf: (z: number) => Level,
): TileMatrixSetJson {
  const { title, crs, orderedAxes, pointOfOrigin, metersPerUnit = 1, wellKnownScaleSet } = header;
  const tileMatrices = Array.from({ length: maxZ - minZ + 1 }, (_, i) => {
    const level = levelOf(minZ + i);
    const { cellSize, columns, rows, tileSize = 256, variableMatrixWidths = [] } = level;
    return {
      id: String(minZ + i),
      scaleDenominator: level.scaleDenominator ?? (cellSize * metersPerUnit) / PIXEL,
      cellSize,
      cornerOfOrigin: 'topLeft',
      pointOfOrigin,
      tileWidth: tileSize,
      tileHeight: tileSize,
      matrixWidth: columns,
      matrixHeight: rows,
      ...(variableMatrixWidths.length > 0 && { variableMatrixWidths }),
    };
  });
  return {
    id,
    title,
    ...(header.registered !== false && { uri: `${OGC_SETS}${id}` }),
    crs,
    orderedAxes,
    ...(wellKnownScaleSet !== undefined && { wellKnownScaleSet }),
    tileMatrices,
  };
}

/** Level n of a pyramid of quads: cells half as wide, and twice the columns and rows, each time. */
function halving(cellSize: number, columns: number, rows: number): (n: number) => Level {
  return (n) => ({
    cellSize: cellSize / 2 ** n,
    columns: columns * 2 ** n,
    rows: rows * 2 ** n,
  });
}

/** How many tiles of 256 cells it takes to cover a length. */
function tilesFor(length: number, cellSize: number): number {
  return Math.ceil(length / (256 * cellSize));
}

function degrees(title: string, latitudeFirst: boolean): Header {
  return {
    title,
    crs: latitudeFirst ? `${EPSG}4326` : CRS84,
    orderedAxes: latitudeFirst ? ['Lat', 'Lon'] : ['Lon', 'Lat'],
    pointOfOrigin: latitudeFirst ? [90, -180] : [-180, 90],
    metersPerUnit: METERS_PER_DEGREE,
  };
}

function mercator(title: string, code: number, scaleSet: string): Header {
  return {
    title,
    crs: `${EPSG}${code}`,
    orderedAxes: ['E', 'N'],
    pointOfOrigin: [-MERCATOR, MERCATOR],
    wellKnownScaleSet: `${SCALE_SETS}${scaleSet}`,
  };
}

function ups(pole: string, code: number): Header {
  return {
    title: `Universal Polar Stereographic WGS 84 Quad for ${pole}`,
    crs: `${EPSG}${code}`,
    orderedAxes: ['E', 'N'],
    pointOfOrigin: [-14440759.350252, 18440759.350252],
  };
}

/** A grid of a quadrant to each side of the zone's meridian, and of two to each side of the equator. */
function utm(zone: number): TileMatrixSetJson {
  const digits = twoDigits(zone);
  const header: Header = {
    title: `Universal Transverse Mercator Zone ${digits} WGS84 Quad`,
    crs: `${EPSG}326${digits}`,
    orderedAxes: ['E', 'N'],
    pointOfOrigin: [500000 - QUADRANT, 2 * QUADRANT],
  };
  return define(`UTM${digits}WGS84Quad`, header, 1, 24, (z) =>
    halving((2 * QUADRANT) / 256, 1, 2)(z - 1),
  );
}

function twoDigits(zone: number): string {
  return String(zone).padStart(2, '0');
}

/** Widths of CDB's tiles in degrees, with the latitudes from which they apply, from a pole on. */
const CDB_ZONES = [
  [12, 89],
  [6, 80],
  [4, 75],
  [3, 70],
  [2, 50],
] as const;

function cdbZones(perDegree: number): object[] {
  let north = 90;
  const zones = CDB_ZONES.map(([coalesce, south]) => {
    const zone = { coalesce, first: (90 - north) * perDegree, last: (90 - south) * perDegree - 1 };
    north = south;
    return zone;
  });
  return mirrored(zones, 180 * perDegree);
}

/**
 * GNOSIS: at level n the row at a pole has 4 tiles, the next 8, and each further zone of as many
 * rows as there are above it twice as many again, down to the equator.
 */
function gnosisZones(n: number): object[] {
  const zones = Array.from({ length: n }, (_, k) => ({
    coalesce: 2 ** (n - k),
    first: k === 0 ? 0 : 2 ** (k - 1),
    last: 2 ** k - 1,
  }));
  return mirrored(zones, 2 ** (n + 1));
}

/** Zones counted from the north, and the same from the south. */
function mirrored(
  zones: { coalesce: number; first: number; last: number }[],
  rows: number,
): object[] {
  return [
    ...zones.map(({ coalesce, first, last }) => ({
      coalesce,
      minTileRow: first,
      maxTileRow: last,
    })),
    ...zones.toReversed().map(({ coalesce, first, last }) => ({
      coalesce,
      minTileRow: rows - 1 - last,
      maxTileRow: rows - 1 - first,
    })),
  ];
}
