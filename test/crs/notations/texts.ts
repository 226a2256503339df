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

/** Strings that PROJ reads as a CRS, of every method and every parameter. */
export const PROJ_STRINGS = [
  '+proj=longlat +datum=WGS84 +no_defs',
  '+proj=longlat +ellps=GRS80 +towgs84=1,2,3',
  '+proj=latlong +ellps=intl +towgs84=-1,2.5,-3e1,0.1,.2,-0.3,4',
  '+proj=longlat +ellps=clrk66 +nadgrids=@conus,@null',
  '+proj=longlat +a=6378137 +rf=298.257223563',
  '+proj=longlat +a=6378137 +b=6356752.3',
  '+proj=longlat +a=6378137 +f=0.0033528',
  '+proj=longlat +a=6378137 +es=0.00669438',
  '+proj=longlat +a=6378137 +e=0.0818',
  '+proj=longlat +R=6371229',
  '+proj=longlat +a=6371229',
  '+proj=longlat +ellps=bessel +pm=ferro',
  '+proj=longlat +ellps=bessel +pm=-12.5',
  `+proj=longlat +ellps=bessel +pm=2d20'14.025"`,
  '+proj=longlat +datum=potsdam',
  '+proj=longlat +datum=OSGB36',
  '+proj=longlat +datum=NAD27',
  '+proj=longlat +datum=nzgd49',
  '+proj=longlat',
  '+proj=utm +zone=33 +datum=WGS84 +units=m +no_defs +type=crs',
  '+proj=utm +zone=19 +south +ellps=WGS84 +units=us-ft +approx',
  "+proj=tmerc +lat_0=10d30'N +lon_0=5d15'30.5\"W +k=0.9996 +x_0=500000 +y_0=-1e5 +ellps=airy",
  '+proj=tmerc +lon_0=29 +axis=wsu +ellps=WGS84',
  '+proj=tmerc +lon_0=29 +axis=neu +ellps=WGS84',
  '+proj=etmerc +lat_0=1 +lon_0=2 +k_0=0.9 +to_meter=0.3048',
  '+proj=tmerc +lon_0=9 +ellps=intl +units=ft +x_0=304.8',
  '+proj=tmerc +lat_0=49 +lon_0=-2 +datum=OSGB36 +pm=paris +units=km',
  '+proj=merc +lon_0=110 +k=0.997 +x_0=3900000 +y_0=900000 +ellps=bessel',
  '+proj=merc +lat_ts=-41 +lon_0=100 +datum=WGS84',
  '+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs',
  '+proj=webmerc +datum=WGS84',
  '+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +datum=WGS84',
  '+proj=stere +lat_0=-90 +lat_ts=-71 +lon_0=0 +k=1 +ellps=WGS84',
  '+proj=stere +lat_0=90 +k=0.994 +x_0=2000000 +y_0=2000000 +datum=WGS84',
  '+proj=stere +lat_0=52 +lon_0=5 +k=0.9999 +ellps=bessel',
  '+proj=sterea +lat_0=52.15616055555555 +lon_0=5.38763888888889 +k=0.9999079 +x_0=155000 +y_0=463000 +ellps=bessel',
  '+proj=lcc +lat_1=49 +lat_2=44 +lat_0=46.5 +lon_0=3 +x_0=700000 +y_0=6600000 +ellps=GRS80',
  '+proj=lcc +lat_1=49 +lat_0=49 +lon_0=3 +k_0=0.9998 +ellps=clrk80ign +pm=paris',
  '+proj=lcc +lat_1=49 +lat_2=44 +lat_0=46.5 +k_0=1.0000382 +ellps=clrk66',
  '+proj=omerc +lat_0=4 +lonc=115 +alpha=53.31582047222222 +gamma=53.13010236111111 +k=0.99984 +no_uoff +ellps=evrstSS',
  '+proj=omerc +lat_0=4 +lonc=115 +alpha=53.3 +k=0.99984 +no_off +ellps=evrstSS',
  '+proj=omerc +lat_0=57 +lonc=-133 +alpha=-36.8 +k=0.9999 +x_0=5000000 +ellps=GRS80',
  '+proj=omerc +lat_0=40 +lat_1=10 +lon_1=0 +lat_2=60 +lon_2=60 +k=1 +ellps=WGS84',
  '+proj=somerc +lat_0=46.95240555555556 +lon_0=7.439583333333333 +k_0=1 +x_0=2600000 +y_0=1200000 +ellps=bessel',
  '+proj=labrd +lat_0=-18.9 +lon_0=44.1 +azi=18.9 +k=0.9995 +x_0=400000 +y_0=800000 +ellps=intl +pm=paris',
  '+proj=krovak +ellps=bessel',
  '+proj=krovak',
  '+proj=krovak +axis=swu +lat_0=49.5 +lon_0=24.83333333333333 +alpha=30.28813972222222 +k=0.9999 +ellps=bessel',
  '+proj=gstmerc +lat_0=-21.1 +lon_0=55.5 +k_0=1 +x_0=160000 +y_0=50000 +ellps=intl',
  '+proj=col_urban +lat_0=4.68 +lon_0=-74.14 +x_0=92334.879 +y_0=109320.965 +h_0=2550 +ellps=GRS80',
  '+proj=cass +lat_0=2 +lon_0=103 +ellps=evrst48',
  '+proj=cass +hyperbolic +lat_0=-16.25 +lon_0=179.33 +x_0=251727.9155424 +y_0=334519.953768 +ellps=clrk80',
  '+proj=poly +lat_0=0 +lon_0=-54 +x_0=5000000 +y_0=10000000 +ellps=aust_SA',
  '+proj=bonne +lat_1=39.6666 +lon_0=-8 +ellps=bessel',
  '+proj=eqdc +lat_0=30 +lon_0=95 +lat_1=15 +lat_2=65 +datum=WGS84',
  '+proj=aeqd +lat_0=90 +lon_0=10 +datum=WGS84',
  '+proj=aeqd +guam +lat_0=13.47 +lon_0=144.75 +ellps=clrk66',
  '+proj=tpeqd +lat_1=0 +lon_1=0 +lat_2=60 +lon_2=60 +R=6371000',
  '+proj=eqc +lat_ts=60 +lon_0=10 +R=6371000',
  '+proj=eqc +lat_ts=60 +lat_0=10 +datum=WGS84',
  '+proj=aea +lat_1=29.5 +lat_2=45.5 +lat_0=23 +lon_0=-96 +datum=NAD83',
  '+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +ellps=GRS80',
  '+proj=cea +lat_ts=30 +datum=WGS84',
  '+proj=cea +k_0=0.8 +datum=WGS84',
  '+proj=eqearth +lon_0=10 +datum=WGS84',
  '+proj=ortho +lat_0=40 +lon_0=10 +datum=WGS84',
  '+proj=gnom +lat_0=90 +lon_0=10 +R=6371000',
  '+proj=nsper +lat_0=10 +lon_0=20 +h=35800000 +ellps=WGS84',
  '+proj=geos +lon_0=-75 +h=35786023 +sweep=x +ellps=GRS80',
  '+proj=geos +lon_0=0 +h=35785831 +a=6378169 +b=6356583.8',
  '+proj=mill +R_A +lon_0=5 +datum=WGS84',
  '+proj=nzmg +lat_0=-41 +lon_0=173 +x_0=2510000 +y_0=6023150 +datum=nzgd49',
  '+proj=wink1 +lat_ts=50.4597762521898 +datum=WGS84',
  '+proj=wink2 +lat_1=50 +datum=WGS84',
  '+proj=wintri +lat_1=50.467 +datum=WGS84',
  '+proj=loxim +lat_1=40 +datum=WGS84',
  '+proj=ob_tran +o_proj=longlat +o_lat_p=39.25 +o_lon_p=0 +lon_0=18 +R=6371229',
  '+proj=ob_tran +o_proj=longlat +o_lat_p=37 +o_lon_p=5 +lon_0=10 +ellps=WGS84 +to_meter=0.0174532925199433',
  ...'comill gall patterson sinu moll robin natearth natearth2 eck1 eck2 eck3 eck4 eck5 eck6 wag4 wag5 wag7'
    .concat(' vandg crast mbtfpq qua_aut times aitoff goode igh igh_o hammer')
    .split(' ')
    .map((name) => `+proj=${name} +lon_0=11 +x_0=5 +datum=WGS84`),
];
