/** Bytes that went through the interfaces of this machine (or of its network namespace). */

import { readSystemFile } from './system-files.ts';

export interface NetworkCounts {
  received: number;
  sent: number;
}

/** All interfaces but loopback; null where the system does not tell. */
export function readNetworkCounts(): NetworkCounts | null {
  const text = readSystemFile('/proc/net/dev');
  return text === null ? null : parseNetworkCounts(text);
}

export function parseNetworkCounts(text: string): NetworkCounts {
  const counts = { received: 0, sent: 0 };
  for (const [, name, numbers] of text.matchAll(/^\s*([^\s:]+):\s*(.*)$/gm)) {
    if (name === 'lo') continue;
    const fields = numbers!.trim().split(/\s+/).map(Number);
    counts.received += fields[0] ?? 0;
    counts.sent += fields[8] ?? 0;
  }
  return counts;
}
