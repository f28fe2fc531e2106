"""The form for what happens behind a release: deliveries, replies, dates to ask again, what came of it.

Law: it stays inside the campaign. What each entry needs is for the daemon; the form offers what there is.
"""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from meshcoal.api.commands import AftermathKind, EnterAftermath, Means
from meshcoal.api.views import AftermathView, StatementView
from meshcoal.client.attaching import prepare
from meshcoal.errors import BadArgument
from meshcoal.tui.locale import _
from meshcoal.tui.screens.files import hand_over
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.screens.moments import parse_deadline
from meshcoal.tui.widgets.course import AFTERMATH, ANSWERS, MEANS
from meshcoal.tui.widgets.plain import name

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp


_KEEP: Final = "keep"


def aftermath_form(app: MeshcoalApp, view: StatementView) -> Form[StatementView]:
    """One entry. A reply or a follow-up says which delivery or entry it belongs to."""
    standing = [one for one in view.aftermath if not one.replaced and one.entry not in ANSWERS]
    delivered = {one.addressee.casefold() for one in standing if one.entry is AftermathKind.DELIVERY}
    open_ = [one for one in view.addressees if one.casefold() not in delivered]
    kinds = [one for one in AftermathKind if standing or one not in ANSWERS]
    suggested = AftermathKind.DELIVERY if open_ or not standing else AftermathKind.REPLY

    async def enter(values: Values) -> StatementView:
        kind = AftermathKind(values["entry"])
        delivery, answer = kind is AftermathKind.DELIVERY, kind in ANSWERS
        again = values["again"]
        if answer and not values.get("about"):
            raise BadArgument(_("say which entry it belongs to"))
        receipt, attachments = await _receipt(app, view.campaign, values["receipt"].strip(), values["keep"])
        command = EnterAftermath(
            campaign=view.campaign,
            statement=view.id,
            entry=kind,
            addressee=values["addressee"] if delivery else "",
            deliverer=values["deliverer"] if delivery else "",
            means=Means(values["means"]) if delivery else Means.NONE,
            text=values["text"],
            about=bytes.fromhex(values["about"]) if answer else b"",
            follow_up_ms=parse_deadline(again, app.zone) if again else 0,
            receipt=receipt,
            attachments=attachments,
        )
        return await app.session.send(command, StatementView)

    fields = [
        Field(
            name="entry",
            label=_("What"),
            kind="choice",
            choices=tuple((one.value, AFTERMATH[one]) for one in kinds),
            value=suggested.value,
        )
    ]
    if standing:
        fields.append(
            Field(
                name="about",
                label=_("Answers"),
                kind="choice",
                choices=tuple((one.id.hex(), _named(one)) for one in standing[-8:]),
                value=standing[-1].id.hex(),
            )
        )
    fields += [
        Field(name="addressee", label=_("Delivered to"), value=open_[0] if open_ else ""),
        Field(
            name="means",
            label=_("How"),
            kind="choice",
            choices=tuple((one.value, words) for one, words in MEANS.items()),
            value=Means.BY_HAND.value,
        ),
        Field(name="deliverer", label=_("By whom"), placeholder=_("empty: me")),
        Field(name="text", label=_("In words"), kind="text"),
        Field(name="receipt", label=_("Receipt"), placeholder=_("a file; empty: none")),
        Field(
            name="keep",
            label=_("Of the file"),
            kind="choice",
            choices=(
                ("", _("its digest alone is entered; keep the file yourself")),
                (_KEEP, _("all members keep it, in the campaign; a picture loses place, time and device")),
            ),
            value="",
        ),
        Field(
            name="again",
            label=_("Ask again"),
            placeholder=_("such as 2026-12-06 12:00; empty: no need"),
        ),
    ]
    return Form(
        _("What happened since the release"),
        fields,
        enter,
        submit=_("Enter it"),
        explain=_(
            "Members see it, and nobody else ever does. To whom, how and by whom belong to a delivery; a "
            "reply and a follow-up answer one of the entries above."
        ),
    )


async def _receipt(
    app: MeshcoalApp, campaign: bytes, path: str, keep: str
) -> tuple[bytes, tuple[bytes, ...]]:
    """Its digest, and the file where the campaign is to keep it: then the digest is of what it keeps."""
    if not path:
        return b"", ()
    kept = keep == _KEEP
    prepared = await asyncio.to_thread(prepare, Path(path), keep_metadata=not kept)
    digest = hashlib.sha256(prepared.data).digest()
    if not kept:
        return digest, ()
    handed = await hand_over(app.session, campaign, prepared)
    return digest, (handed.upload,)


def _named(entry: AftermathView) -> str:
    what = entry.addressee or entry.text
    return f"{AFTERMATH[entry.entry]}: {name(what, 40)}"
