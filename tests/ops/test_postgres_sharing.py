"""One embedded PostgreSQL, used by several processes, …"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from regulars.ops.postgres import embedded
from regulars.ops.postgres_keeper import POLL_SECONDS

# Another process that uses the server: says the server's number, stays until its input ends, then stops.
ANOTHER_USER = """
import sys
from pathlib import Path
from regulars.ops.postgres import embedded
with embedded(Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    sys.stdin.read()
"""


def another_user(data_dir: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ANOTHER_USER, data_dir],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def pid_seen_by(user: subprocess.Popen[str]) -> int:
    assert user.stdout is not None
    return int(user.stdout.readline())


def leave(user: subprocess.Popen[str]) -> None:
    user.communicate(timeout=60)
    assert user.returncode == 0


def becomes_true(condition: Callable[[], bool], timeout_seconds: float = 30) -> bool:
    deadline = time.monotonic() + timeout_seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def test_is_shared_and_stopped_by_the_last_who_uses_it(data_dir: Path) -> None:
    server = embedded(data_dir)
    server.start()
    other = another_user(data_dir)
    pid_of_other = pid_seen_by(other)
    pid_of_first = server.pid

    stopped_by_first = server.stop()
    running_for_other = server.running()
    leave(other)

    assert pid_of_other == pid_of_first
    assert not stopped_by_first
    assert running_for_other
    assert not server.running()


def test_is_one_server_when_many_start_at_once(tmp_path: Path) -> None:
    users = [another_user(tmp_path / "data") for _ in range(3)]

    pids = {pid_seen_by(user) for user in users}
    for user in users:
        leave(user)

    assert len(pids) == 1
    assert not (tmp_path / "data" / "cluster" / "postmaster.pid").exists()


def test_stops_by_itself_when_its_user_is_killed(data_dir: Path) -> None:
    user = another_user(data_dir)
    pid_seen_by(user)
    server = embedded(data_dir)
    was_running = server.running()

    user.kill()
    user.communicate()

    assert was_running
    assert becomes_true(lambda: not (data_dir / "cluster" / "postmaster.pid").exists())


def test_leaves_nothing_where_its_data_is_deleted(data_dir: Path) -> None:
    with embedded(data_dir):
        pass

    shutil.rmtree(data_dir)
    time.sleep(3 * POLL_SECONDS)  # in which the keeper of that server looks again

    assert not (data_dir).exists()
