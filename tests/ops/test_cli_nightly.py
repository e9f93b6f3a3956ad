"""`regulars nightly`: what time has done is written down, once."""

from __future__ import annotations

import json
from pathlib import Path

from tests.ops.shell import applied, regulars

PROGRAMME = """
id: corner
timezone: Europe/Paris
currency: EUR
wallets:
  points: {expiry: {kind: rolling, days: 30}}
policies:
  late_events: {window_days: null}
rules:
  - {id: base, type: spend, points: 1, per_minor: 100}
tiers:
  - id: status
    measures: {spend: {of: spend}}
    period: {kind: rolling, days: 30}
    levels:
      - {id: gold, enter: {all: {spend: 1000}}}
"""


def test_settles_what_is_due_and_says_how_much(shop: Path) -> None:
    applied(shop, PROGRAMME)
    path = shop / "till.jsonl"
    lines = [_purchase(number) for number in range(3)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert regulars("import", path).status == 0

    first, again = regulars("nightly"), regulars("nightly")

    assert (first.status, again.status) == (0, 0)
    assert "settled: 3 members together, 0 one by one" in first.err
    assert "lots: 0 activated, 3 expired" in first.err
    assert "levels: 0 changed, 0 warned of" in first.err
    assert "settled: 0 members together, 0 one by one" in again.err
    assert "all is well" in regulars("verify").err
    assert regulars("replay").status == 0


def _purchase(number: int) -> dict[str, object]:
    return {
        "type": "purchase",
        "source": "till",
        "source_id": f"r-{number}",
        "member": {"external_id": f"c-{number}"},
        "occurred_at": "2026-03-01T10:00:00Z",
        "order": {
            "id": f"o-{number}",
            "currency": "EUR",
            "lines": [{"id": "1", "product": "tea", "amount_minor": 1000}],
        },
    }
