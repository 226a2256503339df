"""Layers of files as GDAL reads them: a path a line on standard input, a line of JSON each; JSON tells what to write."""

import json
import math
import sys

from osgeo import gdal, ogr, osr

gdal.UseExceptions()
osr.UseExceptions()
warnings = []


def note(level, number, message):
    if level >= gdal.CE_Warning:
        warnings.append(message)


gdal.PushErrorHandler(note)


def zone(flag):
    if flag <= 1:
        return ""
    minutes = abs(flag - 100) * 15
    return "Z" if minutes == 0 else f"{'-' if flag < 100 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def plain(value):
    if isinstance(value, list):
        return [plain(one) for one in value]
    # What JSON can't say, or JavaScript would round.
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return str(value) if isinstance(value, int) and abs(value) > 2**53 else value


def value(feature, i, kind):
    if not feature.IsFieldSetAndNotNull(i):
        return None
    if kind in (ogr.OFTDate, ogr.OFTTime, ogr.OFTDateTime):
        year, month, day, hour, minute, second, flag = feature.GetFieldAsDateTime(i)
        date = f"{year:04}-{month:02}-{day:02}"
        time = f"{hour:02}:{minute:02}:{second:06.3f}"
        return date if kind == ogr.OFTDate else time if kind == ogr.OFTTime else f"{date}T{time}{zone(flag)}"
    if kind == ogr.OFTBinary:
        return bytes(feature.GetFieldAsBinary(i)).hex()
    # GetField has no empty ones.
    found = (feature.GetFieldAsStringList(i) or []) if kind == ogr.OFTStringList else feature.GetField(i)
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else plain(found)


def kind_name(field):
    subtype = field.GetSubType()
    name = field.GetTypeName()
    return name if subtype == ogr.OFSTNone else f"{name}({ogr.GetFieldSubTypeName(subtype)})"


def wkb(feature):
    geometry = feature.GetGeometryRef()
    return None if geometry is None else bytes(geometry.ExportToIsoWkb(ogr.wkbNDR)).hex()


def code_of(crs):
    name, code = crs.GetAuthorityName(None), crs.GetAuthorityCode(None)
    return crs.GetName() if code is None else f"{name}:{code}"


def layer_of(layer):
    definition = layer.GetLayerDefn()
    fields = [definition.GetFieldDefn(i) for i in range(definition.GetFieldCount())]
    count = layer.GetFeatureCount()
    rows = []
    for feature in layer:
        values = [value(feature, i, f.GetType()) for i, f in enumerate(fields)]
        rows.append([feature.GetFID(), wkb(feature), values])
    crs = layer.GetSpatialRef()
    return {
        "name": layer.GetName(),
        "hasGeometries": definition.GetGeomFieldCount() > 0,
        "columns": [{"name": f.GetName(), "type": kind_name(f)} for f in fields],
        "crs": None if crs is None else code_of(crs),
        "count": count,
        "rows": rows,
    }


def set_value(feature, i, value, kind):
    if value is None:
        feature.SetFieldNull(i)
    elif kind == "Binary":
        feature.SetFieldBinaryFromHexString(i, value)
    elif kind.startswith("Real"):
        feature.SetField(i, float(value))
    else:
        feature.SetField(i, value)


def write(path, driver, options, geometry, crs, columns, rows):
    source = ogr.GetDriverByName(driver).CreateDataSource(path)
    reference = None
    if crs is not None:
        reference = osr.SpatialReference()
        reference.ImportFromEPSG(crs)
    layer = source.CreateLayer("a", reference, geometry, options)
    for column in columns:
        kind, _, subtype = column["type"].rstrip(")").partition("(")
        field = ogr.FieldDefn(column["name"], getattr(ogr, f"OFT{kind}"))
        if subtype:
            field.SetSubType(getattr(ogr, f"OFST{subtype}"))
        layer.CreateField(field)
    for wkb, values in rows:
        feature = ogr.Feature(layer.GetLayerDefn())
        for i, value in enumerate(values):
            set_value(feature, i, value, columns[i]["type"])
        if wkb is not None:
            feature.SetGeometry(ogr.CreateGeometryFromWkb(bytes.fromhex(wkb)))
        layer.CreateFeature(feature)
    return {"layers": [], "driver": driver}


for line in sys.stdin:
    path = line.rstrip("\n")
    warnings.clear()
    if path.startswith("{"):
        try:
            answer = write(**json.loads(path))
        except Exception as error:
            answer = {"error": str(error)}
        print(json.dumps({**answer, "warnings": warnings}), flush=True)
        continue
    try:
        # The dataset has to live as long as its layers.
        source = ogr.Open(("/vsizip/" if path.endswith(".zip") else "") + path)
        layers = [] if source is None else [layer_of(source.GetLayer(i)) for i in range(source.GetLayerCount())]
        answer = {"layers": layers, "driver": None if source is None else source.GetDriver().GetName()}
        source = None
    except Exception as error:
        answer = {"error": str(error)}
    print(json.dumps({**answer, "warnings": warnings}), flush=True)
