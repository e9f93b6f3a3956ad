from __future__ import annotations

from pathlib import Path

import pytest

from tests.ops.shell import PROGRAMME, applied, regulars

BAD = PROGRAMME.replace("per_minor: 100", "per_minor: none").replace("channels:", "chanels:")
DOUBTFUL = PROGRAMME.replace("  points:\n    expiry", "  stamps: {}\n  points:\n    expiry")


@pytest.fixture
def programme(tmp_path: Path) -> Path:
    path = tmp_path / "programme.yaml"
    path.write_text(PROGRAMME, encoding="utf-8")
    return path


def test_check_says_that_a_programme_can_be_applied(programme: Path) -> None:
    ran = regulars("check", programme)

    assert ran.status == 0
    assert "Corner Shop (corner) can be applied" in ran.err


def test_check_names_every_mistake_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD, encoding="utf-8")

    ran = regulars("check", path)

    assert ran.status == 1
    lines = ran.out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"{path}:6:1: ")
    assert lines[1].startswith(f"{path}:13:")
    assert "2 mistakes" in ran.err


def test_check_shows_warnings_with_their_codes_and_counts_them_only_if_asked(tmp_path: Path) -> None:
    path = tmp_path / "doubtful.yaml"
    path.write_text(DOUBTFUL, encoding="utf-8")

    ran = regulars("check", path)
    strict = regulars("check", path, "--strict")

    assert (ran.status, strict.status) == (0, 1)
    assert ran.out.startswith(f"warning: {path}:8:3: wallets.stamps: ")
    assert ran.out.rstrip().endswith("[wallet-never-filled]")


def test_check_looks_for_the_usual_file_where_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    missing = regulars("check")
    (tmp_path / "programme").mkdir()
    (tmp_path / "programme" / "all.yaml").write_text(PROGRAMME, encoding="utf-8")

    found = regulars("check")

    assert missing.status == 2
    assert "programme.yaml cannot be read" in missing.err
    assert found.status == 0


def test_check_takes_the_files_of_a_folder_together(tmp_path: Path) -> None:
    head, rules = PROGRAMME.split("rules:\n")
    (tmp_path / "1.yaml").write_text(head, encoding="utf-8")
    (tmp_path / "2.yaml").write_text(f"rules:\n{rules}", encoding="utf-8")

    ran = regulars("check", tmp_path)

    assert ran.status == 0
    assert "1 rule," in ran.err


@pytest.mark.parametrize("name", ["gone.yaml", "."])
def test_check_says_what_cannot_be_read(tmp_path: Path, name: str) -> None:
    ran = regulars("check", tmp_path / name)

    assert ran.status == 2
    assert str(tmp_path) in ran.err


def test_check_refuses_text_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("name: Café".encode("latin-1"))

    ran = regulars("check", path)

    assert ran.status == 2
    assert "UTF-8" in ran.err


def test_apply_makes_a_version_from_now_on(shop: Path, programme: Path) -> None:
    ran = regulars("apply", programme, "--yes")

    assert ran.status == 0
    assert ran.out.startswith("corner version 1, in force from 20")


def test_apply_takes_a_date_in_the_programme_s_zone(shop: Path, programme: Path) -> None:
    ran = regulars("apply", programme, "--from", "2027-01-01", "--yes")

    assert "in force from 2026-12-31T23:00:00+00:00" in ran.out


def test_applying_the_same_again_changes_nothing(shop: Path, programme: Path) -> None:
    regulars("apply", programme, "--yes")

    ran = regulars("apply", programme, "--yes")

    assert "nothing was applied" in ran.err
    assert "version 1," in ran.out


def test_another_document_is_another_version(shop: Path, programme: Path) -> None:
    applied(shop)
    programme.write_text(PROGRAMME.replace("points: 1,", "points: 2,"), encoding="utf-8")

    ran = regulars("apply", programme, "--yes")

    assert "version 2," in ran.out


def test_apply_applies_nothing_that_has_mistakes(shop: Path) -> None:
    path = shop / "bad.yaml"
    path.write_text(BAD, encoding="utf-8")

    ran = regulars("apply", path)

    assert ran.status == 1
    assert f"{path}:6:1: " in ran.err
    assert regulars("keys", "create", "till", "--scope", "all").status == 3


def test_apply_refuses_what_is_no_date(shop: Path, programme: Path) -> None:
    ran = regulars("apply", programme, "--from", "soon")

    assert ran.status == 2
    assert "'soon' is not a time" in ran.err
