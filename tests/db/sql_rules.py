"""The SQL that Citus refuses, or runs but differently, found in the statement's syntax tree."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from msgspec import Struct
from pglast import ast as typed_ast
from pglast import enums, parse_sql

# Functions whose value is another one each time: what is decided twice must be written alike.
_VOLATILE: Final = frozenset(
    [
        *("now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday"),
        *("random", "gen_random_uuid", "uuidv4", "uuidv7", "txid_current", "pg_current_xact_id"),
    ]
)
_SEQUENCES: Final = frozenset(["nextval", "setval", "currval", "lastval"])
_SESSION: Final = frozenset(["set_config", "current_setting", "pg_notify"])
_CALENDAR: Final = frozenset(["date_trunc", "date_part", "extract", "timezone", "to_char", "age", "date"])
_SERIALS: Final = frozenset(["serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"])

# Its stubs say that every field of every node may be missing, which the grammar knows better.
ast: Any = typed_ast
Tree = Any
Rule = Callable[[Tree, "Schema"], bool]


class Schema(Struct, frozen=True):
    """Which tables are spread by bucket, and which are copied to every machine."""

    bucketed: frozenset[str]
    static: frozenset[str]


class Scope(Struct, frozen=True):
    """One level of a statement: the tables it names, by alias, and the conditions on that level."""

    node: Tree
    tables: dict[str, str]
    conditions: Sequence[Tree]


def complaints(sql: str, schema: Schema) -> list[str]:
    """Return the names of the rules that the statements of a text break."""
    roots = [raw.stmt for raw in parse_sql(sql)]
    return [rule.__name__ for rule in RULES if any(rule(root, schema) for root in roots)]


def schema_of(migrations: str) -> Schema:
    """Return which tables the migrations make."""
    bucketed: set[str] = set()
    static: set[str] = set()
    for raw in parse_sql(migrations):
        if isinstance(raw.stmt, ast.CreateStmt):
            (bucketed if _columns(raw.stmt)[:1] == ["bucket"] else static).add(raw.stmt.relation.relname)
    return Schema(frozenset(bucketed), frozenset(static))


# --- Statements --------------------------------------------------------------------------------------------


def write_without_bucket(root: Tree, schema: Schema) -> bool:
    """An UPDATE or DELETE that does not say which bucket goes to every shard, with a two-phase commit."""
    return any(
        isinstance(scope.node, ast.UpdateStmt | ast.DeleteStmt)
        and scope.node.relation.relname in schema.bucketed
        and not _says_bucket(scope, scope.node.relation)
        for scope in _scopes(root)
    )


def lock_without_bucket(root: Tree, schema: Schema) -> bool:
    """FOR UPDATE works on one shard only."""
    return any(
        bool(getattr(scope.node, "lockingClause", None))
        and any(table in schema.bucketed and not _says(scope, alias) for alias, table in scope.tables.items())
        for scope in _scopes(root)
    )


def join_not_by_bucket(root: Tree, schema: Schema) -> bool:
    """Tables that are not joined by the bucket have to be sent about; so do those of a subquery that looks outside."""
    subqueries = [link.subselect for link in _of(root, ast.SubLink)]
    subqueries += [table.subquery for table in _of(root, ast.RangeSubselect) if table.lateral]
    inside = {id(node) for subquery in subqueries for node in _of(subquery, ast.SelectStmt)}
    for scope in _scopes(root):
        bucketed = [alias for alias, table in scope.tables.items() if table in schema.bucketed]
        joined = len(bucketed) > 1 or id(scope.node) in inside
        if joined and not all(_says(scope, alias) for alias in bucketed):
            return True
    return False


def new_bucket(root: Tree, schema: Schema) -> bool:
    """A row never moves to another bucket."""
    targets = [target for update in _of(root, ast.UpdateStmt) for target in update.targetList]
    targets += [target for clause in _of(root, ast.OnConflictClause) for target in clause.targetList or ()]
    return any(target.name == "bucket" for target in targets)


def static_table_in_write(root: Tree, schema: Schema) -> bool:
    """INSERT … SELECT that joins a table copied everywhere runs on all shards, even for one bucket."""
    return any(
        insert.relation.relname in schema.bucketed
        and any(table.relname in schema.static for table in _of(insert.selectStmt, ast.RangeVar))
        for insert in _of(root, ast.InsertStmt)
    )


def clock_or_chance(root: Tree, schema: Schema) -> bool:
    """Times and ids are parameters: a volatile function in UPDATE or ON CONFLICT is refused."""
    return _calls(root, _VOLATILE) or any(True for _ in _of(root, ast.SQLValueFunction))


def calendar_in_write(root: Tree, schema: Schema) -> bool:
    """A calendar function depends on the session's zone, and is refused in an UPDATE."""
    writes = (*_of(root, ast.UpdateStmt), *_of(root, ast.DeleteStmt), *_of(root, ast.OnConflictClause))
    return any(_calls(write, _CALENDAR) for write in writes)


