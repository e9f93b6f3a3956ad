"""Run the measurements: `python -m bench [topic …] [--quick]`; results go to bench/results/."""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from typing import Final

from bench import engine, footprint, http, ingest, member, nightly, redeem, segments, start
from bench.report import Report

TOPICS: Final[Mapping[str, Callable[[bool], Report]]] = {
    "engine": engine.run,
    "ingest": ingest.run,
    "http": http.run,
    "member": member.run,
    "nightly": nightly.run,
    "redeem": redeem.run,
    "segments": segments.run,
    "start": start.run,
    "footprint": footprint.run,
}


def main(arguments: list[str] | None = None) -> int:
    """Measure the topics asked for, all of them by default, and return 0 when every one could be measured."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="topic", help=", ".join(TOPICS))
    parser.add_argument("--quick", action="store_true", help="a few seconds each, nothing is written: does it run?")
    asked = parser.parse_args(arguments)
    unknown = set(asked.topics) - set(TOPICS)
    if unknown:
        parser.error(f"no such topic: {', '.join(sorted(unknown))}; there are {', '.join(TOPICS)}")
    for topic in asked.topics or TOPICS:
        started = time.monotonic()
        report = TOPICS[topic](asked.quick)
        print(report.markdown())
        if not asked.quick:
            print(f"written to {report.write()}, {time.monotonic() - started:.0f} s\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
