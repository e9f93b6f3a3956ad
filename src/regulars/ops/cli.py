"""The command line: one file for each command in `commands/`, and one place where mistakes become sentences."""

import importlib.metadata
import sys
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from regulars.ops.commands import (
    apply,
    check,
    demo,
    export,
    history,
    import_file,
    keys,
    migrate,
    nightly,
    plan,
    pools,
    pull,
    replay,
    rollback,
    scenario,
    serve,
    up,
    verify,
    work,
)
from regulars.ops.mistakes import INTERRUPTED, mistake_of


class Commands(TyperGroup):
    """The commands, none of which shows its user a traceback for a mistake of the user's own."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command, and end with its exit status."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.stderr.write("interrupted; what was done is kept, and the same command goes on there\n")
            raise typer.Exit(INTERRUPTED) from None
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            mistake = mistake_of(error)
            if mistake is None:
                raise
            sys.stderr.write(f"regulars: {mistake.sentence}\n")
            raise typer.Exit(mistake.status) from None


app: Final = typer.Typer(
    name="regulars",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    # A traceback with local variables could show what nobody should see.
    pretty_exceptions_enable=False,
    help="An open, self-hosted, API-first loyalty platform: one event in, one decision out, one ledger.",
    epilog="To look around: regulars demo",
)
about_keys: Final = typer.Typer(no_args_is_help=True, help="Make keys for the API.")

about_pools: Final = typer.Typer(no_args_is_help=True, help="Load codes that somebody else made.")

app.command("demo", epilog=demo.EXAMPLE)(demo.demo)
app.command("up", epilog=up.EXAMPLE)(up.up)
app.command("serve", epilog=serve.EXAMPLE)(serve.serve)
app.command("work", epilog=work.EXAMPLE)(work.work)
app.command("nightly", epilog=nightly.EXAMPLE)(nightly.nightly)
app.command("migrate", epilog=migrate.EXAMPLE)(migrate.migrate)
app.command("check", epilog=check.EXAMPLE)(check.check)
app.command("plan", epilog=plan.EXAMPLE)(plan.plan)
app.command("apply", epilog=apply.EXAMPLE)(apply.apply)
app.command("history", epilog=history.EXAMPLE)(history.history)
app.command("rollback", epilog=rollback.EXAMPLE)(rollback.rollback)
app.command("pull", epilog=pull.EXAMPLE)(pull.pull)
app.add_typer(about_pools, name="pool")
about_pools.command("load", epilog=pools.EXAMPLE)(pools.load)
app.add_typer(about_keys, name="keys")
about_keys.command("create", epilog=keys.EXAMPLE)(keys.create)
app.command("scenario", epilog=scenario.EXAMPLE)(scenario.scenario)
app.command("import", epilog=import_file.EXAMPLE)(import_file.import_file)
app.command("export", epilog=export.EXAMPLE)(export.export)
app.command("verify", epilog=verify.EXAMPLE)(verify.verify)
app.command("replay", epilog=replay.EXAMPLE)(replay.replay)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"regulars {importlib.metadata.version('regulars')}\n")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Do nothing: `--version` is done by the time that this is called."""


def main() -> None:
    """Run the command that the arguments name, and end with its exit status."""
    app(prog_name="regulars")