def subquery_in_values(root: Tree, schema: Schema) -> bool:
    """Subqueries in VALUES, in DO UPDATE and in RETURNING are refused."""
    places: list[Tree] = [select.valuesLists for select in _of(root, ast.SelectStmt)]
    places += [clause.targetList for clause in _of(root, ast.OnConflictClause)]
    places += list(_of(root, ast.ReturningClause))
    return any(True for place in places for _ in _of(place, ast.SubLink))


def array_element_in_update(root: Tree, schema: Schema) -> bool:
    """`UPDATE … SET c = array[i]` brings a worker down."""
    return any(
        isinstance(step, ast.A_Indices)
        for update in _of(root, ast.UpdateStmt)
        for target in update.targetList
        for step in _nodes(target.val)
    )


def sequence(root: Tree, schema: Schema) -> bool:
    """Sequences differ from node to node; ids are made by us."""
    types = [name.sval for kind in _of(root, ast.TypeName) for name in kind.names or ()]
    identity = [c for c in _of(root, ast.Constraint) if c.contype == enums.ConstrType.CONSTR_IDENTITY]
    made = any(True for _ in _of(root, ast.CreateSeqStmt))
    return made or bool(identity) or _calls(root, _SEQUENCES) or bool(_SERIALS.intersection(types))


def session(root: Tree, schema: Schema) -> bool:
    """Settings, notifications and table locks stay on the node where they are made."""
    kinds = (ast.NotifyStmt, ast.ListenStmt, ast.LockStmt)
    return _calls(root, _SESSION) or any(isinstance(node, kinds) for node in _nodes(root))


def advisory_lock(root: Tree, schema: Schema) -> bool:
    """Advisory locks are those of one node, and in a snapshot they come too late."""
    return any("advisory" in name for name in _functions(root))


def refused_form(root: Tree, schema: Schema) -> bool:
    """MERGE, GROUPING SETS, WITH RECURSIVE, CURRENT OF, inheritance, views and rules are refused."""
    kinds = (ast.MergeStmt, ast.GroupingSet, ast.CurrentOfExpr, ast.ViewStmt, ast.RuleStmt)
    recursive = any(clause.recursive for clause in _of(root, ast.WithClause))
    inherits = any(create.inhRelations for create in _of(root, ast.CreateStmt))
    return recursive or inherits or any(isinstance(node, kinds) for node in _nodes(root))


def row_address(root: Tree, schema: Schema) -> bool:
    """A row's physical address means nothing on another machine."""
    return any(_path(column)[-1:] == ["ctid"] for column in _of(root, ast.ColumnRef))


def everything_selected(root: Tree, schema: Schema) -> bool:
    """`SELECT *` changes with the table."""
    targets = [target.val for select in _of(root, ast.SelectStmt) for target in select.targetList or ()]
    return any(isinstance(part, ast.A_Star) for target in targets for part in getattr(target, "fields", ()))


# --- Migrations --------------------------------------------------------------------------------------------


def code_in_database(root: Tree, schema: Schema) -> bool:
    """Triggers are refused, and what is decided is decided in the engine."""
    kinds = (ast.CreateTrigStmt, ast.CreateFunctionStmt, ast.DoStmt, ast.CreateEventTrigStmt)
    return any(isinstance(node, kinds) for node in _nodes(root))


def bucket_not_first(root: Tree, schema: Schema) -> bool:
    """A table of members starts with the bucket, and so do its keys."""
    for create in _of(root, ast.CreateStmt):
        columns = _columns(create)
        keys = [[key.sval for key in c.keys] for c in _of(create, ast.Constraint) if c.keys]
        if {"bucket", "member_id"} & set(columns) and (columns[0] != "bucket" or any(k[0] != "bucket" for k in keys)):
            return True
    return any(
        index.unique and index.relation.relname in schema.bucketed and index.indexParams[0].name != "bucket"
        for index in _of(root, ast.IndexStmt)
    )


