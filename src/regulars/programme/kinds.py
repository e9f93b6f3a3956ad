"""The kinds of rule that this installation knows: one a file, and those of plug-ins."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from regulars import registry, rules
from regulars.engine.earning import Rule


@cache
def rule_kinds() -> Mapping[str, type[Rule]]:
    """Return the kinds of rule by the word that a programme uses for them: `spend`, `visit`, …

    Raises: registry.BadKindError, naming the file that is not as it must be.
    """
    return MappingProxyType(registry.discover(rules, Rule, "regulars.rules"))
