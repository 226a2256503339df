/** Options that several commands have, as fields of their schemas. */

import { z } from 'zod';

export function flag(description: string) {
  return z.boolean().default(false).meta({ description, expects: 'true or false' });
}

export function pageFile(description: string) {
  const meta = { description, expects: 'the path of a file or null', unset: 'none' };
  return z.string().min(1).nullable().default(null).meta(meta);
}

export function runNumber(description: string) {
  return z.int().positive().default(1).meta({ description, expects: 'a whole number ≥ 1' });
}
