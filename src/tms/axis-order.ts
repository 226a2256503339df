/**
 * In which order a TileMatrixSet writes coordinates: easting or longitude first, or northing or
 * latitude first. Coordinates everywhere else are easting first.
 *
 * The sets in use were compared with where their CRS lies:
 * - EPSG:4326 "Lat","Lon" [90, −180]: latitude first.
 * - EPSG:3035 "Y","X" [5500000, 2000000]: LAEA Europe has E 2.4 … 7.3 and N 1.3 … 6.1 million, so
 *   Y is the northing and comes first.
 * - EPSG:2193 "Y","X" [10438190, −3260587]: NZTM's northings are near 5 … 6 million, the false
 *   northing is 10 million; northing first, though EPSG names the axes N and E.
 * - EPSG:5482 "Y","X" [6918458, −918458]: with the northing first the matrix is centred on the
 *   pole, at E 5000000, N 1000000.
 * - EPSG:5041 and EPSG:5042 "E","N" [−14440759, 18440759]: easting first, unlike EPSG:32661 and
 *   EPSG:32761, the same projections with the northing first.
 */

import { parseDefinition } from '../crs/notations/parse.ts';
import type { CrsReference } from '../crs/reference.ts';

/**
 * EPSG codes of geographic and projected CRS whose first axis is the northing or latitude: the
 * coordinate systems of the EPSG dataset 10.076 whose first axis points north or south, or has the
 * abbreviation N along a meridian. Codes between that are not in use are included.
 */
const NORTHING_FIRST = codes(`
  2036 2044-2045 2065 2081-2083 2085-2086 2091-2093 2096-2098 2105-2132 2166-2180 2193 2199-2200
  2206-2212 2218 2221 2296-2307 2319-2549 2551-2735 2738-2758 2935-2941 2953 2963 3006-3030
  3034-3035 3038-3051 3058-3059 3068 3114-3118 3120 3126-3140 3144-3147 3150-3152 3173 3300-3301
  3328-3335 3346 3350-3352 3366 3386-3390 3396-3399 3407 3414 3416 3764 3788-3793 3795-3796
  3819-3824 3833-3854 3873-3889 3906-3911 4001-4047 4052-4055 4074-4081 4120-4216 4218-4388 4417
  4434 4463-4466 4469-4470 4472 4475-4483 4490-4558 4568-4646 4652-4824 4839-5013 5017 5048
  5105-5188 5224 5228-5233 5245-5246 5251-5264 5269-5275 5323-5324 5340-5354 5359-5360 5364-5381
  5392-5393 5451 5464 5467 5479-5489 5513 5515 5518-5520 5524-5527 5545-5546 5560-5588 5592-5593
  5632-5639 5651-5653 5681 5830 5885-5886 6134-6135 6207 6244-6275 6310-6311 6318-6325 6362-6365
  6372-6387 6667-6687 6705-6709 6782-6783 6870-6876 6881-6883 6892-6894 6962 6979-6983 6986-6990
  7072-7073 7135-7139 7372-7373 7657-7686 7797-7801 7816-7844 7880-7881 7885-7886 7900-7931
  8042-8045 8085-8086 8231-8255 8351-8352 8399-8449 8542-8545 8684-8685 8694-8818 8860-8900
  8906-8907 8916-8949 8972-9140 9147-9148 9152-9153 9183-9184 9221-9254 9267-9294 9299 9308-9309
  9332-9333 9364 9372 9377-9384 9403 9453 9469-9470 9474-9475 9498-9547 9695-9696 9701-9702 9739
  9754-9758 9763 9776-9777 9781-9782 9821 9831-9841 9851-9866 9871 9893-9939 9964 9969 9974
  9989-9990 20004-20041 20064-20092 20904-20932 21004-21032 21207-21264 21307-21483 21896-21899
  22171-22197 22240 25884 27205-27232 27391-27398 27492 28402-28492 29701-29702 30161-30179
  30800 31251-31259 31275-31290 31466-31469 31700 32661 32761
`);

/** EPSG codes of projected CRS whose axis X is the northing and Y the easting, from the same. */
const X_IS_NORTHING = codes(`
  2044-2055 2065 2081-2083 2091-2093 2096-2098 2166-2180 2199 2206-2212 2319-2325 2327-2549
  2551-2735 2738-2758 2935-2941 3019-3030 3058-3059 3068 3120 3139-3140 3146-3147 3150-3152
  3300-3301 3328-3335 3346 3350-3352 3386-3387 3389-3390 3396-3399 3416 3787 3833-3850 3854
  3907-3912 4026 4417 4434 4491-4554 4568-4589 4652-4656 4766-4800 4812 4822 5167-5188 5224
  5253-5259 5269-5275 5343-5349 5513 5515 5520 5562-5583 6204 6316 6381-6387 6669-6687 6870 6962
  7799-7801 7825-7831 8044-8045 8352 8441 8677-8679 8686 9249-9250 9252 9254 9271-9285 9498 9821
  9831-9841 9851-9865 9895 9945 20004-20032 20064-20092 20904-20932 21004-21032 21207-21264
  21307-21483 21780-21782 21896-21899 22171-22197 22275-22293 23700 25884 27391-27398 27492
  28402-28492 29371-29385 29701-29702 30161-30179 30800 31251-31259 31275-31290 31466-31469
  31700
`);

const NORTHING = new Set(['lat', 'latitude', 'n', 'north', 'northing']);
const EASTING = new Set(['lon', 'long', 'longitude', 'e', 'east', 'easting']);

/** Whether the CRS itself has the northing or latitude as its first axis. */
export function isNorthingFirst(crs: CrsReference): boolean {
  if (crs.authority === 'EPSG' && crs.code !== undefined) {
    return includes(NORTHING_FIRST, Number(crs.code));
  }
  if (crs.code !== undefined || crs.definition === undefined) return false;
  return parseDefinition(crs.definition).northingFirst === true;
}

/**
 * Whether `orderedAxes` names the northing or latitude first; null if the names say nothing.
 * @param axes - for example ["Lat", "Lon"], ["E", "N"] or ["Y", "X"]
 */
export function areAxesNorthingFirst(axes: readonly string[], crs: CrsReference): boolean | null {
  // "E(X)" is how EPSG abbreviates some eastings.
  const [first, second] = axes.map((axis) => axis.toLowerCase().replace(/\(.*/, '').trim());
  if (axes.length !== 2 || first === undefined || second === undefined) return null;
  if (NORTHING.has(first) && EASTING.has(second)) return true;
  if (EASTING.has(first) && NORTHING.has(second)) return false;
  if ((first === 'x' && second === 'y') || (first === 'y' && second === 'x')) {
    const xIsNorthing = crs.authority === 'EPSG' && includes(X_IS_NORTHING, Number(crs.code));
    return (first === 'x') === xIsNorthing;
  }
  return null;
}

/** "2036 2044-2045" → [2036, 2036, 2044, 2045]. */
function codes(text: string): number[] {
  return text
    .trim()
    .split(/\s+/)
    .flatMap((range) => {
      const [first, last = first] = range.split('-');
      return [Number(first), Number(last)];
    });
}

function includes(ranges: readonly number[], code: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    if (code >= ranges[i]! && code <= ranges[i + 1]!) return true;
  }
  return false;
}
