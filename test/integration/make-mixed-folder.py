"""Makes a folder of files in many CRSs with GDAL, some of them broken, and prints what is in each.

    make-mixed-folder.py FOLDER

The answer is JSON, by file: `layers` (rows and polygons that GDAL counts in each; none for a file that
GDAL can't open), `centres` (longitude and latitude of each polygon's middle by its attribute n, as PROJ
has them), and `fails`, the code that staging is to fail with, by layer ('' for the whole file).
"""

import json
import os
import sqlite3
import sys

from osgeo import gdal, ogr, osr

gdal.UseExceptions()
gdal.PushErrorHandler("CPLQuietErrorHandler")

FOLDER = sys.argv[1]
# Places in the middle of what each CRS is for: code, longitude, latitude.
PLACES = [
    (3413, -150, 71), (4326, 10, 50), (3857, 11, 48), (32633, 15, 52), (3031, 60, -75), (2154, 2.5, 47),
    (27700, -1.5, 53), (28992, 5.4, 52.1), (5514, 15.5, 49.9), (2263, -74, 40.7), (3035, 9, 51),
    (6933, 20, -10),
]
answer = {}


def system(code):
    srs = osr.SpatialReference()
    srs.ImportFromEPSG(code)
    srs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return srs


WGS84 = system(4326)


def square(x, y, size):
    ring = ogr.Geometry(ogr.wkbLinearRing)
    for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)):
        ring.AddPoint_2D(x + (dx - 0.5) * size, y + (dy - 0.5) * size)
    polygon = ogr.Geometry(ogr.wkbPolygon)
    polygon.AddGeometry(ring)
    return polygon


def multi(parts):
    geometry = ogr.Geometry(ogr.wkbMultiPolygon)
    for part in parts:
        geometry.AddGeometry(part)
    return geometry


def point(x, y):
    geometry = ogr.Geometry(ogr.wkbPoint)
    geometry.AddPoint_2D(x, y)
    return geometry


def write(name, layers, fails=None, columns=("n",), code=None, centres=None):
    """layers: (name, geometries) pairs"""
    path = os.path.join(FOLDER, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    driver = ogr.GetDriverByName("ESRI Shapefile" if name.endswith(".shp") else "GPKG")
    source = driver.CreateDataSource(path)
    for layer_name, geometries in layers:
        kind = ogr.wkbPolygon if name.endswith(".shp") else ogr.wkbUnknown
        layer = source.CreateLayer(layer_name, system(code) if code else None, kind)
        for column in columns:
            layer.CreateField(ogr.FieldDefn(column, ogr.OFTInteger))
        for n, geometry in enumerate(geometries):
            feature = ogr.Feature(layer.GetLayerDefn())
            feature.SetField(columns[0], n)
            feature.SetGeometry(geometry)
            layer.CreateFeature(feature)
    source = layer = None
    count(name, fails or {}, centres or {})


def count(name, fails, centres=None):
    layers = {}
    try:
        source = gdal.OpenEx(os.path.join(FOLDER, name), gdal.OF_VECTOR)
        for i in range(source.GetLayerCount()):
            layer = source.GetLayer(i)
            kinds = [feature.GetGeometryRef() for feature in layer]
            rows = polygons = 0
            for geometry in kinds:
                rows += 1
            layer.ResetReading()
            for feature in layer:
                geometry = feature.GetGeometryRef()
                if geometry is None or geometry.IsEmpty():
                    continue
                flat = ogr.GT_Flatten(geometry.GetGeometryType())
                polygons += flat in (ogr.wkbPolygon, ogr.wkbMultiPolygon)
            layers[layer.GetName()] = {"rows": rows, "polygons": polygons}
    except RuntimeError:
        layers = {}
    answer[name] = {"layers": layers, "fails": fails, "centres": centres or {}}


def raw(name, data, fails):
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(data)
    count(name, fails)


for code, lon, lat in PLACES:
    to = osr.CoordinateTransformation(WGS84, system(code))
    back = osr.CoordinateTransformation(system(code), WGS84)
    size = 0.001 if code == 4326 else 100
    x, y, _ = to.TransformPoint(lon, lat)
    middles = [(x + 3 * size * n, y + 2 * size * n) for n in range(7)]
    squares = [square(mx, my, size) for mx, my in middles]
    centres = {n: back.TransformPoint(mx, my)[:2] for n, (mx, my) in enumerate(middles)}
    write(f"{code}/plain.gpkg", [("plain", squares)], code=code, centres=centres)
    write(f"{code}/shape.shp", [("shape", squares[:5])], code=code, centres={n: centres[n] for n in range(5)})
    mixed = squares[:3] + [multi(squares[4:6]), None, point(x, y), ogr.Geometry(ogr.wkbPolygon)]
    write(f"{code}/mixed.gpkg", [("mixed", mixed)], code=code, centres={n: centres[n] for n in range(3)})
    both = [("areas", squares[:2]), ("places", [point(x, y)] * 3)]
    write(f"{code}/both.gpkg", both, {"places": "input-dropped"}, code=code)

good = [square(10, 50, 0.001), square(10.01, 50, 0.001)]
with open(os.path.join(FOLDER, "4326/plain.gpkg"), "rb") as file:
    whole = file.read()
raw("empty.gpkg", b"", {"": "input-empty"})
raw("empty.shp", b"", {"": "input-empty"})
raw("text.gpkg", b"This is none. " * 500, {"": "input-format"})
raw("cut.gpkg", whole[: len(whole) // 2 + 100], {"": "input-truncated"})
write("no-crs.gpkg", [("no-crs", good)], {"no-crs": "crs-missing"})
write("no-crs.shp", [("no-crs", good)], {"no-crs": "crs-missing"})
write("taken.gpkg", [("taken", good)], {"taken": "property-exists"}, ("staging_AREA",), 4326)
write("wide.gpkg", [("wide", good)], {"wide": "input-columns"}, [f"c{i}" for i in range(1991)], 4326)
write("nulls.shp", [("nulls", [None, None])], {"nulls": "input-dropped"}, code=4326)
write("none.gpkg", [("none", [])], code=4326)
# One in too many tiles, and one beyond the pole.
write("world.gpkg", [("world", good + [square(0, 0, 170), square(20, 95, 1)])], code=4326)
write("geometry.gpkg", [("geometry", good + good)], code=4326)
db = sqlite3.connect(os.path.join(FOLDER, "geometry.gpkg"))
for trigger in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
    db.execute(f'drop trigger "{trigger[0]}"')
db.execute("update geometry set geom = substr(geom, 1, 60) where n = 1")
db.commit()
db.close()

print(json.dumps(answer))
