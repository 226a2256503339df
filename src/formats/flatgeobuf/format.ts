/** FlatGeobuf, as an input and as tiles. */

import type { InputFormat } from '../input-format.ts';
import { lazily } from '../lazily.ts';
import type { StagedFormat } from '../staged-format.ts';
import { isFlatGeobuf } from './recognise.ts';

const source = lazily<typeof import('./source.ts')>(import.meta.url, 'source');
const staged = lazily<typeof import('./staged.ts')>(import.meta.url, 'staged');

export const FLATGEOBUF: InputFormat = {
  name: 'FlatGeobuf',
  extensions: ['.fgb'],
  sidecars: [],
  companions: [],
  recognises: isFlatGeobuf,
  open: async (path, options) => new (source().FlatGeobufSource)(path, options),
};

export const flatGeobufTiles: StagedFormat = {
  name: 'flatgeobuf',
  extension: '.fgb',
  // A value could name sixteen times as many; the header has all of them.
  maxColumns: 4096,
  create: (output, layer) => staged().createTile(output, layer),
  open: (path, layer) => staged().openTile(path, layer),
};
