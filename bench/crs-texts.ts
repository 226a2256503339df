/**
 * CRSs of the sample data, as GDAL writes them: written out, so that the samples share nothing with
 * the project's own table.
 */

export interface CrsText {
  name: string;
  wkt: string;
}

export const WGS84: CrsText = {
  name: 'WGS 84',
  wkt:
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG' +
    '","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT' +
    '["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]',
};

export const POLAR: CrsText = {
  name: 'WGS 84 / NSIDC Sea Ice Polar Stereographic North',
  wkt:
    'PROJCS["WGS 84 / NSIDC Sea Ice Polar Stereographic North",GEOGCS["WGS 84",DATUM["WGS_198' +
    '4",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6' +
    '326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,A' +
    'UTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]],PROJECTION["Polar_Stereographic"],PAR' +
    'AMETER["latitude_of_origin",70],PARAMETER["central_meridian",-45],PARAMETER["false_easti' +
    'ng",0],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AUTHORITY[' +
    '"EPSG","3413"]]',
};
