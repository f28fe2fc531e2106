"""`meshcoal` itself: finds the command that was named, and reports what went wrong in one line.

Law: a failure is one sentence on standard error with its code, or one JSON object on standard output where
`--json` was asked for; the exit code is that of the error (docs/reference/exit-codes.md). A bug keeps its
traceback.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import click
from click.shell_completion import CompletionItem

from meshcoal import __version__
from meshcoal.cli.session import Session
from meshcoal.cli.table import TABLE
from meshcoal.errors import BadArgument, MeshcoalError

INTERRUPTED_EXIT_CODE: Final = 130
PROGRAM: Final = "meshcoal"


class Meshcoal(click.Group):
    """The top level: knows its commands by `TABLE` and imports one when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(TABLE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = TABLE.get(cmd_name)
        if entry is None:
            return None
        found = getattr(importlib.import_module(f"meshcoal.cli.{entry.module}"), entry.attribute)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, entry in TABLE.items():
            sections.setdefault(entry.section, []).append((name, entry.help))
        # One column for all sections: the longest name decides.
        room = max(map(len, TABLE))
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl([(name.ljust(room), text) for name, text in rows])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        # Answered from the table: pressing Tab must not import every command.
        names = [
            CompletionItem(name, help=entry.help)
            for name, entry in TABLE.items()
            if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> NoReturn:
        arguments = list(sys.argv[1:] if args is None else args)
        session = extra.setdefault("obj", None) or Session()
        extra["obj"] = session
        try:
            answer = super().main(
                arguments, PROGRAM, complete_var=complete_var, standalone_mode=False, **extra
            )
            code = answer if isinstance(answer, int) else 0
        except MeshcoalError as error:
            code = error.exit_code
            _report(error.code, str(error), as_json=session.as_json)
        except click.exceptions.NoArgsIsHelpError as error:
            code = BadArgument.exit_code
            _help(error)
        except click.ClickException as error:
            code = BadArgument.exit_code
            # Parsing stopped, perhaps before `--json` was reached.
            _report(BadArgument.code, _sentence(error), as_json=session.as_json or _wants_json(arguments))
        except click.Abort:
            code = INTERRUPTED_EXIT_CODE
        finally:
            session.close()
        sys.exit(code)


def _wants_json(arguments: Sequence[str]) -> bool:
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in ours


def _sentence(error: click.ClickException) -> str:
    text = error.format_message().rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{text}. Try `{context.command_path} --help`." if context else f"{text}."


def _report(code: str, message: str, *, as_json: bool) -> None:
    from meshcoal.cli.output import emit, say

    try:
        if as_json:
            emit({"error": {"code": code, "message": message}})
        else:
            say("meshcoal: {message} ({code})", message=message, code=code, err=True)
    except OSError as exc:
        if exc.errno != errno.EPIPE:
            raise


def _help(error: click.exceptions.NoArgsIsHelpError) -> None:
    click.echo(error.format_message(), err=True)


@click.group(
    cls=Meshcoal, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where identity and vault are kept (else MESHCOAL_HOME, else the platform's folder).",
)
@click.option(
    "--language",
    metavar="CODE",
    help="Language of the interface this time: en, es, fr, ar, fa, ru, zh, my, pt, so, am or si.",
)
@click.option(
    "--linear/--no-linear",
    default=None,
    help="The interface line by line, for screen readers, braille and terminals that cannot draw.",
)
@click.option("--no-color", is_flag=True, help="No colours in the interface, as with NO_COLOR.")
@click.version_option(__version__, "--version", prog_name=PROGRAM, message="%(prog)s %(version)s")
@click.pass_context
def app(
    ctx: click.Context, home: Path | None, language: str | None, linear: bool | None, no_color: bool
) -> int | None:
    """End-to-end encrypted, peer-to-peer campaigns and joint letters.

    Without a command: opens the interface on a terminal, and elsewhere plays the rehearsal.
    """
    session = ctx.ensure_object(Session)
    if home is not None:
        from meshcoal.home import expanded

        session.home_given = expanded(home).absolute()
    session.language = language
    session.linear = linear
    if no_color:
        os.environ["NO_COLOR"] = "1"  # the interface and everything below it read this
    if ctx.invoked_subcommand is not None:
        return None
    from meshcoal.cli.play import begin

    return begin(session)


def main() -> NoReturn:
    """Entry point of the installed command."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal of a poorer character set gets escapes, not a crash.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    app.main()
