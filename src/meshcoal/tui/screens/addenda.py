"""The dialog that publishes an addendum to a released letter.

Law: who will stand in it is shown first; what was released does not change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from meshcoal.api.commands import PublishAddendum
from meshcoal.api.views import StatementView
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.form import Form, Values, must_type, typed_field
from meshcoal.tui.widgets.plain import name

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp

_NAMES_LISTED_MAX: Final = 12


def addendum_form(app: MeshcoalApp, view: StatementView) -> Form[StatementView]:
    """Publish who signed since, and who withdrew."""
    word = _("publish")
    check = must_type(word)

    async def publish(values: Values) -> StatementView:
        check(values)
        command = PublishAddendum(campaign=view.campaign, statement=view.id)
        return await app.session.send(command, StatementView)

    return Form(
        _("Publish addendum %(number)d") % {"number": len(view.addenda) + 1},
        (typed_field(word),),
        publish,
        submit=_("Publish"),
        danger=True,
        explain="\n".join(_told(view)),
    )


def _told(view: StatementView) -> list[str]:
    told = [_("The released list stays as it is. These are added behind it, under a number of their own:")]
    late = view.late
    if late is None:
        return told
    wanted = set(late.sign_ons)
    names = [name(entry.name or entry.member, 40) for entry in view.tally.entries if entry.id in wanted]
    told += [f"  + {one}" for one in names[:_NAMES_LISTED_MAX]]
    left = len(names) - _NAMES_LISTED_MAX
    if left > 0:
        told.append(ngettext("  and %(count)d more", "  and %(count)d more", left) % {"count": left})
    if late.outside:
        outside = ngettext(
            "  + %(count)d from outside the campaign", "  + %(count)d from outside the campaign", late.outside
        )
        told.append(outside % {"count": late.outside})
    told += [
        _("  – %(name)s withdrew") % {"name": name(one, 40) if one else _("somebody")}
        for one in late.withdrawals[:_NAMES_LISTED_MAX]
    ]
    told.append(_("Export the files anew afterwards. This cannot be undone."))
    return told
