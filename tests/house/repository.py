"""The repository as its own tests see it: where it lies and which files git keeps."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "regulars"


def tracked(*patterns: str) -> list[Path]:
    """Return the files in git that match any of the patterns, all of them for none."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--", *patterns], cwd=ROOT, check=True, capture_output=True
    )
    files = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    return [path for path in files if path.is_file()]
