"""Columns, partitions and Parquet settings of the three Delta tables."""

from __future__ import annotations

from deltalake import ColumnProperties, Schema, WriterProperties
from deltalake.schema import Field, PrimitiveType

HOT, SEALED = 0, 1
PARTITIONS = ("month", "bucket", "tier")
ROLLUP_PARTITIONS = ("month", "basis")
ZSTD_LEVEL = 3
ROW_GROUP_ROWS = 131_072


def _schema(*columns: tuple[str, str, bool]) -> Schema:
    return Schema([Field(name, PrimitiveType(kind), nullable=nullable) for name, kind, nullable in columns])


READINGS = _schema(
    ("meter_id", "integer", False),
    ("ts", "timestamp", False),
    ("value", "integer", False),
    ("quality", "byte", False),
    ("rev", "short", False),
    # Hot files only: sealed files do not hold the column at all, so it costs nothing there.
    ("seq", "long", True),
    ("month", "string", False),
    ("bucket", "integer", False),
    ("tier", "integer", False),
)
ROLLUP_HOUR = _schema(
    ("meter_id", "integer", False),
    ("hour", "integer", False),
    ("value_sum", "long", False),
    ("peak_value", "integer", False),
    ("n", "short", False),
    ("n_flagged", "short", False),
    ("n_estimated", "short", False),
    ("month", "string", False),
    ("basis", "string", False),
)
ROLLUP_MONTH = _schema(
    ("meter_id", "integer", False),
    ("local_month", "date", False),
    ("timezone", "string", False),
    ("value_sum", "long", False),
    ("peak_value", "integer", False),
    ("peak_ts", "timestamp", False),
    ("first_ts", "timestamp", False),
    ("last_ts", "timestamp", False),
    ("n", "integer", False),
    ("n_flagged", "integer", False),
    ("n_estimated", "integer", False),
    ("month", "string", False),
    ("basis", "string", False),
)


def writer_properties() -> WriterProperties:
    """Parquet settings of hot files and roll-ups: packed integers, zstd, no dictionary except for text."""
    packed = ColumnProperties(dictionary_enabled=False, encoding="DELTA_BINARY_PACKED")
    numbers = [f.name for f in (*READINGS.fields, *ROLLUP_HOUR.fields, *ROLLUP_MONTH.fields) if _is_number(f)]
    return WriterProperties(
        compression="ZSTD",
        compression_level=ZSTD_LEVEL,
        max_row_group_size=ROW_GROUP_ROWS,
        column_properties=dict.fromkeys(numbers, packed),
    )


def _is_number(field: Field) -> bool:
    return isinstance(field.type, PrimitiveType) and field.type.type != "string"
