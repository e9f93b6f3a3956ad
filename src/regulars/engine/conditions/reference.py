"""What CEL itself makes of a condition: slow, and the measure for every other reader."""

from collections.abc import Mapping

from regulars.engine.conditions import port
from regulars.engine.conditions.arithmetic import MISSING, Failed
from regulars.engine.conditions.nodes import CheckedCondition


def reference(condition: CheckedCondition, facts: Mapping[str, object]) -> bool | Failed:
    """Return what CEL's own evaluation gives for facts: values by the names of fields."""
    values = {field: facts.get(field.name, MISSING) for field in condition.fields}
    there = {
        field.name: value
        for field, value in values.items()
        if value is not MISSING and (field.required or value is not None)
    }
    return port.evaluate(condition.source, condition.catalogue, there)
