/** Texts of CRSs that tests share, in the dialects of GDAL and ESRI. */

export const WGS84 =
  'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],' +
  'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]';

const ESRI_WGS84 =
  'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],' +
  'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]';

const NTF_PARIS =
  'GEOGCS["GCS_NTF_Paris",DATUM["D_NTF",SPHEROID["Clarke_1880_IGN",6378249.2,293.4660212936269]],' +
  'PRIMEM["Paris",2.33722917],UNIT["Grad",0.01570796326794897]]';

/** A PROJCS of a projection with its parameters. */
export function projcs(
  projection: string,
  parameters: Record<string, number>,
  { base = ESRI_WGS84, unit = 'UNIT["Meter",1.0]', rest = '' } = {},
): string {
  const written = Object.entries(parameters).map(
    ([name, value]) => `PARAMETER["${name}",${value}]`,
  );
  return `PROJCS["test",${[base, `PROJECTION["${projection}"]`, ...written, unit].join()}${rest}]`;
}

export const NTF = { base: NTF_PARIS };
