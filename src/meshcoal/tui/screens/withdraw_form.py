"""Taking back what one gave to a letter: one's name, one's place in the count, or what was sealed.

Law: a typed word, and what cannot be called back is said before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from meshcoal.api.views import StatementView
from meshcoal.tui.locale import _
from meshcoal.tui.screens.form import Form, Values, must_type, typed_field
from meshcoal.tui.standing import withdrawal

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp


def withdraw_form(app: MeshcoalApp, view: StatementView) -> Form[StatementView]:
    """Take back what I gave."""
    word = _("withdraw")
    check = must_type(word)
    back = withdrawal(view)

    async def withdraw(values: Values) -> StatementView:
        check(values)
        return await app.session.send(back.command, StatementView)

    fields = (typed_field(word),)
    return Form(back.title, fields, withdraw, submit=_("Withdraw"), danger=True, explain=back.explain)
