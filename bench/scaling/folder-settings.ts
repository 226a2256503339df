/** The settings that the simulated job is staged with: z 13 of WGS1984Quad. */

import { Config } from '../../src/staging/configuration/config.ts';
import type { FolderSettings } from '../../src/staging/folder/journal/journal.ts';
import { getTileMatrixSet } from '../../src/tms/registry.ts';

const { values } = Config.from({});

export const TILE_MATRIX_SET = getTileMatrixSet('WGS1984Quad');
export const Z = 13;

export const FOLDER_SETTINGS: FolderSettings = {
  tms: TILE_MATRIX_SET.id,
  tmsDefinition: JSON.stringify(TILE_MATRIX_SET.definition),
  z: Z,
  simplifyTolerance: null,
  properties: { ...values.properties },
  style: values.style,
  tilePathStructure: values.tilePathStructure,
  format: 'GeoPackage',
};
