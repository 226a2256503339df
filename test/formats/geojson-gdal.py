"""Prints what GDAL reads of a vector file, a JSON object a line: its geometry as WKB, its fields as texts."""

import json
import sys

from osgeo import gdal, ogr

gdal.UseExceptions()
# The dataset has to live as long as its layer.
dataset = ogr.Open(sys.argv[1])
layer = dataset.GetLayer(0)
definition = layer.GetLayerDefn()
names = [definition.GetFieldDefn(i).GetName() for i in range(definition.GetFieldCount())]
types = [definition.GetFieldDefn(i).GetTypeName() for i in range(definition.GetFieldCount())]
print(json.dumps({"count": layer.GetFeatureCount(), "names": names, "types": types}))
for feature in layer:
    geometry = feature.GetGeometryRef()
    wkb = None if geometry is None else bytes(geometry.ExportToIsoWkb(ogr.wkbNDR)).hex()
    values = [
        feature.GetFieldAsString(i) if feature.IsFieldSetAndNotNull(i) else None
        for i in range(len(names))
    ]
    print(json.dumps({"wkb": wkb, "values": values}))
