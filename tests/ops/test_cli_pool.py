from __future__ import annotations

from pathlib import Path

from tests.ops.shell import PROGRAMME, applied, regulars

WITH_POOL = f"""{PROGRAMME}
pools: {{cinema: {{}}}}
rewards:
  - {{id: film, type: partner_code, price: 10, pool: cinema}}
"""


def loaded(shop: Path, *codes: str, pool: str = "cinema") -> tuple[int, str, str]:
    file = shop / "codes.txt"
    file.write_text("\n".join(codes) + "\n", encoding="utf-8")
    return regulars("pool", "load", pool, str(file))


def test_codes_are_loaded_once_and_doubles_are_told(shop: Path) -> None:
    applied(shop, WITH_POOL)

    first = loaded(shop, "AAA-1", "  AAA-2  ", "", "AAA-1")
    second = loaded(shop, "AAA-2", "AAA-3")

    assert (first[0], first[1]) == (0, "2 codes added to cinema\n")
    assert "1 codes stand in the file more than once" in first[2]
    assert (second[0], second[1]) == (0, "1 codes added to cinema\n")
    assert "1 codes were there already" in second[2]


def test_a_pool_that_no_reward_hands_out_is_not_filled(shop: Path) -> None:
    applied(shop, WITH_POOL)

    status, _, told = loaded(shop, "AAA-1", pool="cinemas")

    assert (status, "there is cinema" in told) == (2, True)


def test_a_file_without_codes_is_a_mistake(shop: Path) -> None:
    applied(shop, WITH_POOL)

    status, _, told = loaded(shop, "", " ")

    assert (status, "write one a line" in told) == (2, True)
    assert regulars("pool", "load", "cinema", str(shop / "missing.txt")).status == 2
