/** What asks a command to stop. */

/**
 * Ctrl-C and SIGTERM; on Windows Ctrl-Break, and the closing of the window, too. Elsewhere a hang-up is left to the
 * system: a handler would undo what nohup does.
 */
export function stopSignals(platform: NodeJS.Platform): readonly NodeJS.Signals[] {
  const windows: NodeJS.Signals[] = platform === 'win32' ? ['SIGBREAK', 'SIGHUP'] : [];
  return ['SIGINT', 'SIGTERM', ...windows];
}

export const STOP_SIGNALS = stopSignals(process.platform);
