from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from regulars.ops import private


def test_the_first_text_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret"

    first = private.text_of(path, lambda: "first")
    second = private.text_of(path, lambda: "second")

    assert (first, second) == ("first", "first")


def test_of_many_who_come_first_at_once_all_read_the_same(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from regulars.ops import private; "
        "print(private.text_of(pathlib.Path(sys.argv[1]), lambda: str(os.getpid())))"
    )
    racers = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "secret")], stdout=subprocess.PIPE)
        for _ in range(6)
    ]

    read = {racer.communicate(timeout=60)[0] for racer in racers}

    assert len(read) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_text_is_replaced_whole_and_stays_its_owner_s(tmp_path: Path) -> None:
    path = tmp_path / "note"
    private.replace_text(path, "long text")

    private.replace_text(path, "short")

    assert private.kept_text(path) == "short"
    assert path.stat().st_mode & 0o777 == 0o600


def test_where_there_is_nothing_the_text_is_empty(tmp_path: Path) -> None:
    assert private.kept_text(tmp_path / "gone") == ""
