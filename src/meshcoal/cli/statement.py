"""`meshcoal statement`: a joint letter from its first draft to its release."""

from __future__ import annotations

from meshcoal.cli import (
    addendum,
    aftermath,
    annex,
    answering,
    calling,
    chasing,
    commenting,
    deciding,
    drafting,
    holders,
    paper,
    picturing,
    replying,
    sign,
    signing,
)
from meshcoal.cli.leaf import branch


@branch("statement")
def statement() -> None:
    """Letters: draft, freeze, sign, release, and what comes after."""


for command in (
    drafting.draft,
    drafting.amend,
    drafting.merge,
    drafting.show,
    holders.holders,
    chasing.chase,
    drafting.list_,
    commenting.comment,
    commenting.check,
    commenting.lift,
    commenting.agree,
    drafting.diff,
    signing.freeze,
    signing.revise,
    sign.sign,
    signing.withdraw,
    signing.release,
    addendum.addendum,
    signing.export,
    signing.sheet,
    deciding.request,
    deciding.decide,
    annex.annex,
    paper.paper,
    calling.call,
    calling.calls,
    answering.answer,
    replying.import_,
    replying.replies,
    calling.outside,
    picturing.read_picture,
    aftermath.deliver,
    aftermath.reply,
    aftermath.follow_up,
    aftermath.note,
    aftermath.log,
):
    statement.add_command(command)
