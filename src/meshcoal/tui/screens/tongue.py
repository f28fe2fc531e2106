"""Which language the interface speaks, and who turns lines that run from right to left.

Law: each language stands under its own name. The choice is kept on this machine alone, readable without the
passphrase, and holds from the next moment: the interface begins anew, with what was being written.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Final

from meshcoal.tui.bidi import Mode, isolated
from meshcoal.tui.locale import _, spoken
from meshcoal.tui.locale.tongues import TONGUES
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.settings import Settings, read_settings, write_settings

SYSTEM: Final = "system"
_MODES: Final = {
    "": _("as is known of this terminal"),
    Mode.OURS: _("meshcoal turns and joins"),
    Mode.ORDER: _("meshcoal turns, letters stay apart"),
    Mode.TERMINAL: _("the terminal does it all"),
}


def tongue_form(home: Path) -> Form[Settings]:
    """Asks for both; answers the settings that were kept."""
    before, _broken = read_settings(home)

    async def keep(values: Values) -> Settings:
        language = "" if values["language"] == SYSTEM else values["language"]
        settings = dataclasses.replace(read_settings(home)[0], language=language, bidi=values["bidi"])
        write_settings(home, settings)
        return settings

    choices = ((SYSTEM, _("as the system says")), *((tongue.code, tongue.name) for tongue in TONGUES))
    return Form(
        _("Language"),
        (
            Field(
                name="language",
                label=_("Language"),
                kind="choice",
                value=before.language or spoken().code,
                choices=choices,
            ),
            Field(
                name="bidi",
                label=_("Arabic, Persian"),
                kind="choice",
                value=before.bidi,
                choices=tuple(_MODES.items()),
            ),
        ),
        keep,
        submit=_("Speak it"),
        explain=_(
            "What others wrote stays in their language. The choice is kept on this machine, and whoever "
            "takes the machine can read it without your passphrase."
        ),
    )


def tongues_line() -> str:
    """The names of all languages, for whoever cannot read the present one."""
    return "F2  " + " · ".join([isolated(tongue.name) for tongue in TONGUES])
