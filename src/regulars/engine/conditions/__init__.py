"""Conditions are CEL: checked when the programme is written, plain Python when an event comes."""

from regulars.engine.conditions.arithmetic import MISSING, Failed
from regulars.engine.conditions.catalogue import BadFieldError, Catalogue, Field, local_name
from regulars.engine.conditions.check import SOURCE_LENGTH_MAX, check
from regulars.engine.conditions.errors import Code, ConditionError
from regulars.engine.conditions.explain import Operand, explain_condition
from regulars.engine.conditions.kinds import Basic, Kind, ListOf, Record, RecordField
from regulars.engine.conditions.nodes import CheckedCondition
from regulars.engine.conditions.python import PythonSource, compile_python, evaluate, evaluator
from regulars.engine.conditions.reference import reference
from regulars.engine.conditions.standard import LINE, STANDARD

__all__ = [
    "LINE",
    "MISSING",
    "SOURCE_LENGTH_MAX",
    "STANDARD",
    "BadFieldError",
    "Basic",
    "Catalogue",
    "CheckedCondition",
    "Code",
    "ConditionError",
    "Failed",
    "Field",
    "Kind",
    "ListOf",
    "Operand",
    "PythonSource",
    "Record",
    "RecordField",
    "check",
    "compile_python",
    "evaluate",
    "evaluator",
    "explain_condition",
    "local_name",
    "reference",
]
