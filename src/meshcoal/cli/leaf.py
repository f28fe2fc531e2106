"""What every command shares: `--json`, an example in its help, and one way to report a failure.

Law: a leaf command always takes `--json` and always shows an example; neither can be forgotten, because
the class that makes the command adds the one and demands the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from meshcoal.cli.session import Session

F = TypeVar("F", bound=Callable[..., Any])


def _json_was_asked(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(Session).as_json = True


def json_option() -> click.Option:
    return click.Option(
        ["--json", "as_json"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_json_was_asked,
        help="Answer in JSON, for programs.",
    )


class Leaf(click.Command):
    """A command that does something.

    Args:
        example: one or more lines as they would be typed, shown at the end of the help.
    """

    def __init__(self, *args: Any, example: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example
        self.params.append(json_option())

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
        super().format_epilog(ctx, formatter)


class Branch(click.Group):
    """A command that only groups others."""

    command_class = Leaf
    group_class = type  # a group in a Branch is a Branch


def leaf(name: str, *, example: str) -> Callable[[Callable[..., Any]], Leaf]:
    """Decorator: a leaf command of the top level."""

    def make(function: Callable[..., Any]) -> Leaf:
        return click.command(name, cls=Leaf, example=example)(function)

    return make


def branch(name: str) -> Callable[[Callable[..., Any]], Branch]:
    """Decorator: a group of the top level."""

    def make(function: Callable[..., Any]) -> Branch:
        return click.group(name, cls=Branch)(function)

    return make


def yes_option(function: F) -> F:
    """`--yes`, for what cannot be undone."""
    return click.option("--yes", is_flag=True, help="Do not ask; I am sure.")(function)
