"""Rows of files as GDAL reads them: a path a line on standard input, a line of JSON each."""

import base64
import json
import sys

from osgeo import gdal, ogr

gdal.UseExceptions()
gdal.PushErrorHandler("CPLQuietErrorHandler")


def value(feature, i, kind):
    if not feature.IsFieldSetAndNotNull(i):
        return None
    if kind in (ogr.OFTDate, ogr.OFTTime, ogr.OFTDateTime):
        return feature.GetFieldAsString(i)
    if kind == ogr.OFTBinary:
        return base64.b16encode(bytes(feature.GetFieldAsBinary(i))).decode().lower()
    found = feature.GetField(i)
    if isinstance(found, int) and abs(found) > 2**53:
        return str(found)
    return found


def rings(polygon):
    return [[list(p[:2]) for p in polygon.GetGeometryRef(k).GetPoints() or []] for k in range(polygon.GetGeometryCount())]


def shape(feature):
    geometry = feature.GetGeometryRef()
    if geometry is None:
        return None
    kind = ogr.GT_Flatten(geometry.GetGeometryType())
    if kind == ogr.wkbPolygon:
        return [rings(geometry)] if not geometry.IsEmpty() else None
    if kind == ogr.wkbMultiPolygon:
        return [rings(geometry.GetGeometryRef(k)) for k in range(geometry.GetGeometryCount())] or None
    return None


def layer_rows(layer):
    definition = layer.GetLayerDefn()
    fields = [definition.GetFieldDefn(i) for i in range(definition.GetFieldCount())]
    rows = []
    count = 0
    for feature in layer:
        count += 1
        polygons = shape(feature)
        if polygons is not None:
            rows.append([polygons, [value(feature, i, f.GetType()) for i, f in enumerate(fields)]])
    return {"name": layer.GetName(), "columns": [f.GetName() for f in fields], "count": count, "rows": rows}


for line in sys.stdin:
    path = line.strip()
    try:
        source = ogr.Open(("/vsizip/" if path.endswith((".zip", ".shz")) else "") + path)
        layers = [] if source is None else [layer_rows(source.GetLayer(i)) for i in range(source.GetLayerCount())]
        answer = {"layers": layers}
    except Exception as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
