"""Taking back what one gave to a letter: one's name, one's place in the count, or what was sealed.

Law: a typed word, and what cannot be called back is said before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from meshcoal.api.commands import Command, WithdrawCounted, WithdrawSealed, WithdrawSignature
from meshcoal.api.views import StatementPhase, StatementView
from meshcoal.tui.locale import _
from meshcoal.tui.screens.count import is_counted
from meshcoal.tui.screens.form import Form, Values, must_type, typed_field
from meshcoal.tui.screens.seal_forms import is_sealed

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp


def withdraw_form(app: MeshcoalApp, view: StatementView) -> Form[StatementView]:
    """Take back what I gave."""
    word = _("withdraw")
    check = must_type(word)
    title, command, explain = _what(view)

    async def withdraw(values: Values) -> StatementView:
        check(values)
        return await app.session.send(command, StatementView)

    return Form(title, (typed_field(word),), withdraw, submit=_("Withdraw"), danger=True, explain=explain)


def _what(view: StatementView) -> tuple[str, Command, str]:
    """What the form is called, what it does, and what is to be known before."""
    where, which = view.campaign, view.id
    if is_counted(view):
        explain = _("Nobody sees who it was. You cannot be counted on this text again.")
        return _("Be counted no more"), WithdrawCounted(campaign=where, statement=which), explain
    if is_sealed(view):
        explain = _("Nobody sees whose it was. You cannot sign this text sealed again.")
        return _("Take my sealed sign-on back"), WithdrawSealed(campaign=where, statement=which), explain
    if view.phase == StatementPhase.RELEASED:
        explain = _(
            "The letter is out. A signed notice says that you withdrew, and later exports carry it; copies "
            "that people already have go on showing your name. Nobody can call those back."
        )
    else:
        explain = _(
            "Your signature no longer counts, and your name will not stand on the released list.\n"
            "The members of this campaign have seen it and go on holding it."
        )
    return _("Withdraw my signature"), WithdrawSignature(campaign=where, statement=which), explain
