"""`meshcoal statement deliver`, `reply`, `follow-up`, `note`, `log`: what happens behind a release.

Law: all of it stays inside the campaign. Of a receipt the digest is entered, made here; the file stays where
it is, and goes to the campaign too where that is asked for. Nothing is erased: who was wrong enters it anew,
and both are kept.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from meshcoal.api.commands import AftermathKind, EnterAftermath, Means
from meshcoal.api.views import AftermathView, StatementView
from meshcoal.cli import files
from meshcoal.cli.attachment import describe, hand_over_prepared
from meshcoal.cli.find import find_statement
from meshcoal.cli.leaf import leaf
from meshcoal.cli.lookup import Thing, pick
from meshcoal.cli.moments import parse_moment, parse_span, when
from meshcoal.cli.output import block, field, plural, say, until
from meshcoal.cli.session import Session
from meshcoal.client.attaching import prepare
from meshcoal.clock import parse_iso
from meshcoal.errors import BadArgument
from meshcoal.ids import short
from meshcoal.limits import COMMENT_CHARS_MAX

MEANS: Final = {
    Means.NONE: "",
    Means.BY_HAND: "by hand",
    Means.POST: "by post",
    Means.EMAIL: "by e-mail",
    Means.MEETING: "at a meeting",
    Means.WEB_FORM: "by a web form",
    Means.OTHER: "by other means",
}
ENTRIES: Final = {
    AftermathKind.DELIVERY: "Delivered",
    AftermathKind.REPLY: "Reply",
    AftermathKind.FOLLOW_UP: "Follow-up",
    AftermathKind.OUTCOME: "Outcome",
    AftermathKind.REPRISAL: "Reprisal",
    AftermathKind.LESSON: "Lesson",
}
_ANSWERS: Final = (AftermathKind.REPLY, AftermathKind.FOLLOW_UP)
_NOTES: Final = (AftermathKind.OUTCOME, AftermathKind.REPRISAL, AftermathKind.LESSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What can be said of every entry: when it was, what shows it, when to ask again, what it replaces."""

    at: str | None = None
    receipt: Path | None = None
    keep_receipt: bool = False
    again: str | None = None
    corrects: str | None = None


