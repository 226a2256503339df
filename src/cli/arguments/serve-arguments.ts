/** Options of `tilewright serve`, and how their texts are read. */

import { DEFAULT_HOST, DEFAULT_PORT } from '../../viewer/options.ts';

export interface ServeCommand {
  command: 'serve';
  folder: string;
  port: number | undefined;
  host: string | undefined;
}

export const SERVE_OPTIONS = [
  {
    name: 'port',
    argument: 'N',
    description: 'Port to listen on; 0: any that is free.',
    default: `${DEFAULT_PORT}, or the next one that is free`,
  },
  {
    name: 'host',
    argument: 'ADDR',
    description: 'Address to listen on. With another one, others may see what is staged.',
    default: `${DEFAULT_HOST}, for this machine alone`,
  },
];

/**
 * @param given - texts of the options
 * @param usage - makes the error for a wrong command line
 */
export function serveValues(
  given: ReadonlyMap<string, string[]>,
  positionals: readonly string[],
  usage: (message: string) => Error,
): ServeCommand {
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) throw usage('serve needs one DIR.');
  return {
    command: 'serve',
    folder,
    port: readPort(given, usage),
    host: given.get('host')?.at(-1),
  };
}

/** The value of `--port`, if it is given. */
export function readPort(
  given: ReadonlyMap<string, string[]>,
  usage: (message: string) => Error,
): number | undefined {
  const port = given.get('port')?.at(-1);
  if (port === undefined) return undefined;
  if (/^\d{1,5}$/.test(port) && Number(port) < 65_536) return Number(port);
  throw usage(`--port must be a whole number from 0 to 65535, not "${port}".`);
}
