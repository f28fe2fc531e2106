"""`python -m meshcoal.cli.reference`: writes docs/reference/commands.md from the commands themselves.

Law: the page is what this module prints; a test holds the two equal, so that no command, option or example
can be missing from it or differ.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from meshcoal.cli.app import PROGRAM, app
from meshcoal.cli.leaf import Leaf
from meshcoal.cli.output import script
from meshcoal.cli.table import TABLE

_INTRODUCTION = """\
# Commands

<!-- Written by `python -m meshcoal.cli.reference`. Change the help texts, not this page. -->

Everything the interface does, the command line does too. A first walk through it:
[the guide](../guide/command-line.md).

**Global options** stand before the command: `meshcoal --home DIR status`.

| option | meaning |
|---|---|
{options}

**Every command** also takes:

| option | meaning |
|---|---|
| `--json` | Answer in JSON, for programs (see below). |
| `--help` | Show the command's help, with an example. |

**JSON.** One value on standard output. Bytes are lower-case hexadecimal, times milliseconds since 1970
in UTC, -1 meaning never. Invisible and control characters are written as `\\uXXXX`, so that the output is
safe on a terminal and still exact. A failure is `{{"error": {{"code": ..., "message": ...}}}}`, also
on standard output. Fields: those of the views in [api.md](api.md).

**Names.** Where a command asks for a campaign, channel, member, contact, letter, revision or invitation, type
its name in any case, a beginning of the name that fits only one, or at least four hexadecimal digits of its
id. Other people choose names, so a name never wins over an id: where both fit, the command lists them
and does nothing.

**Locked vault.** On a terminal you are asked for the passphrase. Elsewhere the command ends with the error
`locked`.

**Daemon.** Where none runs, it is started.

Exit codes: [exit-codes.md](exit-codes.md). Errors: [errors.md](errors.md).
Settings: [settings.md](settings.md).
"""


def leaves() -> Iterator[tuple[tuple[str, ...], Leaf]]:
    """Every command that does something, with its name as typed: `("contact", "list")`."""
    root = click.Context(app, info_name=PROGRAM, **app.context_settings)
    for name in TABLE:
        found = app.get_command(root, name)
        assert found is not None, "the table names what exists"
        yield from _under((name,), found)


def _under(path: tuple[str, ...], found: click.Command) -> Iterator[tuple[tuple[str, ...], Leaf]]:
    if isinstance(found, click.Group):
        for name, command in found.commands.items():
            yield from _under((*path, name), command)
    else:
        assert isinstance(found, Leaf), "what does something shows an example"
        yield path, found


def page() -> str:
    """The whole page, in Markdown."""
    root = click.Context(app, info_name=PROGRAM, **app.context_settings)
    rows = [record for option in app.get_params(root) if (record := option.get_help_record(root))]
    parts = [_INTRODUCTION.format(options="\n".join(f"| `{names}` | {text} |" for names, text in rows))]
    section = ""
    for path, command in leaves():
        entry = TABLE[path[0]]
        if entry.section != section:
            section = entry.section
            parts.append(f"## {section}\n")
        parts.append(_command(root, path, command))
    return "\n".join(parts)


def _command(root: click.Context, path: tuple[str, ...], command: Leaf) -> str:
    context = click.Context(command, info_name=" ".join(path), parent=root)
    usage = " ".join(piece for piece in command.collect_usage_pieces(context))
    lines = [
        f"### {PROGRAM} {' '.join(path)}\n",
        f"```\n{PROGRAM} {' '.join(path)} {usage}\n```\n",
        inspect.cleandoc(command.help or "") + "\n",
    ]
    options = [
        record
        for parameter in command.params
        if isinstance(parameter, click.Option)
        and "--json" not in parameter.opts
        and (record := parameter.get_help_record(context))
    ]
    if options:
        lines.append("| option | meaning |\n|---|---|")
        lines.extend(f"| `{_cell(names)}` | {_cell(text)} |" for names, text in options)
        lines.append("")
    lines.append(f"```sh\n{command.example}\n```\n")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    script(page().rstrip("\n"))
