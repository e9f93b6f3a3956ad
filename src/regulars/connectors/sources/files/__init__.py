"""Events out of files: JSON Lines as the API takes them, and tables (CSV, Parquet) row by row or by order line."""

from regulars.connectors.sources.files.mapping import BadMap, Constant, Map, read_map
from regulars.connectors.sources.files.reading import count, events, header
from regulars.connectors.sources.files.rows import BadRow, Format, Options, Row, Unreadable

__all__ = [
    "BadMap",
    "BadRow",
    "Constant",
    "Format",
    "Map",
    "Options",
    "Row",
    "Unreadable",
    "count",
    "events",
    "header",
    "read_map",
]
