/** A staged folder to look at, and requests that a browser would not send. */

import { connect } from 'node:net';
import { join } from 'node:path';
import { writeScenes } from '../../bench/scenes.ts';
import { TileStager } from '../../src/index.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import type { TileRow } from '../staging/support.ts';

/** Three overlapping scenes; tiles at z 13 of WGS1984Quad, or of another set. */
export async function stageScenes(
  folder: string,
  config: object = {},
  polygonsEach = 400,
): Promise<{ input: string; staged: string }> {
  const input = join(folder, 'input');
  const staged = join(folder, 'staged');
  // Sparse, so that few polygons make several tiles.
  writeScenes(input, { seed: 7, count: 3, polygonsEach, cellArea: 9000, overlap: 0.3 });
  await stageAgain(input, staged, config);
  return { input, staged };
}

export async function stageAgain(input: string, staged: string, config: ConfigInput = {}) {
  const values: ConfigInput = { dirInput: input, dirStaged: staged, executor: 'inline', ...config };
  return new TileStager(values).stageAll();
}

/** Sends these very bytes, and reads until the server closes. */
export function sendRaw(url: string, head: string): Promise<{ status: number; text: string }> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(head));
    socket.setEncoding('latin1');
    socket.on('data', (data: string) => {
      text += data;
    });
    socket.on('error', reject);
    socket.on('close', () => {
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text });
    });
  });
}

export function getRaw(url: string, path: string, host = new URL(url).host) {
  return sendRaw(url, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
}

/** `13/1218/895` of `WGS1984Quad/13/1218/895.gpkg`. */
export function tileName(row: TileRow): string {
  return row.tile.replace(/^[^/]*\//, '').replace(/\.gpkg$/, '');
}
