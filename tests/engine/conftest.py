"""How long the property tests of the engine look: quickly, or thoroughly with REGULARS_PROPERTIES=thorough."""

import os

from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

settings.register_profile("quick", max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=_SLOW)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=3_000, stateful_step_count=60)
settings.load_profile(os.environ.get("REGULARS_PROPERTIES", "quick"))
