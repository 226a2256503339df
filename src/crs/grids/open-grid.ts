/** Which format a file with grids is in, by its first bytes. */

import { closeSync, existsSync, readSync } from 'node:fs';
import { openRegular } from '../../core/files/regular-file.ts';
import { openGeotiff } from './geotiff.ts';
import type { GridSet } from './grid.ts';
import { GridFile, type GridSource } from './grid-file.ts';
import { openCTable2, openNadcon } from './nadcon.ts';
import { openNtv2 } from './ntv2.ts';

type Format = 'ntv2' | 'ntv1' | 'geotiff' | 'ctable2' | 'nadcon';

function formatOf(head: Buffer, path: string): Format | null {
  const text = head.toString('latin1');
  if (text.startsWith('NUM_OREC')) return 'ntv2';
  // Its first record is named HEADER, its seventh W GRID.
  if (text.startsWith('HEADER')) return 'ntv1';
  if (/^(?:II[*+]\0|MM\0[*+])/.test(text)) return 'geotiff';
  if (text.startsWith('CTABLE V2')) return 'ctable2';
  // LASF: points of a laser.
  return /\.l[ao]s$/i.test(path) && !text.startsWith('LASF') ? 'nadcon' : null;
}

/** Whether a file looks like one with grids; also for one that can't be opened. */
export function isGridFile(path: string): boolean {
  let fd: number;
  try {
    fd = openRegular(path);
  } catch {
    // A pipe, a socket, a folder is none. A file that may not be read is told of when it is needed.
    return existsSync(path) && /\.(?:gsb|tiff?|las|los)$/i.test(path);
  }
  try {
    const head = Buffer.alloc(16);
    readSync(fd, head, 0, 16, 0);
    return formatOf(head, path) !== null;
  } finally {
    closeSync(fd);
  }
}

/** @throws TilewrightError crs-grid for a file that is damaged, has changed or is not understood */
export function openGrids(source: GridSource): GridSet {
  const file = new GridFile(source);
  try {
    const format = formatOf(file.read(0, Math.min(16, file.size)), source.path);
    if (format === 'ntv2') return openNtv2(file);
    if (format === 'geotiff') return openGeotiff(file);
    if (format === 'ctable2') return openCTable2(file);
    if (format === 'nadcon') return openPair(file, source);
    if (format === 'ntv1') throw file.refusal('it is in NTv1, which is not read (NTv2 is)');
    throw file.refusal('it is in none of the formats of grids: NTv2, GeoTIFF, NADCON, CTable2');
  } catch (error) {
    file.close();
    throw error;
  }
}

function openPair(latitudes: GridFile, { longitudes }: GridSource): GridSet {
  if (longitudes === undefined) throw latitudes.refusal('the .los file beside it is not there');
  const file = new GridFile(longitudes);
  try {
    return openNadcon(latitudes, file);
  } catch (error) {
    file.close();
    throw error;
  }
}
