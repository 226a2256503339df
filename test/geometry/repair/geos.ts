/** GEOS by way of Python's ctypes: what it says of polygons, and makes of them. Only for tests. */

import { spawnSync } from 'node:child_process';
import type { FeatureBatch } from '../../../src/geometry/batch.ts';
import { polygonsOf } from '../../conformance/jts.ts';

/** Debian's, which has nothing but the standard library to need. */
const PYTHON = '/usr/bin/python3';

/** Reads geometries as a count of bytes and WKB; writes seven doubles for each. */
const PROGRAM = `
import ctypes, math, struct, sys
from ctypes import byref, c_double, c_int, c_size_t, c_void_p
geos = ctypes.CDLL('libgeos_c.so.1')
def call(name, result, *types):
    function = getattr(geos, name)
    function.restype = result
    function.argtypes = types
    return function
init = call('GEOS_init_r', c_void_p)
context = init()
reader = call('GEOSWKBReader_create_r', c_void_p, c_void_p)(context)
read = call('GEOSWKBReader_read_r', c_void_p, c_void_p, c_void_p, ctypes.c_char_p, c_size_t)
params = call('GEOSMakeValidParams_create_r', c_void_p, c_void_p)(context)
call('GEOSMakeValidParams_setMethod_r', c_int, c_void_p, c_void_p, c_int)(context, params, 1)
call('GEOSMakeValidParams_setKeepCollapsed_r', c_int, c_void_p, c_void_p, c_int)(context, params, 0)
make_valid = call('GEOSMakeValidWithParams_r', c_void_p, c_void_p, c_void_p, c_void_p)
is_valid = call('GEOSisValid_r', ctypes.c_byte, c_void_p, c_void_p)
area_of = call('GEOSArea_r', c_int, c_void_p, c_void_p, ctypes.POINTER(c_double))
destroy = call('GEOSGeom_destroy_r', None, c_void_p, c_void_p)
def describe(geometry):
    if not geometry:
        return math.nan, 2
    area = c_double(math.nan)
    area_of(context, geometry, byref(area))
    return area.value, is_valid(context, geometry)
data = sys.stdin.buffer.read()
at = 0
while at < len(data):
    size, = struct.unpack_from('<I', data, at)
    wkb = data[at + 4:at + 4 + size]
    at += 4 + size
    geometry = read(context, reader, wkb, size)
    made = make_valid(context, geometry, params) if geometry else None
    sys.stdout.buffer.write(struct.pack('<dddd', *describe(geometry), *describe(made)))
    for one in (geometry, made):
        if one:
            destroy(context, one)
`;

const probe = spawnSync(PYTHON, [
  '-c',
  "import ctypes; ctypes.CDLL('libgeos_c.so.1').GEOSMakeValidWithParams_r",
]);

/** For `node:test`: why GEOS can't be asked, or false. */
export const geosSkip: string | false =
  probe.status === 0 ? false : 'GEOS 3.10 or newer (libgeos_c) or Python is not there';

interface GeosAnswer {
  area: number;
  isValid: boolean;
  /** Of what MakeValid makes of it, with the method `structure` and nothing collapsed; NaN if it fails. */
  repairedArea: number;
  repairedIsValid: boolean;
}

/** What GEOS says of each feature of the batch. */
export function askGeos(batch: FeatureBatch): GeosAnswer[] {
  const input = Buffer.concat(
    Array.from({ length: batch.featureCount }, (_, i) => {
      const wkb = multiPolygonWkb(polygonsOf(batch, i));
      const size = Buffer.alloc(4);
      size.writeUInt32LE(wkb.length);
      return Buffer.concat([size, wkb]);
    }),
  );
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', PROGRAM], {
    input,
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`GEOS: ${stderr.toString()}`);
  return Array.from({ length: batch.featureCount }, (_, i) => ({
    area: stdout.readDoubleLE(32 * i),
    isValid: stdout.readDoubleLE(32 * i + 8) === 1,
    repairedArea: stdout.readDoubleLE(32 * i + 16),
    repairedIsValid: stdout.readDoubleLE(32 * i + 24) === 1,
  }));
}

/** Rings that are not closed, are closed; those of fewer than four vertices are filled up with their last. */
function multiPolygonWkb(polygons: number[][][]): Buffer {
  const parts = [header(6, polygons.length)];
  for (const rings of polygons) {
    parts.push(header(3, rings.length));
    for (const drawn of rings) {
      const ring = [...drawn];
      if (ring[0] !== ring.at(-2) || ring[1] !== ring.at(-1)) ring.push(ring[0]!, ring[1]!);
      while (ring.length < 8) ring.push(ring.at(-2)!, ring.at(-2)!);
      const bytes = Buffer.alloc(4 + 8 * ring.length);
      bytes.writeUInt32LE(ring.length / 2);
      for (const [k, value] of ring.entries()) bytes.writeDoubleLE(value, 4 + 8 * k);
      parts.push(bytes);
    }
  }
  return Buffer.concat(parts);
}

function header(type: number, count: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(1);
  bytes.writeUInt32LE(type, 1);
  bytes.writeUInt32LE(count, 5);
  return bytes;
}
