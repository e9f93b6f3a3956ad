"""The guide on programmes as code is followed to the letter, in an empty folder."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.ops.shell import Ran, regulars

GUIDE = (Path(__file__).parents[2] / "docs" / "how-to" / "programme-as-code.md").read_text(encoding="utf-8")
FILES = re.findall(r"^`(\S+\.yaml)`:\n\n```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
STEPS = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def does(step: str) -> list[Ran]:
    """Give the commands of a step, one after the other, and return how each of ours ended."""
    ran = []
    for line in step.splitlines():
        command, *arguments = shlex.split(line)
        if command == "regulars":
            ran.append(regulars(*arguments))
        else:
            subprocess.run([command, *arguments], check=True)
    return ran


def test_every_step_does_what_the_guide_says(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    for name, text in FILES:
        (shop / name).parent.mkdir(exist_ok=True)
        (shop / name).write_text(text, encoding="utf-8")
    check, apply, change, pull = STEPS

    (checked,) = does(check)
    planned, applied = does(apply)
    second, history, rolled_back = does(change)
    pulled, in_parts, nothing = does(pull)

    assert (checked.status, checked.out) == (0, "")
    assert (planned.status, applied.status) == (2, 0)
    assert "corner version 1" in applied.out
    assert "points: 1 → 2" in second.err
    assert [line.split()[0] for line in history.out.splitlines()[2:]] == ["2*", "1"]
    assert "version 3 is the document of version 1 again" in rolled_back.err
    assert [pulled.status, in_parts.status, nothing.status] == [0, 0, 0]
    assert "# One point for every euro" in (shop / "now.yaml").read_text(encoding="utf-8")
    assert "somebody else" not in nothing.err
