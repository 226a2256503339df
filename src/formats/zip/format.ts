/** Zipped shapefiles. */

import type { InputFormat } from '../input-format.ts';
import { lazily } from '../lazily.ts';

const source = lazily<typeof import('./source.ts')>(import.meta.url, 'source');
const MAGIC = 'PK\x03\x04';

export const ZIPPED_SHAPEFILES: InputFormat = {
  name: 'zipped shapefile',
  extensions: ['.zip', '.shz'],
  ambiguous: ['.zip'],
  sidecars: [],
  companions: [],
  recognises: (head, path) =>
    Buffer.from(head).toString('latin1').startsWith(MAGIC) && source().hasShapefiles(path),
  open: async (path, options) => new (source().ZippedSource)(path, options),
};
