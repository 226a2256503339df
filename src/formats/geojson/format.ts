/** GeoJSON as an input, and on lines as tiles. */

import type { InputFormat } from '../input-format.ts';
import { lazily } from '../lazily.ts';
import type { StagedFormat } from '../staged-format.ts';
import { isGeoJson } from './recognise.ts';

const source = lazily<typeof import('./source.ts')>(import.meta.url, 'source');
const staged = lazily<typeof import('./tiles/staged.ts')>(import.meta.url, 'tiles/staged');

/** Of other JSON, too. */
const AMBIGUOUS = ['.json', '.jsonl', '.ndjson'];

export const GEOJSON: InputFormat = {
  name: 'GeoJSON',
  extensions: [
    ...(['.geojson', '.geojsonl', '.geojsons', '.geojsonseq', '.ndgeojson'] as const),
    ...AMBIGUOUS,
  ],
  ambiguous: AMBIGUOUS,
  sidecars: [],
  companions: ['.geojson.aux.xml', '.qmd'],
  recognises: isGeoJson,
  open: async (path, options) => new (source().GeoJsonSource)(path, options),
};

export const geoJsonTiles: StagedFormat = {
  name: 'GeoJSONSeq',
  extension: '.geojsonl',
  maxColumns: 5000,
  refusal: (crs) => staged().refusal(crs),
  create: (output, layer) => staged().createTile(output, layer),
  open: (path, layer) => staged().openTile(path, layer),
};
