"""What CEL itself makes of a condition: slow, and the measure for every other reader."""

from collections.abc import Mapping

from regulars.engine.conditions import port
from regulars.engine.conditions.arithmetic import Failed
from regulars.engine.conditions.nodes import CheckedCondition


def reference(condition: CheckedCondition, facts: Mapping[str, object]) -> bool | Failed:
    """Return what CEL's own evaluation gives for facts: values by the names of fields."""
    used = {field.name: facts[field.name] for field in condition.fields if field.name in facts}
    return port.evaluate(condition.source, condition.catalogue, used)
