"""The programme as a document: read, checked, run and written again; pure."""

from regulars.programme.checking import Checked, check, read
from regulars.programme.diff import Change, FieldChange, compare
from regulars.programme.document import Document, EventType
from regulars.programme.problems import BadProgrammeError, Problem
from regulars.programme.running import run
from regulars.programme.schema import schema
from regulars.programme.tree import Source
from regulars.programme.writing import dump, split

__all__ = [
    "BadProgrammeError",
    "Change",
    "Checked",
    "Document",
    "EventType",
    "FieldChange",
    "Problem",
    "Source",
    "check",
    "compare",
    "dump",
    "read",
    "run",
    "schema",
    "split",
]
