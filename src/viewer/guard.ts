/** Who is answered, and what browsers are told about the answers. */

import { hostname, networkInterfaces } from 'node:os';

export type Headers = Record<string, string>;

/** Of every answer. */
export const COMMON_HEADERS: Headers = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
};

/** Nothing but what this server has; no script or style within the page, no frame around it. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'none'";

/** A report is one file: its scripts and styles are in it. It runs in a sandbox, without an origin. */
export const REPORT_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; " +
  "font-src data:; base-uri 'none'; form-action 'none'; sandbox allow-scripts; " +
  "frame-ancestors 'self'";

const WILDCARDS = new Set(['0.0.0.0', '::']);

/** The host of a URL for this machine, where the server listens on all its addresses too. */
export function urlHost(host: string): string {
  if (WILDCARDS.has(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** Whether only this machine can reach a server on this address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Values of the header Host that are answered. A page elsewhere can have its own name lead to
 * 127.0.0.1, and would then be taken for ours; but the browser sends that name along.
 */
export function allowedHosts(host: string, port: number): Set<string> {
  const names = ['127.0.0.1', 'localhost', '::1', host];
  if (WILDCARDS.has(host)) {
    names.push(hostname());
    for (const addresses of Object.values(networkInterfaces())) {
      for (const { address } of addresses ?? []) names.push(address);
    }
  }
  const allowed = new Set<string>();
  for (const name of names) {
    const written = (name.includes(':') ? `[${name}]` : name).toLowerCase();
    allowed.add(`${written}:${port}`);
    // Browsers leave out the standard port.
    if (port === 80) allowed.add(written);
  }
  return allowed;
}
