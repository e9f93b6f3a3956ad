"""How PostgreSQL's programs are run: as whom, with which environment, and where their output goes."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

# A shell that starts its arguments and ends at once: what it started belongs to nobody who could end first.
_DETACHED = ("/bin/sh", "-c", '"$@" &', "sh")


class PostgresError(Exception):
    """PostgreSQL could not be prepared, started or stopped; the message says what to do."""


class CannotRunAsRootError(PostgresError):
    """PostgreSQL refuses to run as root, and none of the ways around it is open here."""


class RunAs(msgspec.Struct, frozen=True):
    """As whom the programs run: a command put before them, or another user, or neither."""

    owner: int
    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    def run(
        self,
        command: Sequence[str],
        *,
        log: Path,
        lock: int,
        environment: Mapping[str, str] | None = None,
    ) -> int:
        """Run a program to its end and return its exit status; its output goes to the log.

        It inherits the descriptor that holds a lock, so the lock lasts as long as it or its children do.
        It has a session of its own, which the terminal's Ctrl-C does not reach.
        """
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 our own list of words, no shell that reads them
                [*self.prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                env=clean_environment(environment),
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                pass_fds=[lock],
                start_new_session=True,
            )
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise

    def detach(self, command: Sequence[str], *, log: Path, lock: int) -> None:
        """Start a program that goes on by itself, holding the lock; otherwise as `run`."""
        self.run([*_DETACHED, *command], log=log, lock=lock)

    def own(self, path: Path) -> None:
        """Give a path that we made ourselves to the user who runs the programs."""
        if self.user is not None:
            os.chown(path, self.owner, -1, follow_symlinks=False)


def capture(
    command: Sequence[str], *, text: str = "", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a short program to its end, with `text` as its input, and return what it said."""
    return subprocess.run(  # noqa: S603 our own list of words, no shell
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(environment),
    )


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return our environment without the PG* variables, which would redirect the programs, in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C", **(extra or {})}


def run_as(data_dir: Path) -> RunAs:
    """Return as whom PostgreSQL runs for this data: ourselves, or for root somebody harmless.

    PostgreSQL refuses to be root. Root in a user namespace in which it is called `nobody` keeps its files
    and needs no other user; where namespaces are forbidden (many containers) the programs run as the
    data's owner, or as `nobody` with a data folder of its own.

    Raises:
        CannotRunAsRootError: the data belongs to root and namespaces are forbidden.
    """
    if os.geteuid() != 0:
        return RunAs(owner=os.geteuid())
    owner = _owner(data_dir)
    if owner not in (None, 0):
        return _as_user(pwd.getpwuid(owner))
    nobody = pwd.getpwnam("nobody")
    prefix = _namespace(nobody.pw_uid)
    if prefix is not None:
        return RunAs(owner=0, prefix=prefix)
    if owner is None:
        return _as_user(nobody)
    raise CannotRunAsRootError(
        f"The data in {data_dir} belongs to root, and user namespaces are forbidden here, so PostgreSQL "
        f"cannot run on it. Run `chown -R nobody {data_dir}` and start as root again, or give it to another "
        "user and start as that one."
    )


def _owner(data_dir: Path) -> int | None:
    try:
        owner = data_dir.stat().st_uid
    except FileNotFoundError:
        return None
    return None if owner == 0 and not any(data_dir.iterdir()) else owner


def _as_user(user: pwd.struct_passwd) -> RunAs:
    return RunAs(owner=user.pw_uid, user=user.pw_uid, group=user.pw_gid)


def _namespace(uid: int) -> tuple[str, ...] | None:
    program = shutil.which("unshare")
    if program is None:
        return None
    prefix = (program, "--user", f"--map-user={uid}", "--")
    return prefix if capture([*prefix, "true"]).returncode == 0 else None
