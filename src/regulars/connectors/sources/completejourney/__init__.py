"""A year of groceries: the published teaching data set Complete Journey, told as purchases."""

from regulars.connectors.sources.completejourney.baskets import baskets
from regulars.connectors.sources.completejourney.data import (
    DEFAULT_HOUSEHOLDS,
    DataMissing,
    Survey,
    count,
    survey,
)
from regulars.connectors.sources.completejourney.notices import NOTICES, PROVENANCE, SIMULATED_CHANNEL

__all__ = [
    "DEFAULT_HOUSEHOLDS",
    "NOTICES",
    "PROVENANCE",
    "SIMULATED_CHANNEL",
    "DataMissing",
    "Survey",
    "baskets",
    "count",
    "survey",
]
