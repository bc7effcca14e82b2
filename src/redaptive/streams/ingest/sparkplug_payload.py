"""The Sparkplug B payload (Eclipse Tahu `sparkplug_b.proto`, proto2): the fields that readings need.

Field numbers are those of the specification 3.0; fields that are not declared here are kept unread by protobuf.
"""

from __future__ import annotations

from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE: Final = "org.eclipse.tahu.protobuf"
_Field: Any = descriptor_pb2.FieldDescriptorProto
_TYPES: Final = {
    "uint32": _Field.TYPE_UINT32,
    "uint64": _Field.TYPE_UINT64,
    "float": _Field.TYPE_FLOAT,
    "double": _Field.TYPE_DOUBLE,
    "bool": _Field.TYPE_BOOL,
    "string": _Field.TYPE_STRING,
    "bytes": _Field.TYPE_BYTES,
}
_VALUES: Final = (("int_value", "uint32"), ("long_value", "uint64"), ("float_value", "float"),
                  ("double_value", "double"), ("boolean_value", "bool"), ("string_value", "string"))  # fmt: skip
_METRIC: Final = (("name", 1, "string"), ("alias", 2, "uint64"), ("timestamp", 3, "uint64"), ("datatype", 4, "uint32"),
                  ("is_historical", 5, "bool"), ("is_transient", 6, "bool"), ("is_null", 7, "bool"))  # fmt: skip
INT8, INT16, INT32, INT64 = 1, 2, 3, 4
UINT8, UINT16, UINT32, UINT64, FLOAT, DOUBLE, BOOLEAN, STRING, DATETIME = 5, 6, 7, 8, 9, 10, 11, 12, 13
TEXT, UUID, DATASET, BYTES, FILE, TEMPLATE = 14, 15, 16, 17, 18, 19
NO_QUANTITIES: Final = frozenset({BOOLEAN, STRING, DATETIME, TEXT, UUID, DATASET, BYTES, FILE, TEMPLATE})


def _plain(name: str, number: int, kind: str, *, oneof: bool = False) -> Any:
    field = _Field(name=name, number=number, type=_TYPES[kind], label=_Field.LABEL_OPTIONAL)
    if oneof:
        field.oneof_index = 0
    return field


def _part(name: str, number: int, kind: str, *, repeated: bool = False) -> Any:
    label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
    return _Field(
        name=name, number=number, type=_Field.TYPE_MESSAGE, label=label, type_name=f".{_PACKAGE}.Payload.{kind}"
    )


def _with_value(name: str, fields: list[Any], first: int) -> Any:
    message = descriptor_pb2.DescriptorProto(name=name, field=fields)
    message.oneof_decl.add(name="value")
    message.field.extend(_plain(v, first + i, kind, oneof=True) for i, (v, kind) in enumerate(_VALUES))
    return message


def _file() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="redaptive/sparkplug_b.proto", package=_PACKAGE, syntax="proto2")
    payload = file.message_type.add(name="Payload")
    keys = _Field(name="keys", number=1, type=_Field.TYPE_STRING, label=_Field.LABEL_REPEATED)
    payload.nested_type.add(name="PropertySet").field.extend([keys, _part("values", 2, "PropertyValue", repeated=True)])
    properties = [_plain("type", 1, "uint32"), _plain("is_null", 2, "bool")]
    payload.nested_type.append(_with_value("PropertyValue", properties, 3))
    metric = [_plain(*field) for field in _METRIC]
    payload.nested_type.append(_with_value("Metric", [*metric, _part("properties", 9, "PropertySet")], 10))
    payload.field.extend(
        [
            _plain("timestamp", 1, "uint64"),
            _part("metrics", 2, "Metric", repeated=True),
            _plain("seq", 3, "uint64"),
            _plain("uuid", 4, "string"),
            _plain("body", 5, "bytes"),
        ]
    )
    return file


_pool = descriptor_pool.DescriptorPool()
_pool.Add(_file())
Payload: Any = message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"{_PACKAGE}.Payload"))
"""The message class; made at run time, so a type checker knows nothing of its fields."""

_BITS: Final = {INT8: 32, INT16: 32, INT32: 32, INT64: 64}


def number_of(metric: Any, datatype: int = 0) -> float | None:
    """The number that a metric carries; None if it is null, or no number. Signed types travel as two's complement.

    `datatype` is that of the birth certificate, since data messages need not repeat it.
    """
    kind = metric.WhichOneof("value")
    if metric.is_null or kind in (None, "boolean_value", "string_value"):
        return None
    value = getattr(metric, kind)
    bits = _BITS.get(metric.datatype or datatype)
    if bits is not None and kind in ("int_value", "long_value") and value >= 1 << (bits - 1):
        value -= 1 << bits
    return float(value)


def texts_of(metric: Any) -> dict[str, str]:
    """The properties of a metric that are texts."""
    if not metric.HasField("properties"):
        return {}
    pairs = zip(metric.properties.keys, metric.properties.values, strict=False)
    return {key: value.string_value for key, value in pairs if value.WhichOneof("value") == "string_value"}
