"""`meshcoal completion`: a script that teaches a shell to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from meshcoal.cli.leaf import leaf
from meshcoal.cli.output import emit, script
from meshcoal.cli.session import Session

_SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_MESHCOAL_COMPLETE"


@leaf("completion", example='eval "$(meshcoal completion bash)"')
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a completion script for your shell.

    bash, zsh: put the line below into your shell's start file. fish: write the output to
    ~/.config/fish/completions/meshcoal.fish
    """
    found = get_completion_class(shell)
    assert found is not None, "click knows the three shells"
    maker = found(ctx.find_root().command, {}, "meshcoal", _VARIABLE)
    text = maker.source_template % maker.source_vars()  # `source` would run the shell to ask its version
    if ctx.ensure_object(Session).as_json:
        emit({"shell": shell, "script": text})
    else:
        script(text)
