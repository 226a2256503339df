/** How a viewer is started, and what one has of it. */

import { z } from 'zod';

export const DEFAULT_PORT = 4173;

/** Of it the type of what is given is made. */
export const serveSchema = z.strictObject({
  port: z
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .meta({
      description: 'Port to listen on; 0: any that is free.',
      expects: 'a whole number from 0 to 65535',
      unset: `${DEFAULT_PORT}, or the next one that is free`,
    }),
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .meta({
      description:
        'Address to listen on. The default is for this machine alone; with another one, others may see ' +
        'what is staged: there is no password and no encryption.',
      expects: 'an address',
    }),
});

/** A page that is served. */
export interface Viewer {
  /** Where the page is, e.g. `http://127.0.0.1:4173/`. */
  url: string;
  /** Ends it and its threads. */
  close(): Promise<void>;
}

/** A viewer of a staged folder. */
export interface FolderViewer extends Viewer {
  /** Whether nothing is staged in the folder yet: then the page waits for a run. */
  waiting: boolean;
}
