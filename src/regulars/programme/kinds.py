"""The kinds that this installation knows, of rules and of all that has kinds: one a file, and those of plug-ins."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from msgspec import Struct

from regulars import registry, rewards, rules
from regulars.engine.earning import Rule
from regulars.engine.rewards import Reward


@cache
def rule_kinds() -> Mapping[str, type[Rule]]:
    """Return the kinds of rule by the word that a programme uses for them: `spend`, `visit`, …

    Raises: registry.BadKindError, naming the file that is not as it must be.
    """
    return MappingProxyType(registry.discover(rules, Rule, "regulars.rules"))


@cache
def reward_kinds() -> Mapping[str, type[Reward]]:
    """Return the kinds of reward by the word that a programme uses for them: `amount_off`, `event_seat`, …

    Raises: registry.BadKindError, naming the file that is not as it must be.
    """
    return MappingProxyType(registry.discover(rewards, Reward, "regulars.rewards"))


def every_kind() -> Mapping[type[Struct], Mapping[str, type[Struct]]]:
    """Return, by each class that only stands for its kinds, those by their tags.

    What a programme can say, the reference and the schema follow from it: here is the one place to enrol
    another sort of thing that has kinds.

    Raises: registry.BadKindError, naming the file that is not as it must be.
    """
    return {Rule: rule_kinds(), Reward: reward_kinds()}
