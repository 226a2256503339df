/** The viewer: a web server for one staged folder. */

import { existsSync, realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { TilewrightError } from '../core/errors.ts';
import type { ConfigInputSnakeCase } from '../staging/configuration/config-input.ts';
import { journalPath } from '../staging/folder/staged-folder.ts';
import { type Job, TileStager } from '../staging/tile-stager.ts';
import { type Asset, loadAssets } from './assets.ts';
import { answerData } from './data-routes.ts';
import { FolderData } from './folder-data.ts';
import { REPORT_POLICY } from './guard.ts';
import { type Answer, GuardedServer, type Route } from './guarded-server.ts';
import { LastReport } from './last-report.ts';
import { DEFAULT_HOST, DEFAULT_PORT, type ServeOptions, type Viewer } from './options.ts';

/**
 * Serves a web page that shows what is staged in a folder, until it is closed.
 * @param job - the folder, or a stager, a configuration or values for one, whose `dirStaged` it is
 * @throws TilewrightError `staged-folder` for a folder without a journal, `usage` for a port or an
 *   address that can't be listened on
 */
export function serve(job: ConfigInputSnakeCase, options?: ServeOptions): Promise<Viewer>;
export function serve(job: string | Job, options?: ServeOptions): Promise<Viewer>;
export async function serve(
  job: string | Job | ConfigInputSnakeCase,
  options: ServeOptions = {},
): Promise<Viewer> {
  const folder = typeof job === 'string' ? job : TileStager.of(job).config.values.dirStaged;
  const path = resolve(folder);
  if (!existsSync(journalPath(path))) {
    const what = existsSync(path) ? 'has no journal: it is no staged folder' : 'is not there';
    throw new TilewrightError(
      'staged-folder',
      `${folder} ${what}. Name the folder that was given to tilewright stage as --out`,
    );
  }
  const data = new FolderData(path);
  try {
    if (!realpathSync(journalPath(path)).startsWith(data.root + sep)) {
      throw new TilewrightError(
        'staged-folder',
        `The journal of ${folder} is a link out of the folder, and is not read`,
      );
    }
    await data.version();
    const withoutRoot = (message: string): string => message.replaceAll(data.root + sep, '');
    const route = routes(data, await loadAssets());
    const server = new GuardedServer(options.host ?? DEFAULT_HOST, route, withoutRoot);
    await server.listen(options.port, DEFAULT_PORT);
    const close = async (): Promise<void> => {
      await Promise.all([server.close(), data.close()]);
    };
    return { url: server.url, close };
  } catch (error) {
    await data.close();
    throw error;
  }
}

function routes(data: FolderData, assets: Map<string, Asset>): Route {
  const report = new LastReport(data.root);
  return async (path, search, signal) => {
    const asset = assets.get(path);
    if (asset !== undefined) {
      // A viewer of another version may have been here before.
      return { body: asset.body, type: asset.type, headers: { 'Cache-Control': 'no-cache' } };
    }
    if (path === '/report') return reportAnswer(report);
    if (path === '/data/version') {
      return { json: { version: await data.version(), report: report.version() !== null } };
    }
    if (!path.startsWith('/data/')) return null;
    const found = await answerData(data, path, new URLSearchParams(search), signal);
    if (found === null) return null;
    if (!(found instanceof Uint8Array)) return { json: found };
    return { body: found, type: 'application/octet-stream' };
  };
}

function reportAnswer(report: LastReport): Answer {
  const html = report.html();
  if (html === null) {
    throw new TilewrightError('input-missing', 'There is no report of a run');
  }
  return {
    body: Buffer.from(html),
    type: 'text/html; charset=utf-8',
    headers: { 'Content-Security-Policy': REPORT_POLICY },
  };
}
