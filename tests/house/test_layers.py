import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.repository import PACKAGE, ROOT

LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts of pyproject.toml over the package that lies in `folder`."""
    return subprocess.run(
        [sys.executable, "-c", LINT, "--config", str(ROOT / "pyproject.toml"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_every_contract_is_kept() -> None:
    result = lint(PACKAGE.parent)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("module", "source", "contract"),
    [
        ("engine/trespass.py", "import regulars.db", "Each layer knows only those below it"),
        ("connectors/trespass.py", "import regulars.db", "Each layer knows only those below it"),
        ("basement/__init__.py", "", "Each layer knows only those below it"),
        ("rules/trespass.py", "import asyncio", "The core decides without I/O"),
        ("actions/trespass.py", "from asyncpg import Connection", "Only db speaks to PostgreSQL"),
        ("rewards/trespass.py", "import regulars.rewards.victim", "Kinds know nothing of each other"),
        ("web/trespass.py", "import regulars.web.victim", "Siblings never import each other in a circle"),
    ],
)
def test_a_trespass_is_seen(tmp_path: Path, module: str, source: str, contract: str) -> None:
    package = tmp_path / "regulars"
    for folder in PACKAGE.rglob("__init__.py"):
        copy = package / folder.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text("", encoding="utf-8")
    trespass = package / module
    trespass.parent.mkdir(exist_ok=True)
    trespass.write_text(source, encoding="utf-8")
    parent = ".".join(["regulars", *Path(module).parent.parts])
    (trespass.parent / "victim.py").write_text(f"import {parent}.{trespass.stem}\n", encoding="utf-8")

    result = lint(tmp_path)

    broken = [line for line in result.stdout.splitlines() if line.rstrip().endswith("BROKEN")]
    assert result.returncode == 1, result.stdout + result.stderr
    assert any(line.startswith(contract) for line in broken), broken
