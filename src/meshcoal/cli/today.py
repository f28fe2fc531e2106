"""`meshcoal today`: what needs you now, over all campaigns."""

from __future__ import annotations

import click

from meshcoal.api.commands import ShowToday
from meshcoal.api.views import TodayItemView, TodayKind, TodayView
from meshcoal.cli.leaf import leaf
from meshcoal.cli.moments import when
from meshcoal.cli.output import say
from meshcoal.cli.session import Session
from meshcoal.ids import short

_WORDS = {
    TodayKind.ALERT: "alert, unanswered: meshcoal case show",
    TodayKind.SIGN: "letter to sign: meshcoal statement sign",
    TodayKind.APPROVE: "an office waits for your decision: meshcoal statement show",
    TodayKind.WARNING: "to look into: meshcoal warning list",
    TodayKind.INTRODUCTION: "somebody asks to come in: meshcoal invite pending",
    TodayKind.MENTION: "mentions you: meshcoal read --unread",
    TodayKind.DUE: "time to ask again: meshcoal statement log",
    TodayKind.GAP: "missing here: meshcoal campaign show",
    TodayKind.ALONE: "you are the only organiser; make another one: meshcoal campaign role",
    TodayKind.UNCOMPARED: "members with whom you compared no words: meshcoal campaign words",
    TodayKind.WEAK: "weak spots of this device: meshcoal posture",
}


@leaf("today", example="meshcoal today\nmeshcoal today --json")
@click.pass_obj
def today(session: Session) -> None:
    """Show what needs you now, the most urgent first, and how to do it."""
    view = session.ask(ShowToday(), TodayView)
    session.show(view, lambda: _print(view))


def _print(view: TodayView) -> None:
    if not view.items:
        say("Nothing needs you now.")
    for one in view.items:
        _print_one(one)


def _print_one(one: TodayItemView) -> None:
    say(
        "{id}{title}{campaign}{count}{until}",
        id=f"{short(one.subject)}  " if one.subject else "",
        title=f"{one.title}  " if one.title else "",
        campaign=f"[{one.campaign_name}]  " if one.campaign else "",
        count=f"{one.count}  " if one.count > 1 else "",
        until=f"until {when(one.until_ms)}" if one.until_ms >= 0 else "",
    )
    say("    {words}", words=_WORDS[one.kind])
