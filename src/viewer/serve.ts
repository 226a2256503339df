/** The viewer: a web server for one staged folder. */

import { resolve } from 'node:path';
import { checkedOptions } from '../core/checked-options.ts';
import { TilewrightError } from '../core/errors.ts';
import type { ConfigInputSnakeCase } from '../staging/configuration/config-input.ts';
import { type Job, TileStager } from '../staging/tile-stager.ts';
import { type Asset, loadAssets } from './assets.ts';
import { answerData } from './data/data-routes.ts';
import type { FolderData } from './data/folder-data.ts';
import { REPORT_POLICY } from './guard.ts';
import { type Answer, GuardedServer, type Route } from './guarded-server.ts';
import type { LastReport } from './last-report.ts';
import type { ServeOptions } from './serve-options.ts';
import { DEFAULT_PORT, type FolderViewer, serveSchema } from './serve-schema.ts';
import { ServedFolder } from './served-folder.ts';
import type { FolderVersion } from './shared/run-messages.ts';

/**
 * Serves a web page that shows what is staged in a folder, and the run into it, until it is closed.
 * An empty folder, or one that is not there yet, is waited for.
 * @param job - the folder, or a stager, a configuration or values for one, whose `dirStaged` it is
 * @throws TilewrightError `staged-folder` for a folder that is none, `usage` for a port or an
 *   address that can't be listened on
 */
export function serve(job: ConfigInputSnakeCase, options?: ServeOptions): Promise<FolderViewer>;
export function serve(job: string | Job, options?: ServeOptions): Promise<FolderViewer>;
export async function serve(
  job: string | Job | ConfigInputSnakeCase,
  options: ServeOptions = {},
): Promise<FolderViewer> {
  const { host, port } = checkedOptions(serveSchema, options);
  const folder = typeof job === 'string' ? job : TileStager.of(job).config.values.dirStaged;
  const served = ServedFolder.open(resolve(folder), folder);
  try {
    const waiting = (await served.data()) === null;
    const route = routes(served, loadAssets());
    const shown = (message: string): string => served.shown(message);
    const server = new GuardedServer(host, route, shown);
    await server.listen(port, DEFAULT_PORT);
    const close = async (): Promise<void> => {
      await Promise.all([server.close(), served.close()]);
    };
    return { url: server.url, waiting, close };
  } catch (error) {
    await served.close();
    throw error;
  }
}

function routes(served: ServedFolder, assets: Map<string, Asset>): Route {
  return async (path, search, signal) => {
    const asset = assets.get(path);
    if (asset !== undefined) {
      // A viewer of another version may have been here before.
      return { body: asset.body, type: asset.type, headers: { 'Cache-Control': 'no-cache' } };
    }
    if (path === '/report') return reportAnswer(served.report);
    if (path === '/data/run') return { json: { run: await served.run.look() } };
    if (path === '/data/run/tiles') return bytes(await served.run.tiles());
    if (!path.startsWith('/data/')) return null;
    const data = await served.data();
    if (path === '/data/version') return { json: await versionOf(served, data) };
    if (data === null) {
      if (path === '/data/folder') return { json: served.waiting };
      throw new TilewrightError('input-missing', 'Nothing is staged in this folder yet');
    }
    const found = await answerData(data, path, new URLSearchParams(search), signal);
    if (found === null) return null;
    return found instanceof Uint8Array ? bytes(found) : { json: found };
  };
}

function bytes(body: Uint8Array): Answer {
  return { body, type: 'application/octet-stream' };
}

async function versionOf(served: ServedFolder, data: FolderData | null): Promise<FolderVersion> {
  const [version, run] = await Promise.all([data?.version() ?? 0, served.run.look()]);
  return {
    version,
    report: (served.report?.version() ?? null) !== null,
    run: run === null ? null : { state: run.state, startedAt: run.startedAt },
  };
}

function reportAnswer(report: LastReport | null): Answer {
  const html = report?.html() ?? null;
  if (html === null) {
    throw new TilewrightError('input-missing', 'There is no report of a run');
  }
  return {
    body: Buffer.from(html),
    type: 'text/html; charset=utf-8',
    headers: { 'Content-Security-Policy': REPORT_POLICY },
  };
}
