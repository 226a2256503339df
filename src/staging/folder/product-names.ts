/** Names of products, which become names of folders: also those that a stranger's journal has. */

import { isFolderName } from '../../tms/tile-path.ts';

export function isProductName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z][a-z0-9-]{0,31}$/.test(value) && isFolderName(value);
}

/** @param value - with its dot, or dots: `.tif`, `.geo.parquet` */
export function isProductExtension(value: unknown): value is string {
  return typeof value === 'string' && /^(\.[a-z0-9]{1,12}){1,2}$/.test(value);
}
