/** Options of `tilewright serve`. */

import type { z } from 'zod';
import { serveSchema } from '../../viewer/serve-schema.ts';
import { optionsOf } from './option.ts';

export interface ServeCommand extends z.output<typeof serveSchema> {
  command: 'serve';
  folder: string;
}

export const SERVE_OPTIONS = optionsOf(serveSchema, { port: {}, host: { argument: 'ADDR' } });
