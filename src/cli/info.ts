/** `tilewright info`: what is in a file. */

import { toTilewrightError } from '../core/errors.ts';
import { openSource } from '../formats/open.ts';
import type { LayerInfo } from '../formats/source.ts';
import type { Command } from './arguments.ts';

type InfoCommand = Extract<Command, { command: 'info' }>;

/** Describes each file; one that can't be read does not stop the others. */
export function infoCommand({ files, json }: InfoCommand): number {
  let failed = false;
  const described: object[] = [];
  for (const path of files) {
    try {
      const source = openSource(path);
      try {
        const layers = source.layers().map(describe);
        described.push({ path, format: source.format, layers });
        if (!json) process.stdout.write(textOf(path, source.format, source.layers()));
      } finally {
        source.close();
      }
    } catch (caught) {
      const error = toTilewrightError(caught, { input: path }, 'input-unreadable');
      failed = true;
      described.push({ path, error: error.toJSON() });
      process.stderr.write(`${path}: ${error.message}\n`);
    }
  }
  if (json) process.stdout.write(`${JSON.stringify(described, null, 2)}\n`);
  return failed ? 1 : 0;
}

/** Only what is part of the interface: readers keep more about a layer. */
function describe(layer: LayerInfo): LayerInfo {
  const { name, geometryType, featureCount, columns, crs, extent, bytes } = layer;
  return { name, geometryType, featureCount, columns, crs, extent, bytes };
}

function textOf(path: string, format: string, layers: LayerInfo[]): string {
  const lines = [`${path}  (${format}, ${layers.length} layer${layers.length === 1 ? '' : 's'})`];
  for (const layer of layers) {
    const { crs, extent } = layer;
    const id = crs?.code === undefined ? '' : `${crs.authority}:${crs.code}`;
    lines.push(
      `  ${layer.name}`,
      `    geometry  ${layer.geometryType}, ${layer.featureCount.toLocaleString('en')} features`,
      `    CRS       ${crs === null ? 'none; stage it with --input-crs' : [id, crs.name].filter(Boolean).join('  ')}`,
      `    extent    ${extent === null ? 'not known' : extent.join(', ')}`,
      `    columns   ${layer.columns.map((column) => `${column.name} (${column.type})`).join(', ') || 'none'}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
