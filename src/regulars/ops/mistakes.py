"""What went wrong, as one sentence with what to do next, and the exit status that goes with it."""

from typing import Final

from msgspec import Struct

DIFFERENT: Final = 1
WRONG_INPUT: Final = 2
CHANGES: Final = 2
NOT_READY: Final = 3
INTERRUPTED: Final = 130


class Mistake(Exception):
    """A command cannot go on, for a reason that its user can do something about."""

    def __init__(self, sentence: str, status: int = WRONG_INPUT) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


class Status(Struct, frozen=True):
    """An exit status and what it means."""

    number: int
    meaning: str


STATUSES: Final = (
    Status(0, "It is done."),
    Status(
        DIFFERENT,
        "It is done, and something is not as it should be: a programme has mistakes, a page and the platform differ, "
        "rows were set aside, an invariant is broken.",
    ),
    Status(
        WRONG_INPUT,
        "It was not begun: an option, a setting or a file is not as it must be. The message says which, and what to "
        "write instead. Of `plan`, which ends with 1 then: something would change.",
    ),
    Status(
        NOT_READY,
        "It cannot be done yet: the database is away or not migrated, no programme is in force, the port is taken, "
        "or a package is missing. The message says what to do first.",
    ),
    Status(INTERRUPTED, "It was interrupted by Ctrl-C; what was done is kept, and the same command goes on there."),
)


def mistake_of(error: Exception) -> Mistake | None:
    """Return an error as its user should read it, or None where it is ours to mend."""
    if isinstance(error, Mistake):
        return error
    if isinstance(error, ExceptionGroup):
        # Of things that were done side by side, the first that went wrong ended the others.
        return mistake_of(error.exceptions[0])
    # Imported only when something went wrong, so that the command line starts fast.
    from regulars.actions.memory import NoProgramme
    from regulars.actions.replaying import NotEmpty
    from regulars.connectors.sources.completejourney import DataMissing
    from regulars.connectors.sources.files import BadMap, Unreadable
    from regulars.connectors.tables import DuckdbMissing
    from regulars.db.errors import DatabaseError
    from regulars.db.sealing import WeakSecret
    from regulars.ops.postgres_process import PostgresError
    from regulars.ops.settings import BadSetting
    from regulars.programme import BadProgrammeError
    from regulars.programme.scenarios import BrokenPageError

    match error:
        case BadSetting() | WeakSecret() | Unreadable() | BadMap() | NotEmpty():
            return Mistake(str(error), WRONG_INPUT)
        case BadProgrammeError() | BrokenPageError():
            return Mistake("\n".join(str(problem) for problem in error.problems), DIFFERENT)
        case NoProgramme() | DataMissing() | DuckdbMissing() | PostgresError() | DatabaseError():
            return Mistake(str(error), NOT_READY)
        case _:
            return None