def _particulars(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options for these of a command, which takes them as `particulars`."""

    @functools.wraps(command)
    def gathered(
        *given: Any,
        at: str | None,
        receipt: Path | None,
        keep_receipt: bool,
        again: str | None,
        corrects: str | None,
        **others: Any,
    ) -> Any:
        particulars = Particulars(
            at=at, receipt=receipt, keep_receipt=keep_receipt, again=again, corrects=corrects
        )
        return command(*given, particulars=particulars, **others)

    with_options: Callable[..., Any] = gathered
    for option in (
        click.option(
            "--corrects", metavar="ENTRY", help="Replaces this entry of yours; what it said stays readable."
        ),
        click.option("--again", help="When to ask again: ISO 8601 with a zone, or `2w`."),
        click.option(
            "--receipt",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A file that shows it. Its digest is entered; keep the file.",
        ),
        click.option(
            "--keep-receipt", is_flag=True, help="With --receipt: the campaign keeps the file too, sealed."
        ),
        click.option("--at", "at", help="When it happened: ISO 8601 with a zone, or `2h ago`; else now."),
    ):
        with_options = option(with_options)
    return with_options


@leaf("deliver", example='meshcoal statement deliver evin free --to "Head of the Judiciary" --by by-hand')
@click.argument("campaign")
@click.argument("statement")
@click.option("--to", "addressee", help="To whom; may be left out where the letter has one addressee.")
@click.option(
    "--by",
    "means",
    required=True,
    type=click.Choice([one.value for one in Means if one]),
    help="By which means it was delivered.",
)
@click.option("--deliverer", default="", help="Who delivered it, as the campaign calls them; else you.")
@click.option("--note", "text", default="", help="What else there is to say; `-` for standard input.")
@_particulars
@click.pass_obj
def deliver(
    session: Session,
    campaign: str,
    statement: str,
    addressee: str | None,
    means: str,
    deliverer: str,
    text: str,
    particulars: Particulars,
) -> None:
    """Enter that a released letter was delivered. Members see it, and nobody else ever does."""
    letter = find_statement(session, campaign, statement)
    _enter(
        session,
        letter,
        entry=AftermathKind.DELIVERY,
        addressee=_addressee(letter, addressee),
        means=Means(means),
        deliverer=deliverer,
        text=_text(text),
        particulars=particulars,
    )


@leaf("reply", example='meshcoal statement reply evin free 3f2a "They will look into it." --again 2w')
@click.argument("campaign")
@click.argument("statement")
@click.argument("delivery")
@click.argument("text", default="")
@_particulars
@click.pass_obj
def reply(
    session: Session,
    campaign: str,
    statement: str,
    delivery: str,
    text: str,
    particulars: Particulars,
) -> None:
    """Enter what came back on a delivery. Without --again nobody needs to ask there any more.

    DELIVERY is its id or addressee, as `meshcoal statement log` tells it. TEXT may be `-` for standard input.
    """
    letter = find_statement(session, campaign, statement)
    _enter(
        session,
        letter,
        entry=AftermathKind.REPLY,
        about=_pick(letter, delivery, (AftermathKind.DELIVERY,), "delivery"),
        text=_text(text),
        particulars=particulars,
    )


@leaf("follow-up", example="meshcoal statement follow-up evin free 3f2a --again 10d")
@click.argument("campaign")
@click.argument("statement")
@click.argument("entry")
@click.argument("text", default="")
@click.option("--again", help="When to ask again: ISO 8601 with a zone, or `2w`.")
@click.option("--done", is_flag=True, help="There is no need to ask again.")
@click.pass_obj
def follow_up(
    session: Session, campaign: str, statement: str, entry: str, text: str, again: str | None, done: bool
) -> None:
    """Say when to ask again about an entry of the log, or that it is done.

    ENTRY is its id or addressee, as `meshcoal statement log` tells it.
    """
    if (again is None) != done:
        raise BadArgument("Say either when to ask again (--again) or that it is done (--done).")
    letter = find_statement(session, campaign, statement)
    about = _pick(letter, entry, [one for one in AftermathKind if one not in _ANSWERS], "entry")
    _enter(
        session,
        letter,
        entry=AftermathKind.FOLLOW_UP,
        about=about,
        text=_text(text),
        particulars=Particulars(again=again),
    )


@leaf("note", example='meshcoal statement note evin free outcome "Dr. Haddad was released on bail."')
@click.argument("campaign")
@click.argument("statement")
@click.argument("what", type=click.Choice([one.value for one in _NOTES]))
@click.argument("text")
@_particulars
@click.pass_obj
def note(
    session: Session,
    campaign: str,
    statement: str,
    what: str,
    text: str,
    particulars: Particulars,
) -> None:
    """Enter an outcome, a reprisal or a lesson of a released letter. TEXT may be `-` for standard input."""
    letter = find_statement(session, campaign, statement)
    _enter(
        session,
        letter,
        entry=AftermathKind(what),
        text=_text(text),
        particulars=particulars,
    )


@leaf("log", example="meshcoal statement log evin free")
@click.argument("campaign")
@click.argument("statement")
@click.option("--all", "all_", is_flag=True, help="Also what its author has replaced since.")
@click.pass_obj
def log(session: Session, campaign: str, statement: str, all_: bool) -> None:
    """Show what happened behind a letter's release, and when to ask again."""
    letter = find_statement(session, campaign, statement)
    shown = [one for one in letter.aftermath if all_ or not one.replaced]

    def for_people() -> None:
        print_aftermath(shown, session.now_ms())
        if not shown:
            say("Nothing was entered yet: `meshcoal statement deliver`, `note`.")

    session.show(shown, for_people)


def print_aftermath(entries: Sequence[AftermathView], now_ms: int) -> None:
    """Each entry and below it what belongs to it, in the order of the log; and when to ask again."""
    shown = {_first(one) for one in entries if one.entry not in _ANSWERS}
    for entry in entries:
        if entry.entry in _ANSWERS and entry.about in shown:
            continue  # below what it is about
        _print(entry, now_ms, indent="")
        if entry.entry not in _ANSWERS and not entry.replaced:
            for answer in entries:
                if answer.entry in _ANSWERS and answer.about == _first(entry):
                    _print(answer, now_ms, indent="    ")


def _first(entry: AftermathView) -> bytes:
    """The first writing of an entry."""
    return entry.corrects or entry.id


def _print(entry: AftermathView, now_ms: int, *, indent: str) -> None:
    at = when(entry.happened_ms) + _replaced(entry)
    if entry.entry is AftermathKind.DELIVERY:
        who = f"by {field(entry.deliverer)}"
        what = f"Delivered ({short(entry.id)}) to {field(entry.addressee)} {MEANS[entry.means]} {who}, {at}"
        if entry.addenda:
            what += f"; with {plural(entry.addenda, 'addendum', 'addenda')}"
    else:
        what = f"{ENTRIES[entry.entry]} ({short(entry.id)}) entered by {field(entry.name)}, {at}"
    block(what, indent=indent)
    if entry.text:
        block(entry.text, indent=f"{indent}    > ")
    if entry.receipt:
        block(f"Receipt, SHA-256: {entry.receipt.hex()}", indent=f"{indent}    ")
    for file in entry.attachments:
        block(describe(file), indent=f"{indent}    ")
    if entry.due_ms >= 0:
        block(f"Ask again: {when(entry.due_ms)} ({until(entry.due_ms, now_ms)})", indent=f"{indent}    ")


def _replaced(entry: AftermathView) -> str:
    if entry.replaced:
        return "; written anew since"
    return ", corrected" if entry.corrects else ""


def _enter(
    session: Session,
    letter: StatementView,
    *,
    entry: AftermathKind,
    about: bytes = b"",
    addressee: str = "",
    deliverer: str = "",
    means: Means = Means.NONE,
    text: str = "",
    particulars: Particulars,
) -> None:
    now_ms = session.now_ms()
    at, again, corrects = particulars.at, particulars.again, particulars.corrects
    digest, uploads = _receipt(session, letter.campaign, particulars.receipt, particulars.keep_receipt)
    view = session.ask(
        EnterAftermath(
            campaign=letter.campaign,
            statement=letter.id,
            entry=entry,
            happened_ms=_happened(at, now_ms) if at is not None else 0,
            addressee=addressee,
            deliverer=deliverer,
            means=means,
            text=text,
            receipt=digest,
            about=about,
            follow_up_ms=parse_moment(again, now_ms) if again is not None else 0,
            corrects=_mine(letter, entry, corrects) if corrects is not None else b"",
            attachments=uploads,
        ),
        StatementView,
    )
    due = [one.due_ms for one in view.aftermath if one.due_ms >= 0]

    def for_people() -> None:
        say("Entered in the log of this letter, for the campaign only.")
        if due:
            say(
                "{count} open; the next one is due {until}: `meshcoal statement log`.",
                count=plural(len(due), "follow-up is", "follow-ups are"),
                until=until(min(due), now_ms),
            )

    session.show(view, for_people)


def _addressee(letter: StatementView, wanted: str | None) -> str:
    """One of the letter's, where the beginning says which; else as it was typed."""
    if wanted is None:
        if len(letter.addressees) != 1:
            raise BadArgument("Say with --to to whom it was delivered: the letter has not one addressee.")
        return letter.addressees[0]
    fits = [one for one in letter.addressees if one.casefold().startswith(wanted.strip().casefold())]
    return fits[0] if wanted.strip() and len(fits) == 1 else wanted


def _pick(letter: StatementView, wanted: str, kinds: Sequence[AftermathKind], what: str) -> bytes:
    things = [
        Thing(one.id, one.addressee) for one in letter.aftermath if one.entry in kinds and not one.replaced
    ]
    return pick(what, wanted, things)


def _mine(letter: StatementView, entry: AftermathKind, wanted: str) -> bytes:
    mine = [one for one in letter.aftermath if one.mine and one.entry is entry and not one.replaced]
    return pick("entry of yours", wanted, [Thing(one.id, "") for one in mine])


def _text(typed: str) -> str:
    bytes_max = files.UTF8_BYTES_MAX * COMMENT_CHARS_MAX
    return files.read_text(typed, bytes_max=bytes_max, inline=True).rstrip("\n")


def _receipt(
    session: Session, campaign: bytes, path: Path | None, keep: bool
) -> tuple[bytes, tuple[bytes, ...]]:
    """Its digest, and the file where the campaign is to keep it: then the digest is of what it keeps."""
    if path is None:
        if keep:
            raise BadArgument("Say which file: --receipt FILE.")
        return b"", ()
    if not keep:
        return digest_of(path), ()
    prepared = prepare(path)
    digest = hashlib.sha256(prepared.data).digest()
    return digest, hand_over_prepared(session, campaign, [prepared])


def _happened(text: str, now_ms: int) -> int:
    """Unix milliseconds of `2h ago`, or of ISO 8601 with a zone. Raises `BadArgument`."""
    span = text.strip().removesuffix("ago")
    if span != text.strip():
        return max(now_ms - parse_span(span), 0)
    try:
        return parse_iso(text.strip())
    except (ValueError, OverflowError):
        raise BadArgument(
            "When it happened is written with its zone, such as 2026-11-22T18:00+04:00, or like `2h ago`."
        ) from None


def digest_of(path: Path) -> bytes:
    """SHA-256 of a file. Raises `BadArgument` where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as exc:
        raise BadArgument(f"The file cannot be read: {(exc.strerror or 'unknown reason').lower()}.") from None
