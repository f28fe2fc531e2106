"""Make a picture of a terminal screen: ANSI text in, SVG out, with nothing fetched from anywhere.

tmux capture-pane -e -N -p | python docs/images/picture.py statement.svg --title "A joint letter"
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

# As Rich's own, without the web font that it would fetch from a third party.
FORMAT = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", "Noto Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix" xml:space="preserve">
{matrix}
</g>
</g>
</svg>
"""
THEME = TerminalTheme(
    (16, 16, 16),
    (220, 220, 220),
    [
        (0, 0, 0),
        (200, 80, 80),
        (90, 170, 90),
        (200, 160, 80),
        (90, 140, 210),
        (170, 110, 190),
        (80, 170, 180),
        (200, 200, 200),
    ],
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--title", default="meshcoal")
    parser.add_argument("--width", type=int, default=80)
    chosen = parser.parse_args()
    console = Console(
        record=True, width=chosen.width, file=io.StringIO(), force_terminal=True, legacy_windows=False
    )
    console.print(Text.from_ansi(sys.stdin.read().rstrip("\n")), soft_wrap=True)
    svg = console.export_svg(title=chosen.title, theme=THEME, code_format=FORMAT, unique_id="meshcoal")
    chosen.target.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
