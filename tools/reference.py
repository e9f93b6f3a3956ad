"""Write the reference pages that are made from code anew: the programme, its schema, the command line, the settings."""

import json
from pathlib import Path
from typing import Final

from regulars.ops import reference as command_line
from regulars.ops import settings
from regulars.programme.reference import page
from regulars.programme.schema import schema

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "reference"


def pages() -> dict[str, str]:
    """Return the text of every made page by its name."""
    return {
        "programme.md": page(),
        "programme.schema.json": json.dumps(schema(), indent=2, ensure_ascii=False) + "\n",
        "cli.md": command_line.page(),
        "settings.md": settings.page(),
    }


if __name__ == "__main__":
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(FOLDER / name)
