"""Dialogs around sealed sign-ons: what one relies on, taking back, and words of two members.

Law: nobody seals without having had the sentences before them; going on is typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from meshcoal.api.commands import ConfirmMember, SignSealed, SignStatement, who_signs
from meshcoal.api.views import MemberWordsView, SealView, spelled
from meshcoal.errors import BadArgument
from meshcoal.tui.locale import _
from meshcoal.tui.screens.form import Field, Form, Values, must_type, typed_field
from meshcoal.tui.sentences import seal_sentences
from meshcoal.tui.widgets.plain import name

if TYPE_CHECKING:
    from meshcoal.api.commands import WordList
    from meshcoal.tui.app import MeshcoalApp

_SAME = "same"
_OTHER = "other"


def floor_form(seal: SealView) -> Form[int]:
    """What a sealed sign-on protects from and what not. Answers the signer's own number."""
    word = _("understood")
    check = must_type(word)

    async def choose(values: Values) -> int:
        check(values)
        given = values["floor"].strip()
        floor = int(given) if given.isascii() and given.isdigit() else 0
        if not seal.threshold <= floor <= seal.members:
            raise BadArgument(
                _("your own number is %(least)d to %(most)d")
                % {"least": seal.threshold, "most": seal.members}
            )
        return floor

    return Form(
        _("Sign sealed"),
        (
            Field(
                name="floor",
                label=_("Mine stays shut until so many have signed (all see that number)"),
                value=str(seal.threshold),
                required=True,
            ),
            typed_field(word),
        ),
        choose,
        submit=_("Go on"),
        explain="\n".join([f"· {sentence}" for sentence in seal_sentences(seal)]),
    )


def sealed(command: SignStatement, floor: int) -> SignSealed:
    """The same sign-on, sealed."""
    return SignSealed(**who_signs(command), floor=floor)


def words_form(app: MeshcoalApp, view: MemberWordsView, word_list: WordList) -> Form[MemberWordsView]:
    """Words of two members, and whether they agreed."""

    async def judge(values: Values) -> MemberWordsView:
        match = values["agreed"] == _SAME
        command = ConfirmMember(campaign=view.campaign, author=view.author, match=match)
        return await app.session.send(command, MemberWordsView)

    told = [f"{number:>2} {word}" for number, word in enumerate(spelled(view.words, word_list), start=1)]
    rows = ["   ".join([f"{one:<16}" for one in told[at : at + 3]]).rstrip() for at in range(0, len(told), 3)]
    explain = [
        _("%(name)s sees these words too. Read them to each other, in person or in a voice you know:")
        % {"name": name(view.name, 40)},
        *rows,
        _("Whom you verified counts when you sign sealed."),
    ]
    return Form(
        _("Words with %(name)s") % {"name": name(view.name, 40)},
        (
            Field(
                name="agreed",
                label=_("The words"),
                kind="choice",
                choices=(
                    (_OTHER, _("differ, or I have not compared them")),
                    (_SAME, _("agree, all of them")),
                ),
                value=_SAME if view.verified else _OTHER,
            ),
        ),
        judge,
        submit=_("Keep"),
        explain="\n".join(explain),
    )
