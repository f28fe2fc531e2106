"""The ways to stand on a letter, each in two sentences: what it gives, and what is left of the risk.

Law: every way is shown, also those that this letter or this moment does not permit, and then why. No sentence
promises more than docs/known-weaknesses.md leaves of it. The sentences serve every interface.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from meshcoal.api.commands import NameMode
from meshcoal.api.views import Action, CountedMine, SealedMine, SealPhase, StatementView
from meshcoal.text.sanitise import one_line
from meshcoal.tui.locale import _
from meshcoal.tui.sentences import COUNTED_MINE, SEALED_MINE

_REASON_CHARS_MAX: Final = 200


class Way(enum.Enum):
    """How somebody stands on a letter."""

    NAMED = NameMode.NAMED.value
    ROLE = NameMode.ROLE.value
    ADDRESSEE = NameMode.ADDRESSEE.value
    SEALED = "sealed"
    COUNTED = NameMode.COUNTED.value

    @property
    def mode(self) -> NameMode:
        """How the sign-on says it; what is sealed is named when it opens."""
        return NameMode.NAMED if self is Way.SEALED else NameMode(self.value)


TITLES: Final = {
    Way.NAMED: _("with my name"),
    Way.ROLE: _("by role"),
    Way.ADDRESSEE: _("to the addressee only"),
    Way.SEALED: _("sealed until enough have signed"),
    Way.COUNTED: _("counted, not named"),
}
# Two sentences each.
SENTENCES: Final = {
    Way.NAMED: _(
        "Your name stands on the letter for everybody. Copies that people have go on showing it for good."
    ),
    Way.ROLE: _(
        "Your role stands on the letter in place of your name. The members of this campaign see that it "
        "is you, and a role that few people hold may tell others as well."
    ),
    Way.ADDRESSEE: _(
        "Only the addressee is told your name, in a file of their own. The members of this campaign see "
        "it too, and the addressee may pass it on."
    ),
    Way.SEALED: _(
        "Nobody sees your name until enough have signed sealed; then it stands on the letter. Some members "
        "together could open it early, and whoever opens this device can see that you signed."
    ),
    Way.COUNTED: _(
        "You are one of a number, and your name stands nowhere. Until the release whoever opens this device "
        "can tell whether you signed, and in a small crowd people can be asked one by one."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way, as it is on one letter now. `why_not` is empty where it may be chosen."""

    way: Way
    sentences: str
    why_not: str

    @property
    def title(self) -> str:
        return TITLES[self.way]


def choices_of(view: StatementView) -> tuple[Choice, ...]:
    """Every way, most public first."""
    return tuple([Choice(way=way, sentences=_told(view, way), why_not=_why_not(view, way)) for way in Way])


def _told(view: StatementView, way: Way) -> str:
    """With the numbers of this letter, where there are some."""
    if way is Way.SEALED and view.seal is not None and view.seal.phase is SealPhase.SHUT:
        return _(
            "Nobody sees your name until %(threshold)d have signed sealed; then it stands on the letter. "
            "%(needed)d of %(members)d members together could open it early, and whoever opens this device "
            "can see that you signed."
        ) % {
            "threshold": view.seal.threshold,
            "needed": view.seal.shares_needed,
            "members": view.seal.members,
        }
    if way is Way.COUNTED and view.unnamed is not None and view.unnamed.members:
        return _(
            "You are one of a number among %(crowd)d who are not named, and your name stands nowhere. Until "
            "the release whoever opens this device can tell whether you signed, and in a small crowd people "
            "can be asked one by one."
        ) % {"crowd": view.unnamed.crowd}
    return SENTENCES[way]


def _why_not(view: StatementView, way: Way) -> str:
    if not {Action.SIGN, Action.SIGN_LATE} & {*view.actions}:
        return _("This letter cannot be signed now.")
    match way:
        case Way.SEALED:
            return _why_not_sealed(view)
        case Way.COUNTED:
            return _why_not_counted(view)
        case _named:
            return "" if way.mode in view.modes else _not_permitted()


def _not_permitted() -> str:
    return _("This letter does not permit it: organisers decide that when they freeze the text.")


def _why_not_sealed(view: StatementView) -> str:
    seal = view.seal
    if seal is None:
        return _not_permitted()
    if seal.mine is not SealedMine.NONE:
        return SEALED_MINE[seal.mine]
    if seal.refusal:
        return _("You cannot sign sealed: %(why)s") % {"why": one_line(seal.refusal, _REASON_CHARS_MAX)}
    return "" if Action.SIGN in view.actions else _too_late()


def _why_not_counted(view: StatementView) -> str:
    count = view.unnamed
    if NameMode.COUNTED not in view.modes or count is None:
        return _not_permitted()
    if count.mine is not CountedMine.NONE:
        return COUNTED_MINE[count.mine]
    if count.refusal:
        return _("You cannot be counted: %(why)s") % {"why": one_line(count.refusal, _REASON_CHARS_MAX)}
    return "" if Action.SIGN in view.actions else _too_late()


def _too_late() -> str:
    return _("It is too late for it: behind the deadline only signatures that are not hidden can be added.")
