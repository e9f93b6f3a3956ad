"""Make the virtual environment and fill it with exactly the files that the requirements name by hash.

Run by the Makefile with whatever Python the machine has, so it uses the standard library only.
"""

import subprocess
import sys
from pathlib import Path

USAGE = """usage: environment.py create FOLDER
       environment.py install REQUIREMENTS.txt ..."""


def main(arguments: list[str]) -> int:
    """Return the exit status of the one thing that was asked for."""
    match arguments:
        case ["create", folder]:
            return create(Path(folder))
        case ["install", *requirements] if requirements:
            return install(requirements)
        case _:
            print(USAGE, file=sys.stderr)
            return 2


def create(folder: Path) -> int:
    """Make the environment, or keep the one that is there and works."""
    python = folder / "bin" / "python"
    if python.exists():
        works = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
        if works.returncode == 0:
            return 0
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    try:
        import ensurepip  # noqa: F401  # only to learn whether Debian split it off
        import venv
    except ImportError:
        print(
            f"Python {version} at {sys.executable} comes without venv, which Regulars installs itself into.\n"
            f"Install it (on Debian: apt-get install python{version}-venv), then run make again.",
            file=sys.stderr,
        )
        return 1
    print(f"Making {folder} with Python {sys.version.split()[0]} …", flush=True)
    venv.create(folder, with_pip=True, clear=folder.exists())
    return 0


def install(requirements: list[str]) -> int:
    """Install every named file by hash, then Regulars itself as a path to its sources."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    for name in requirements:
        print(f"Installing {name} …", flush=True)
        # --no-deps: a requirements file is complete, and the data's own wish for pandas is declined.
        exact = ["--require-hashes", "--no-deps", "--requirement", name]
        if subprocess.run([*pip, *exact], check=False).returncode:
            print(
                f"{name} could not be installed: pip says why above. Run make again to retry.",
                file=sys.stderr,
            )
            return 1
    return subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--editable", "."], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
