"""`python -m meshcoal.browser HOME LANGUAGE`: started by the daemon; people use `meshcoal browser`.

Law: the language is chosen before anything else of the pages is imported, for tables of words are made once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from meshcoal.tui import locale
from meshcoal.tui.locale.tongues import chosen
from meshcoal.tui.settings import read_settings


def main(arguments: list[str]) -> int:
    home, language = Path(arguments[0]), arguments[1]
    settings, _broken = read_settings(home)
    locale.speak(chosen(language or None, settings.language, os.environ))

    from meshcoal.browser.process import run

    return run(home)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
