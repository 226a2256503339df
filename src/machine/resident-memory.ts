/** Memory that this process has in use. */

/** Bytes. Without /proc, as in some jails, the most that it has had so far. */
export function residentMemory(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
