/** Tiles as lines of JSON, also several in a file: each as a file of its own would be, then where they are. */

import { readFileSync } from 'node:fs';
import type { OutputFile } from '../../src/core/files/output-file.ts';
import type { StagedFormat } from '../../src/formats/staged-format.ts';
import { registerStagedFormat } from '../../src/formats/staged-formats.ts';
import { linesOf, tilesAsJson } from './rows-as-json.ts';

interface Entry {
  x: number;
  y: number;
  rows: number;
  start: number;
  end: number;
}

export const packsAsJson: StagedFormat = {
  ...tilesAsJson,
  name: 'packs as JSON',
  extension: '.packs',
  pack: {
    create(output, layer) {
      const index: Entry[] = [];
      const append = (bytes: Uint8Array, length: number): void =>
        output.write(bytes, length, output.size);
      return {
        tile(x, y, geometry) {
          const start = output.size;
          const part = {
            get size() {
              return output.size - start;
            },
            write: append,
          } as unknown as OutputFile;
          const writer = tilesAsJson.create(part, { ...layer, geometry });
          const finish = writer.finish.bind(writer);
          return Object.assign(writer, {
            finish() {
              finish();
              index.push({ x, y, rows: writer.rows, start, end: output.size });
            },
          });
        },
        finish() {
          const bytes = Buffer.from(JSON.stringify([layer.columns, index]));
          append(bytes, bytes.length);
          append(Buffer.from(String(bytes.length).padStart(9)), 9);
        },
      };
    },
    open(path) {
      const bytes = readFileSync(path);
      const length = Number(bytes.subarray(-9).toString());
      const [columns, index] = JSON.parse(bytes.subarray(-9 - length, -9).toString());
      return {
        ...{ path, columns, tiles: () => index, close: () => undefined },
        tile(x, y) {
          const found = (index as Entry[]).find((entry) => entry.x === x && entry.y === y);
          return found === undefined ? null : linesOf(path, bytes.subarray(found.start, found.end));
        },
      };
    },
  },
};

export function registerFormats(): void {
  registerStagedFormat(packsAsJson);
}
