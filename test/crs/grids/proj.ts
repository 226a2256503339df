/** What PROJ makes of points by way of a file with grids, and files with grids that GDAL writes. */

import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { after } from 'node:test';

const PYTHON = '/usr/bin/python3';

const PROGRAM = `
import json, math, sys
import numpy as np
from osgeo import gdal, osr
from pyproj import Transformer
gdal.UseExceptions()

TYPES = {"float32": gdal.GDT_Float32, "float64": gdal.GDT_Float64, "int16": gdal.GDT_Int16, "int32": gdal.GDT_Int32}

def shift(grids, points):
    pipeline = ("+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
                "+step +proj=hgridshift +grids=" + grids +
                " +step +proj=unitconvert +xy_in=rad +xy_out=deg")
    t = Transformer.from_pipeline(pipeline)
    both = []
    for direction in ("FORWARD", "INVERSE"):
        x, y = t.transform(points[0::2], points[1::2], direction=direction)
        both.append([(n if math.isfinite(n) else None) for pair in zip(x, y) for n in pair])
    return both

def geotiff(path, grids, kind, creation, sign, unit, scale):
    for g, grid in enumerate(grids):
        rows, columns = grid["rows"], grid["columns"]
        options = list(creation) + (["APPEND_SUBDATASET=YES"] if g > 0 else [])
        ds = gdal.GetDriverByName("GTiff").Create(path, columns, rows, 2, TYPES[kind], options=options)
        srs = osr.SpatialReference()
        srs.ImportFromEPSG(4326)
        ds.SetProjection(srs.ExportToWkt())
        half = 0.5
        north = grid["south"] + grid["step"] * (rows - 1)
        ds.SetGeoTransform([grid["west"] - half * grid["step"], grid["step"], 0,
                            north + half * grid["step"], 0, -grid["step"]])
        ds.SetMetadataItem("AREA_OR_POINT", grid.get("pixel", "Point"))
        ds.SetMetadataItem("TYPE", "HORIZONTAL_OFFSET")
        if grid["name"]:
            ds.SetMetadataItem("grid_name", grid["name"])
            if grid["parent"]:
                ds.SetMetadataItem("parent_grid_name", grid["parent"])
        factor = {"arc-second": 1, "degree": 1 / 3600, "radian": math.pi / 648000}[unit]
        values = np.array(grid["shifts"]).reshape(rows, columns, 2)[::-1]
        for band, which, name, by in ((1, 1, "latitude_offset", 1), (2, 0, "longitude_offset", sign)):
            b = ds.GetRasterBand(band)
            b.WriteArray(values[:, :, which] * factor * by / scale)
            b.SetDescription(name)
            b.SetUnitType(unit)
            if scale != 1:
                b.SetScale(scale)
                b.SetOffset(0)
        if sign < 0:
            ds.GetRasterBand(2).SetMetadataItem("positive_value", "west")
        ds = None

def ctable2(path, grids):
    grid = grids[0]
    rows, columns = grid["rows"], grid["columns"]
    ds = gdal.GetDriverByName("CTable2").Create(path, columns, rows, 2, gdal.GDT_Float32)
    north = grid["south"] + grid["step"] * (rows - 1)
    ds.SetGeoTransform([grid["west"] - grid["step"] / 2, grid["step"], 0, north + grid["step"] / 2, 0, -grid["step"]])
    values = np.array(grid["shifts"]).reshape(rows, columns, 2)[::-1] * (math.pi / 648000)
    ds.GetRasterBand(1).WriteArray(values[:, :, 1])
    ds.GetRasterBand(2).WriteArray(values[:, :, 0])
    ds = None

def nodes(path):
    ds = gdal.Open(path)
    west, step, _, north, _, _ = ds.GetGeoTransform()
    values = ds.GetRasterBand(1).ReadAsArray().ravel().tolist()
    return {"values": values, "west": west + step / 2, "north": north - step / 2, "step": step}

DOES = {"shift": shift, "geotiff": geotiff, "ctable2": ctable2, "nodes": nodes}
for line in sys.stdin:
    print(json.dumps([DOES[name](*arguments) for name, *arguments in json.loads(line)]), flush=True)
`;

/** Why there is nobody to ask, or false. */
export const noProj: string | false = (() => {
  const probe = 'import numpy, pyproj; from osgeo import gdal; print(pyproj.proj_version_str)';
  const { status, stdout } = spawnSync(PYTHON, ['-c', probe], { encoding: 'utf8' });
  if (status !== 0) return 'python3-pyproj or python3-gdal is not installed';
  const version = stdout.trim();
  return version.startsWith('9.') ? false : `expected values are of PROJ 9, here is ${version}`;
})();

/** Shifts in arc-seconds, east and north, interleaved, row by row from the south. */
export interface TestGrid {
  name: string;
  parent: string;
  west: number;
  south: number;
  step: number;
  columns: number;
  rows: number;
  shifts: number[];
  pixel?: 'Area' | 'Point';
}

export type Request =
  | ['shift', grids: string, points: number[]]
  | [
      'geotiff',
      path: string,
      grids: TestGrid[],
      kind: string,
      creation: string[],
      sign: number,
      unit: string,
      scale: number,
    ]
  | ['ctable2', path: string, grids: TestGrid[]]
  | ['nodes', path: string];

/** Takes requests one a line and is used again: what it imports takes longer than most answers. */
let server: ChildProcessByStdio<Writable, Readable, null> | undefined;
let lines: AsyncIterator<string> | undefined;
after(() => server?.stdin.end());

/** Answers in the order of the requests; null for what PROJ gives no number for. */
export async function askProj(requests: Request[]): Promise<unknown[]> {
  if (server === undefined) {
    server = spawn(PYTHON, ['-c', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
    lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  }
  server.stdin.write(`${JSON.stringify(requests)}\n`);
  const { value, done } = await lines!.next();
  if (done) throw new Error('Python has ended; its error is above');
  return JSON.parse(value) as unknown[];
}
