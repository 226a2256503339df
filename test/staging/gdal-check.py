"""What GDAL makes of GeoPackages: validation, layer, and spatial filters against brute force.

Reads from stdin a JSON array of {"path": …, "boxes": [[minX, minY, maxX, maxY], …]} and writes an
array of what it found, in the same order.
"""

import json
import sys

from osgeo import gdal, ogr
from osgeo_utils.samples.validate_gpkg import GPKGChecker

gdal.UseExceptions()
ogr.UseExceptions()


def validate(path):
    checker = GPKGChecker(path, abort_at_first_error=False, extra_checks=True,
                          warning_msg=False, warning_as_error=True)
    checker.check()
    return [str(error) for error in checker.errors]


def filtered(layer, box):
    """Ids that the filter lets through, and whether GDAL said that it asks the R-tree."""
    messages = []
    gdal.PushErrorHandler(lambda kind, number, text: messages.append(text))
    gdal.SetConfigOption("CPL_DEBUG", "ON")
    layer.SetSpatialFilterRect(*box)
    ids = [feature.GetFID() for feature in layer]
    layer.SetSpatialFilter(None)
    gdal.SetConfigOption("CPL_DEBUG", "OFF")
    gdal.PopErrorHandler()
    return sorted(ids), any('SELECT id FROM "rtree_' in text for text in messages)


def describe(item):
    dataset = gdal.OpenEx(item["path"], gdal.OF_VECTOR, allowed_drivers=["GPKG"])
    layer = dataset.GetLayer(0)
    found = {
        "errors": validate(item["path"]),
        "layers": dataset.GetLayerCount(),
        "name": layer.GetName(),
        "type": ogr.GeometryTypeToName(layer.GetGeomType()),
        "count": layer.GetFeatureCount(),
        "srs": layer.GetSpatialRef().ExportToProj4().strip(),
        "key": layer.GetFIDColumn(),
        "geometry": layer.GetGeometryColumn(),
        "filters": [],
    }
    features = [(feature.GetFID(), feature.GetGeometryRef().Clone()) for feature in layer]
    found["invalid"] = sum(not geometry.IsValid() for _, geometry in features)
    found["types"] = sorted({geometry.GetGeometryName() for _, geometry in features})
    for box in item.get("boxes", []):
        x0, y0, x1, y1 = box
        ring = f"{x0} {y0},{x1} {y0},{x1} {y1},{x0} {y1},{x0} {y0}"
        window = ogr.CreateGeometryFromWkt(f"POLYGON(({ring}))")
        brute = sorted(fid for fid, geometry in features if geometry.Intersects(window))
        ids, rtree = filtered(layer, box)
        found["filters"].append({"ids": ids, "brute": brute, "rtree": rtree})
    return found


json.dump([describe(item) for item in json.load(sys.stdin)], sys.stdout)
