"""Which rectangles each feature of a file meets, by GDAL and GEOS.

Reads from stdin {"paths": […], "boxes": [[minX, minY, maxX, maxY], …]} and writes, for each path,
an array with one entry per feature: whether GEOS calls it valid, and the indexes of the boxes that
it meets, a touch included.
"""

import json
import sys

from osgeo import gdal, ogr

gdal.UseExceptions()
ogr.UseExceptions()


def rectangle(min_x, min_y, max_x, max_y):
    ring = ogr.Geometry(ogr.wkbLinearRing)
    for x, y in ((min_x, min_y), (max_x, min_y), (max_x, max_y), (min_x, max_y), (min_x, min_y)):
        ring.AddPoint_2D(x, y)
    polygon = ogr.Geometry(ogr.wkbPolygon)
    polygon.AddGeometry(ring)
    return polygon


def boxes_of(geometry, boxes, rectangles):
    min_x, max_x, min_y, max_y = geometry.GetEnvelope()
    prepared = geometry.CreatePreparedGeometry()
    return [
        index
        for index, (x1, y1, x2, y2) in enumerate(boxes)
        if x1 <= max_x and x2 >= min_x and y1 <= max_y and y2 >= min_y
        and prepared.Intersects(rectangles[index])
    ]


request = json.load(sys.stdin)
boxes = request["boxes"]
rectangles = [rectangle(*box) for box in boxes]
answer = []
for path in request["paths"]:
    dataset = gdal.OpenEx(path, gdal.OF_VECTOR)
    features = []
    for feature in dataset.GetLayer(0):
        geometry = feature.GetGeometryRef()
        features.append({"valid": geometry.IsValid(), "boxes": boxes_of(geometry, boxes, rectangles)})
    answer.append(features)
json.dump(answer, sys.stdout)