def foreign_key_of_members(root: Tree, schema: Schema) -> bool:
    """A foreign key from or to a table of members would have to follow the bucket; none is needed."""
    return any(
        constraint.contype == enums.ConstrType.CONSTR_FOREIGN
        and (create.relation.relname in schema.bucketed or constraint.pktable.relname in schema.bucketed)
        for create in (*_of(root, ast.CreateStmt), *_of(root, ast.AlterTableStmt))
        for constraint in _of(create, ast.Constraint)
    )


def several_subcommands(root: Tree, schema: Schema) -> bool:
    """ALTER TABLE does one thing at a time."""
    return any(len(alter.cmds) > 1 for alter in _of(root, ast.AlterTableStmt))


def nameless_constraint(root: Tree, schema: Schema) -> bool:
    """A constraint has a name, by which the error that it raises is known."""
    unnamed_kinds = {
        enums.ConstrType.CONSTR_NOTNULL,
        enums.ConstrType.CONSTR_NULL,
        enums.ConstrType.CONSTR_DEFAULT,
        enums.ConstrType.CONSTR_GENERATED,
        enums.ConstrType.CONSTR_IDENTITY,
    }
    return any(not c.conname and c.contype not in unnamed_kinds for c in _of(root, ast.Constraint))


RULES: Final[tuple[Rule, ...]] = (
    write_without_bucket,
    lock_without_bucket,
    join_not_by_bucket,
    new_bucket,
    static_table_in_write,
    clock_or_chance,
    calendar_in_write,
    subquery_in_values,
    array_element_in_update,
    sequence,
    session,
    advisory_lock,
    refused_form,
    row_address,
    everything_selected,
    code_in_database,
    bucket_not_first,
    foreign_key_of_members,
    several_subcommands,
    nameless_constraint,
)


# --- Walking -----------------------------------------------------------------------------------------------


def _nodes(root: Tree) -> Iterator[Tree]:
    """Return a node and everything below it."""
    if isinstance(root, tuple | list):
        for item in root:
            yield from _nodes(item)
    elif isinstance(root, ast.Node):
        yield root
        for name in root:
            yield from _nodes(getattr(root, name))


def _of(root: Tree, kind: Tree) -> Iterator[Tree]:
    return (node for node in _nodes(root) if isinstance(node, kind))


def _functions(root: Tree) -> Iterator[str]:
    return (call.funcname[-1].sval for call in _of(root, ast.FuncCall))


def _calls(root: Tree, names: frozenset[str]) -> bool:
    return any(name in names for name in _functions(root))


def _columns(create: Tree) -> list[str]:
    return [column.colname for column in create.tableElts or () if isinstance(column, ast.ColumnDef)]


def _path(column: Tree) -> list[str]:
    return [part.sval for part in column.fields if isinstance(part, ast.String)]


def _scopes(root: Tree) -> Iterator[Scope]:
    """Return each level of a statement with the tables and conditions of that level alone."""
    for node in _nodes(root):
        if isinstance(node, ast.SelectStmt | ast.UpdateStmt | ast.DeleteStmt):
            clauses = getattr(node, "fromClause", None) or getattr(node, "usingClause", None) or ()
            target = getattr(node, "relation", None)
            tables = [*_flat(clauses, ast.RangeVar), *([target] if target is not None else [])]
            joins = _flat(clauses, ast.JoinExpr)
            yield Scope(
                node,
                {_alias(table): table.relname for table in tables},
                [*(join.quals for join in joins), node.whereClause],
            )


def _flat(clauses: Sequence[Tree], kind: Tree) -> list[Tree]:
    """Return the tables or joins of a FROM clause without those of its subqueries."""
    found: list[Tree] = []
    for clause in clauses:
        if isinstance(clause, kind):
            found.append(clause)
        if isinstance(clause, ast.JoinExpr):
            found += _flat((clause.larg, clause.rarg), kind)
    return found


def _alias(table: Tree) -> str:
    return str(table.alias.aliasname if table.alias else table.relname)


def _says_bucket(scope: Scope, table: Tree) -> bool:
    return _says(scope, _alias(table))


def _says(scope: Scope, alias: str) -> bool:
    """Whether a condition of the level fixes the bucket of a table, by `=` or `= ANY`."""
    for condition in scope.conditions:
        for comparison in _of(condition, ast.A_Expr):
            sides = [side for side in (comparison.lexpr, comparison.rexpr) if isinstance(side, ast.ColumnRef)]
            if comparison.name[-1].sval == "=" and any(_is_bucket(side, scope, alias) for side in sides):
                return True
    return False


def _is_bucket(column: Tree, scope: Scope, alias: str) -> bool:
    path = _path(column)
    return path[-1] == "bucket" and (path[0] == alias if len(path) > 1 else list(scope.tables) == [alias])
