"""The reference page of the command line, made from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, Final

import typer

from regulars.ops.cli import app
from regulars.ops.mistakes import STATUSES

_HEAD: Final = """# The command line

<!-- Made from src/regulars/ops/commands by tools/reference.py. -->

`regulars COMMAND --help` says the same, on the spot. Results go to standard output, everything else to standard
error. What a command works on is said by the [settings](settings.md).
"""
_STATUSES: Final = """## Exit statuses

| status | meaning |
|---|---|
"""


def page() -> str:
    """Return the page, in Markdown."""
    root = typer.main.get_command(app)
    commands = "\n".join(_command(name, command) for name, command in _leaves(root, ()))
    statuses = "".join(f"| {status.number} | {status.meaning} |\n" for status in STATUSES)
    return f"{_HEAD}\n{commands}\n{_STATUSES}{statuses}"


def _leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, by its words."""
    below = getattr(command, "commands", None)
    if below is None:
        yield " ".join(path), command
        return
    for name, child in below.items():
        yield from _leaves(child, (*path, name))


def _command(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
    usage = " ".join(("regulars", name, *(["[OPTIONS]"] if options else []), *(one.metavar for one in arguments)))
    rows = [f"| `{one.metavar}` | {one.help} | |" for one in arguments]
    rows += [f"| `{_spelling(one)}` | {one.help} | {_default(one)} |" for one in options]
    table = "\n| | | without it |\n|---|---|---|\n" + "\n".join(rows) + "\n" if rows else ""
    example = str(command.epilog).removeprefix("Example: ")
    return (
        f"## regulars {name}\n\n```\n{usage}\n```\n\n{inspect.cleandoc(command.help)}\n{table}\n```sh\n{example}\n```\n"
    )


def _spelling(option: Any) -> str:
    return f"{option.opts[0]} {option.metavar or ''}".strip()


def _default(option: Any) -> str:
    if option.required:
        return "required"
    return "" if option.is_flag else str(option.show_default)
