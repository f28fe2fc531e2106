"""The settings of the interface itself, one entry each: what holds, and what else could.

Law: as in `tui.setting`. These lie in the clear beside the vault (`tui.settings`), so none of them tells
anything of a person.
"""

from __future__ import annotations

from typing import Final

from meshcoal.tui.bidi import Mode, isolated
from meshcoal.tui.cover import HIDES
from meshcoal.tui.idle import CHOICES as MINUTES_CHOICES
from meshcoal.tui.idle import MINUTES, NEVER
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.locale.tongues import TONGUES
from meshcoal.tui.setting import Choice, Group, Setting, of_interface

SYSTEM: Final = "system"


def _tongues() -> tuple[Choice, ...]:
    system = Choice(
        value=SYSTEM,
        holds=_("The interface speaks the language that your system says."),
        means=_("Whatever the machine is set to; English where meshcoal does not speak it."),
    )
    means = _(
        "What others wrote stays in their language. Whoever takes the machine can read this choice without "
        "your passphrase."
    )
    return (
        system,
        *[
            Choice(
                value=tongue.code,
                holds=_("The interface speaks %(language)s.") % {"language": isolated(tongue.name)},
                means=means,
            )
            for tongue in TONGUES
        ],
    )


_LATER: Final = _(
    "Whoever takes an open window in that time reads and writes as you. Drafts are kept, unseen, until you "
    "are back."
)


def _minutes() -> tuple[Choice, ...]:
    """When the interface locks by itself."""
    never = Choice(
        value=NEVER,
        holds=_("The vault never locks by itself while this window is open, unless the machine slept."),
        means=_("Whoever finds the window open reads and writes as you, for as long as it stays open."),
        guards=-1_000,
    )
    counts = [int(one) if one else MINUTES for one in MINUTES_CHOICES if one != NEVER]
    return (
        *[
            Choice(
                value=str(count),
                holds=ngettext(
                    "The vault locks when nobody has touched this window for %(count)d minute.",
                    "The vault locks when nobody has touched this window for %(count)d minutes.",
                    count,
                )
                % {"count": count},
                means=_LATER,
                guards=-count,
            )
            for count in counts
        ],
        never,
    )


# In the order in which they are shown within their groups.
INTERFACE: Final[tuple[Setting, ...]] = (
    of_interface("lock_after", Group.SEEN, _("Locking by itself"), _minutes(), default=str(MINUTES)),
    of_interface(
        "cover",
        Group.SEEN,
        _("The cover: F9"),
        (
            Choice(
                value="locks",
                holds=_("F9 covers the screen with a calendar and locks the vault."),
                means=_(
                    "Whoever takes the machine from you finds no keys in its memory. While it is covered you "
                    "receive nothing; your passphrase opens both."
                ),
            ),
            Choice(
                value=HIDES,
                holds=_("F9 covers the screen with a calendar, and the vault stays open behind it."),
                means=_(
                    "You go on receiving. Whoever takes the running machine from you may get at everything, "
                    "though they see a calendar."
                ),
                guards=-1,
            ),
        ),
        default="locks",
    ),
    of_interface(
        "steps",
        Group.TOLD,
        _("First steps"),
        (
            Choice(
                value="shown",
                holds=_("First steps stand on the first screen until they are done."),
                means=_("What to do next, one key away."),
            ),
            Choice(
                value="put-away",
                holds=_("First steps do not stand on the first screen."),
                means=_("They can be opened from there at any time."),
            ),
        ),
        default="shown",
    ),
    of_interface(
        "linear",
        Group.LOOK,
        _("Line by line"),
        (
            Choice(
                value="auto",
                holds=_("meshcoal draws screens where the terminal can."),
                means=_("Where it cannot, meshcoal speaks line by line by itself."),
            ),
            Choice(
                value="linear",
                holds=_("meshcoal speaks line by line, in plain lines that are only added."),
                means=_(
                    "For screen readers and braille displays. `meshcoal --no-linear` draws once all the same."
                ),
            ),
        ),
        default="auto",
        anew=True,
    ),
    of_interface(
        "look",
        Group.LOOK,
        _("Colours"),
        (
            Choice(value="dark", holds=_("The screen is dark."), means=_("Calm colours on a dark ground.")),
            Choice(
                value="light",
                holds=_("The screen is light."),
                means=_("For bright rooms. At night it lights up your face."),
            ),
            Choice(
                value="contrast",
                holds=_("The screen is black, in high contrast."),
                means=_("Every letter is at least seven times as bright as its ground."),
            ),
            Choice(
                value="contrast-light",
                holds=_("The screen is white, in high contrast."),
                means=_("Every letter is at least seven times as dark as its ground."),
            ),
            Choice(
                value="plain",
                holds=_("No colours are used."),
                means=_("The terminal's own two. What stands out is reversed, underlined or bold."),
            ),
        ),
        default="dark",
    ),
    of_interface(
        "motion",
        Group.LOOK,
        _("Movement"),
        (
            Choice(
                value="auto",
                holds=_("Bars run and cursors blink, but not over SSH."),
                means=_("Right for most."),
            ),
            Choice(
                value="less",
                holds=_("Nothing moves by itself."),
                means=_("No cursor blinks and no list glides: calmer, and cheaper on a slow line."),
            ),
            Choice(
                value="full",
                holds=_("Bars run and cursors blink, over SSH too."),
                means=_("Each step is sent over the line."),
            ),
        ),
        default="auto",
    ),
    of_interface("language", Group.LOOK, _("Language"), _tongues(), default=SYSTEM, anew=True),
    of_interface(
        "bidi",
        Group.LOOK,
        _("Arabic and Persian"),
        (
            Choice(
                value="auto",
                holds=_("Who turns lines from right to left follows from what is known of this terminal."),
                means=_("Right for most terminals."),
            ),
            Choice(
                value=Mode.OURS.value,
                holds=_("meshcoal turns lines from right to left and joins their letters."),
                means=_("For terminals that do neither. Where each word comes out backwards, take another."),
            ),
            Choice(
                value=Mode.ORDER.value,
                holds=_("meshcoal turns lines from right to left, and letters stay apart."),
                means=_("For terminals that join letters by themselves and do not turn lines."),
            ),
            Choice(
                value=Mode.TERMINAL.value,
                holds=_("The terminal turns lines from right to left by itself."),
                means=_("For terminals that do it all, such as Konsole and mlterm."),
            ),
        ),
        default="auto",
        anew=True,
    ),
)
