"""`meshcoal warning`: names under another key than before, and devices that keep something back.

Law: a warning is printed wherever the people are whom it concerns, in words, until the user has acted on it.
"""

from __future__ import annotations

import click

from meshcoal.api.commands import DismissWarning, ListWarnings
from meshcoal.api.views import WarningKind, WarningsView, WarningView
from meshcoal.cli.leaf import branch
from meshcoal.cli.lookup import Thing, pick
from meshcoal.cli.moments import when
from meshcoal.cli.output import say
from meshcoal.cli.session import Session
from meshcoal.ids import short


@branch("warning")
def warning() -> None:
    """What to look into: changed keys, devices that keep something back."""


@warning.command("list", example="meshcoal warning list")
@click.pass_obj
def list_(session: Session) -> None:
    """List names that came under another key, and members whose devices keep something back."""
    view = session.ask(ListWarnings(), WarningsView)

    def for_people() -> None:
        if not view.warnings:
            say(
                "Nothing: no name stands under another key, no device is known to keep something back, and "
                "no relay to be false."
            )
        for one in view.warnings:
            print_warning(one, err=False)

    session.show(view, for_people)


@warning.command("dismiss", example="meshcoal warning dismiss 3f9a12")
@click.argument("warning", metavar="ID")
@click.pass_obj
def dismiss(session: Session, warning: str) -> None:
    """Say that you have looked into it.

    Of a name: these are two people, or one with two keys, and both may stay. It marks nobody as compared.
    Of a device that keeps something back: you have seen it. `meshcoal campaign show` goes on saying it.
    Of a relay: you have seen it, and `meshcoal relay list` goes on saying it.
    """
    known = session.ask(ListWarnings(), WarningsView).warnings
    found = pick("warning", warning, [Thing(one.id, one.name) for one in known])
    view = session.ask(DismissWarning(warning=found), WarningsView)
    session.show(view, lambda: say("The warning {id} is put away.", id=short(found)))


def print_warnings(session: Session, *, campaign: bytes | None = None) -> None:
    """Print what is open, on standard error, before people are listed; of a campaign, or of all contacts."""
    for one in session.ask(ListWarnings(), WarningsView).warnings:
        if one.campaign == (campaign or b""):
            print_warning(one)


def print_withholding(session: Session) -> None:
    """Print which members' devices, and which relays, do not do what they should, of all campaigns."""
    for one in session.ask(ListWarnings(), WarningsView).warnings:
        if one.kind in (WarningKind.WITHHELD, WarningKind.RELAY):
            print_warning(one)


def print_warning(one: WarningView, *, err: bool = True) -> None:
    """What is wrong, what is known of the older key, and what to do."""
    head = {"id": short(one.id), "name": one.name, "key": short(one.subject)}
    older = {"known": one.known_name, "older": short(one.known)}
    match one.kind:
        case WarningKind.CONTACT:
            say("!! WARNING {id}: {name} ({key}) is NOT the key you know as {known} ({older}).",
                err=err, **head, **older)  # fmt: skip
        case WarningKind.MEMBER:
            say("!! WARNING {id}: in {where}, {name} ({key}) and {known} ({older}) have the same name, "
                "or one that looks like it, and different keys.",
                err=err, where=one.campaign_name, **head, **older)  # fmt: skip
        case WarningKind.RETURNED:
            say("!! WARNING {id}: in {where}, {name} ({key}) has the name of {known} ({older}), who is a "
                "member no more, and another key.",
                err=err, where=one.campaign_name, **head, **older)  # fmt: skip
        case WarningKind.DIFFERED:
            say("!! WARNING {id}: the key that {name} showed you is NOT the one kept here ({key}). Somebody "
                "may stand between you.",
                err=err, **head)  # fmt: skip
        case WarningKind.WITHHELD:
            say("!! WARNING {id}: in {where}, the device of {name} ({key}) KEEPS BACK what others wrote.",
                err=err, where=one.campaign_name, **head)  # fmt: skip
            say("   It may be broken, in somebody else's hands, or told to. Ask {name} by another way, and "
                "compare with other members what they received.",
                err=err, name=one.name)  # fmt: skip
            say("   `meshcoal campaign show` says what, and how that is known. An organiser can remove a "
                "member. When you have seen it: meshcoal warning dismiss {id}",
                err=err, id=short(one.id))  # fmt: skip
            return
        case WarningKind.RELAY:
            say("!! WARNING {id}: the relay {name} of {where} LOST, CHANGED OR MADE UP something.",
                err=err, where=one.campaign_name, **head)  # fmt: skip
            say("   Nothing false got in, and what it lost is put there again. It may be broken, or in "
                "somebody else's hands. Use another relay beside it or in its place: `meshcoal relay list` "
                "says what it did. When you have seen it: meshcoal warning dismiss {id}",
                err=err, id=short(one.id))  # fmt: skip
            return
    _print_older(one, err=err)
    if one.kind is WarningKind.DIFFERED:
        say("   Compare again with `meshcoal contact compare {key}`, or cut the contact off with "
            "`meshcoal contact confirm {key} --differ`.",
            err=err, key=short(one.subject))  # fmt: skip
    else:
        say("   Somebody may be pretending. Ask in a voice you know. Are they two people, or one who changed "
            "keys? Then: meshcoal warning dismiss {id}",
            err=err, id=short(one.id))  # fmt: skip


def _print_older(one: WarningView, *, err: bool) -> None:
    if one.kind is WarningKind.DIFFERED:
        say("   It does not count as compared any more.", err=err)
    elif one.known_me:
        say("   {known} is you.", err=err, known=one.known_name)
    elif one.known_refused:
        say("   You cut {known} off, because words differed.", err=err, known=one.known_name)
    elif one.known_verified_ms >= 0:
        say("   This is not the key you compared words with on {at}. For this one nothing was compared then.",
            err=err, at=when(one.known_verified_ms))  # fmt: skip
    else:
        say("   Words were never compared with {known} either.", err=err, known=one.known_name)
