/** Names that are neither paths of this machine nor URLs that are read: what GDAL alone reads. Pure functions of names. */

import { posix } from 'node:path';
import { shellWord } from './shell-word.ts';

/** GDAL's virtual file systems (gdal.org/user/virtual_file_systems.html), by schemes of URLs. */
const VIRTUAL: Readonly<Record<string, string>> = {
  ftp: '/vsicurl/',
  gs: '/vsigs/',
  az: '/vsiaz/',
  abfs: '/vsiadls/',
  abfss: '/vsiadls/',
  hdfs: '/vsihdfs/',
};
/** Programs that copy from there. */
const COPY: Readonly<Record<string, string>> = {
  ftp: 'curl -O',
  gs: 'gcloud storage cp',
};
const URL_SHAPE = /^([a-z][a-z\d+.-]+):\/\/(.*)$/is;
const GDAL_SHAPE = /^(?:\/vsi[a-z\d_]+[/?]|(?:PG|MySQL|MSSQL|OCI|WFS|OAPIF|MongoDBv3):)/i;

/** Whether it is a URL, or a name that GDAL alone understands, and no path. */
export function isRemote(name: string): boolean {
  return URL_SHAPE.test(name) || GDAL_SHAPE.test(name);
}

/**
 * What such a name is, and how what it stands for becomes a file here: two sentences, without a full
 * stop at the end. Null for a path.
 */
export function remoteAdvice(name: string): string | null {
  if (GDAL_SHAPE.test(name)) {
    return (
      `${name} is a name that GDAL alone reads. Write it to a file of this machine: ` +
      `ogr2ogr ${fileFor(name)} ${shellWord(name)}`
    );
  }
  const [, given = '', rest = ''] = URL_SHAPE.exec(name) ?? [];
  const scheme = given.toLowerCase();
  if (scheme === '') return null;
  if (scheme === 'file')
    return `${name} is a URL. Give its path, ${rest.replace(/^localhost/, '')}`;
  const virtual = VIRTUAL[scheme];
  const what = `${name} is a URL of a kind that is not read: https://, http:// and s3:// are.`;
  if (virtual === undefined) return `${what} Copy it here`;
  const from = virtual === '/vsicurl/' ? virtual + name : virtual + rest;
  const to = COPY[scheme] === 'gcloud storage cp' ? ' .' : '';
  const copy = COPY[scheme] === undefined ? '' : `${COPY[scheme]} ${shellWord(name)}${to}, or `;
  return `${what} Copy it here: ${copy}ogr2ogr ${fileFor(name)} ${shellWord(from)}`;
}

/** A URL without what may be secret in it: for messages. */
export function shownUrl(text: string): string {
  return text
    .replace(/^([a-z][a-z\d+.-]+:\/\/)[^/?#]*@/i, '$1…@')
    .replace(/^([a-z][a-z\d+.-]+:\/\/[^?]*)\?.*$/is, '$1?…');
}

/** The name of a GeoPackage, after the last part of a URL. */
function fileFor(name: string): string {
  const last = posix.basename(name.replace(/[?#].*$/s, ''));
  const stem = last.replace(/(\.[a-z\d]{1,8})+$/i, '').replace(/[^\w.-]/g, '_');
  return `${stem === '' || stem.startsWith('-') ? 'input' : stem}.gpkg`;
}
