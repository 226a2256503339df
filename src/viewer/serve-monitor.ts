/** A live page of a run that is monitored. */

import { checkedOptions } from '../core/checked-options.ts';
import { monitoringHtml } from '../insight/monitoring/monitoring-html.ts';
import { MonitoringSource } from '../insight/monitoring/monitoring-source.ts';
import { readHistory } from '../insight/monitoring/read-history.ts';
import { readSummary } from '../insight/monitoring/read-summary.ts';
import { endedOf, type RunSummary } from '../insight/monitoring/run-summary.ts';
import { GuardedServer } from './guarded-server.ts';
import type { ServeOptions } from './serve-options.ts';
import { serveSchema, type Viewer } from './serve-schema.ts';

const MONITOR_PORT = 4183;
/** Milliseconds that an answer is given again, however many ask. */
const FRESH_MS = 900;
/** Beside the page's own policy, which names its scripts; both hold. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Serves a page that shows a run, and goes with it, until it is closed.
 * @param run - which of the file's runs: 1 is the last
 * @throws TilewrightError `usage` for a port or an address that can't be listened on, and what is
 *   wrong with the file
 */
export async function serveMonitor(
  path: string,
  run: number,
  options: ServeOptions = {},
): Promise<Viewer> {
  const { host, port } = checkedOptions(serveSchema, options);
  const source = new MonitoringSource(path, run);
  let read: { at: number; summary: RunSummary } | null = null;
  const summary = (): RunSummary => {
    const now = Date.now();
    if (read === null || now - read.at > FRESH_MS) read = { at: now, summary: readSummary(source) };
    return read.summary;
  };
  let page: { version: string; body: Uint8Array } | null = null;
  const html = (): Uint8Array => {
    const now = summary();
    const version = versionOf(now);
    if (page?.version !== version) {
      const isLive = now.state === 'running';
      const body = Buffer.from(monitoringHtml(now, readHistory(source, now), isLive));
      page = { version, body };
    }
    return page.body;
  };
  const server = new GuardedServer(host, (path) => {
    if (path === '/version') return { json: { version: versionOf(summary()) } };
    if (path === '/data') return { json: summary() };
    if (path !== '/') return null;
    const headers = { 'Content-Security-Policy': POLICY };
    return { body: html(), type: 'text/html; charset=utf-8', headers };
  });
  try {
    await server.listen(port, MONITOR_PORT);
  } catch (error) {
    source.close();
    throw error;
  }
  const close = async (): Promise<void> => {
    await server.close();
    source.close();
  };
  return { url: server.url, close };
}

/** Changes with what is to be seen. */
function versionOf({ state, tasks, counts, retried }: RunSummary): string {
  return [state, tasks, endedOf(counts), counts.running, counts.queued, retried].join(' ');
}
