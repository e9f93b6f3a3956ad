"""A programme is planned, applied if nothing changed meanwhile, looked up, taken back and pulled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regulars import programme as programmes
from tests.ops.shell import PROGRAMME, applied, regulars

DOUBLED = PROGRAMME.replace("points: 1,", "points: 2,")
STAMPED = PROGRAMME.replace("wallets:\n", "wallets:\n  stamps: {}\n")


@pytest.fixture
def files(shop: Path) -> Path:
    """Return the file of a programme that has long been in force."""
    return applied(shop)


def rewrite(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plan_says_what_would_change_and_changes_nothing(files: Path) -> None:
    ran = regulars("plan", rewrite(files, DOUBLED))

    assert ran.status == 2
    assert ran.out == "~ rule base\n    points: 1 → 2\n"
    assert "corner: against version 1, applied by cli at 20" in ran.err
    assert "rule base changed" in ran.err
    assert "version 2" not in regulars("history").out


def test_comments_and_layout_are_no_change(files: Path) -> None:
    ran = regulars(
        "plan",
        rewrite(files, "# Our programme\n" + PROGRAMME.replace("{web: {}, shop: {}}", "\n  web: {}\n  shop: {}")),
    )

    assert ran.status == 0
    assert ran.out == ""
    assert "nothing changes" in ran.err


def test_a_first_plan_shows_all_there_would_be(shop: Path) -> None:
    ran = regulars("plan", rewrite(shop / "programme.yaml", PROGRAMME))

    assert ran.status == 2
    assert "+ wallet points\n    expiry: rolling, months 12, round_to month\n" in ran.out
    assert "no version is in force" in ran.err
    assert "the first version" in ran.err


def test_a_plan_tells_what_starts_later(files: Path) -> None:
    regulars("apply", rewrite(files, STAMPED), "--from", "2090-01-01", "--yes")

    ran = regulars("plan", rewrite(files, DOUBLED))
    after = regulars("plan", files, "--from", "2090-02-01")

    assert "from 2089-12-31T23:00:00+00:00 on version 2 is in force" in ran.err
    assert after.out == "- wallet stamps\n~ rule base\n    points: 1 → 2\n"


@pytest.mark.parametrize("wrong", ["gone.yaml", "bad.yaml"])
def test_a_plan_with_a_mistake_is_told_from_one_with_changes(shop: Path, wrong: str) -> None:
    (shop / "bad.yaml").write_text(PROGRAMME.replace("EUR", "EURO"), encoding="utf-8")

    ran = regulars("plan", shop / wrong)

    assert ran.status == 1
    assert wrong in ran.err


def test_a_plan_as_json_is_the_plan_that_is_kept(files: Path, shop: Path) -> None:
    ran = regulars("plan", rewrite(files, DOUBLED), "--json", "--out", shop / "plan.json")

    kept = json.loads((shop / "plan.json").read_text(encoding="utf-8"))
    assert json.loads(ran.out) == kept
    assert (kept["programme"], kept["newest"], kept["against"]["version"]) == ("corner", 1, 1)
    change = {
        "action": "changed",
        "noun": "rule",
        "id": "base",
        "fields": [{"field": "points", "before": 1, "after": 2}],
    }
    assert kept["changes"] == [change]


def test_a_kept_plan_is_carried_out_without_a_question(files: Path, shop: Path) -> None:
    regulars("plan", rewrite(files, DOUBLED), "--out", shop / "plan.json")

    ran = regulars("apply", files, "--plan", shop / "plan.json")

    assert ran.status == 0, ran.err
    assert ran.out.startswith("corner version 2, in force from 20")


def test_a_kept_plan_is_refused_when_somebody_applied_meanwhile(files: Path, shop: Path) -> None:
    regulars("plan", rewrite(files, DOUBLED), "--out", shop / "plan.json")
    regulars("apply", rewrite(shop / "other.yaml", STAMPED), "--yes")

    ran = regulars("apply", files, "--plan", shop / "plan.json")

    assert ran.status == 3
    assert "made against version 1 in force, and now there is version 2 in force" in ran.err
    assert "version 3" not in regulars("history").out


def test_a_kept_plan_is_refused_for_other_files(files: Path, shop: Path) -> None:
    regulars("plan", rewrite(files, DOUBLED), "--out", shop / "plan.json")

    ran = regulars("apply", rewrite(files, STAMPED), "--plan", shop / "plan.json")
    dated = regulars("apply", rewrite(files, DOUBLED), "--plan", shop / "plan.json", "--from", "2030-01-01")

    assert (ran.status, dated.status) == (2, 2)
    assert "not those that the plan was made of" in ran.err
    assert "--from is another instant" in dated.err


@pytest.mark.parametrize(("text", "said"), [("no plan", "holds no plan"), (None, "cannot be read")])
def test_what_is_no_plan_is_said(files: Path, shop: Path, text: str | None, said: str) -> None:
    if text is not None:
        (shop / "plan.json").write_text(text, encoding="utf-8")

    ran = regulars("apply", files, "--plan", shop / "plan.json")

    assert ran.status == 2
    assert said in ran.err


@pytest.mark.parametrize(("answer", "status", "versions"), [("y\n", 0, 2), ("n\n", 1, 1), ("", 2, 1)])
def test_apply_asks(files: Path, answer: str, status: int, versions: int) -> None:
    ran = regulars("apply", rewrite(files, DOUBLED), answer=answer)

    assert ran.status == status
    assert "points: 1 → 2" in ran.err
    assert len(json.loads(regulars("history", "--json").out)) == versions


def test_the_history_tells_who_changed_what_and_since_when(files: Path) -> None:
    regulars("apply", rewrite(files, DOUBLED), "--yes")
    regulars("apply", rewrite(files, STAMPED), "--from", "2090-01-01", "--yes")

    lines = regulars("history").out.splitlines()
    only = regulars("history", "--limit", "1").out.splitlines()

    assert [line.split()[0] for line in lines[2:]] == ["3", "2*", "1"]
    assert "wallet stamps added, rule base changed" in lines[2]
    assert lines[3].endswith("cli  rule base changed")
    assert lines[4].endswith("cli  the first version")
    assert only[2:] == [only[2]]


def test_the_history_needs_a_programme(shop: Path) -> None:
    ran = regulars("history")

    assert ran.status == 3
    assert "there is no programme yet" in ran.err


def test_a_rollback_is_a_new_version_of_an_old_document(files: Path) -> None:
    regulars("apply", rewrite(files, DOUBLED), "--yes")

    refused = regulars("rollback", "1", answer="n\n")
    ran = regulars("rollback", "1", "--yes")
    again = regulars("rollback", "1", "--yes")

    assert refused.status == 1
    assert "~ rule base\n    points: 2 → 1\n" in ran.err
    assert "version 3 is the document of version 1 again" in ran.err
    assert "nothing was applied" in again.err
    told = json.loads(regulars("history", "--json").out)
    assert [(one["version"], one["in_force"], one["repeats"]) for one in told] == [
        (3, True, 1),
        (2, False, None),
        (1, False, None),
    ]
    assert "version 1 again: rule base changed" in regulars("history").out


def test_a_rollback_to_nowhere_is_a_sentence(files: Path) -> None:
    ran = regulars("rollback", "7")

    assert ran.status == 2
    assert "corner has no version 7" in ran.err


def test_what_is_pulled_is_what_was_applied_with_its_comments(files: Path, shop: Path) -> None:
    text = "# Twice as many\n" + DOUBLED
    regulars("apply", rewrite(files, text), "--yes")

    shown = regulars("pull")
    ran = regulars("pull", shop / "pulled" / "programme.yaml")
    first = regulars("pull", "--version", "1")

    assert shown.out.strip() == text.strip()
    assert ran.status == 0
    assert (shop / "pulled" / "programme.yaml").read_text(encoding="utf-8") == text
    assert first.out.strip() == PROGRAMME.strip()


def test_what_is_pulled_in_parts_means_the_same(files: Path, shop: Path) -> None:
    folder = shop / "programme"

    ran = regulars("pull", folder, "--split")

    assert ran.status == 0, ran.err
    names = sorted(path.name for path in folder.glob("*.yaml"))
    assert names == ["channels.yaml", "policies.yaml", "programme.yaml", "rules.yaml", "wallets.yaml"]
    assert regulars("plan", folder).status == 0
    assert (shop / "programme" / ".regulars.json").exists()


def test_pull_asks_before_it_writes_over_something(files: Path) -> None:
    rewrite(files, DOUBLED)

    refused = regulars("pull", files, answer="n\n")
    kept = files.read_text(encoding="utf-8")
    agreed = regulars("pull", files, "--yes")

    assert (refused.status, kept) == (1, DOUBLED)
    assert agreed.status == 0
    assert files.read_text(encoding="utf-8") == PROGRAMME


def test_pull_mixes_no_programmes(files: Path, shop: Path) -> None:
    folder = shop / "programme"
    folder.mkdir()
    (folder / "other.yaml").write_text("name: Other\n", encoding="utf-8")

    mixed = regulars("pull", folder, "--split")
    into_folder = regulars("pull", folder)
    into_file = regulars("pull", files, "--split")
    nowhere = regulars("pull", "--split")

    assert [ran.status for ran in (mixed, into_folder, into_file, nowhere)] == [2, 2, 2, 2]
    assert "other.yaml too" in mixed.err


def test_the_files_notice_when_somebody_else_applied(files: Path, shop: Path) -> None:
    elsewhere = shop / "elsewhere"
    elsewhere.mkdir()
    regulars("apply", rewrite(elsewhere / "programme.yaml", STAMPED), "--yes")

    drifted = regulars("plan", files)
    regulars("pull", files, "--yes")
    pulled = regulars("plan", files)

    assert "somebody else applied it" in drifted.err
    assert drifted.out == "- wallet stamps\n"
    assert "somebody else" not in pulled.err
    assert pulled.status == 0


def test_what_the_files_know_must_be_readable(files: Path, shop: Path) -> None:
    (shop / ".regulars.json").write_text("[", encoding="utf-8")

    ran = regulars("plan", files)

    assert ran.status == 1
    assert "delete it" in ran.err


def test_several_files_are_applied_with_their_comments(shop: Path) -> None:
    head, rules = PROGRAMME.split("rules:\n")
    rewrite(shop / "1.yaml", head)
    rewrite(shop / "2.yaml", f"# What earns\nrules:\n{rules}")

    ran = regulars("apply", shop / "1.yaml", shop / "2.yaml", "--yes")

    assert ran.status == 0, ran.err
    pulled = regulars("pull").out
    assert "# What earns\n" in pulled
    assert programmes.read(pulled) == programmes.read(PROGRAMME)


def test_files_that_share_a_section_are_applied_as_what_they_say_together(shop: Path) -> None:
    rewrite(shop / "1.yaml", PROGRAMME)
    rewrite(shop / "2.yaml", "rules:\n  - {id: more, type: visit, nth: 10, points: 5}\n")

    ran = regulars("apply", shop / "1.yaml", shop / "2.yaml", "--yes")

    assert ran.status == 0, ran.err
    assert [rule.id for rule in programmes.read(regulars("pull").out).rules] == ["base", "more"]
