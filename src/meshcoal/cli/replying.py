"""`meshcoal statement import`, `replies`: what came back from outside, and what becomes of it.

Law: nothing that was given is passed over in silence. Each reply that cannot be read is told by file, place
and code, and the files stay as they are. Files are read in parts, however large.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from meshcoal.api.commands import DecideReplies, Decision, ImportReplies, ListReplies, ReplyState
from meshcoal.api.views import DecidedView, Imported, ImportedView, RepliesView, ReplyView
from meshcoal.cli.find import find_statement_id
from meshcoal.cli.leaf import leaf, yes_option
from meshcoal.cli.lookup import Thing, pick
from meshcoal.cli.moments import when
from meshcoal.cli.output import field, plural, progress, say, table
from meshcoal.cli.session import Session
from meshcoal.client.replies_in import files_in, parts_of_file, parts_of_stream, sealed_in
from meshcoal.errors import BadArgument, OverLimit, Unsupported
from meshcoal.ids import short
from meshcoal.limits import KIB, REPLIES_COMMAND_MAX, REPLIES_FILE_BYTES_MAX

_COMMAND_BYTES: Final = 512 * KIB
_DAMAGED: Final = "damaged"
_NONE: Final = "no-reply"
_TOLD_MAX: Final = 50


@leaf("import", example="meshcoal statement import evin free replies/ mail.txt")
@click.argument("campaign")
@click.argument("statement")
@click.argument("sources", nargs=-1, required=True, metavar="REPLIES...")
@click.pass_obj
def import_(session: Session, campaign: str, statement: str, sources: tuple[str, ...]) -> int:
    """Read replies to a call and keep them for review.

    REPLIES are files, folders, or `-` for standard input; one file may hold many, between other text. In
    pictures (PNG, JPEG, WebP) QR codes are looked for.
    Reading the same twice does no harm. Withdrawals take effect at once. Exit code 1: some could not be read.
    """
    where, letter = find_statement_id(session, campaign, statement)
    told: Counter[str] = Counter()
    refused: list[tuple[str, int, str]] = []
    waiting: list[tuple[str, int, bytes]] = []

    def send() -> None:
        if waiting:
            command = ImportReplies(
                campaign=where, statement=letter, replies=tuple([sealed for _, _, sealed in waiting])
            )
            view = session.ask(command, ImportedView)
            for (name, number, _), one in zip(waiting, view.outcomes, strict=True):
                told[one.outcome.value] += 1
                if one.outcome is Imported.REFUSED:
                    refused.append((name, number, one.code))
            waiting.clear()

    for name, number, sealed in _found(session, _files(sources)):
        if isinstance(sealed, str):
            refused.append((name, number, sealed))
            continue
        waiting.append((name, number, sealed))
        if len(waiting) == REPLIES_COMMAND_MAX or sum(len(one) for _, _, one in waiting) > _COMMAND_BYTES:
            send()
    send()

    def for_people() -> None:
        say(
            "{new} new, {known} known already, {withdrawals}, {refused} that cannot be read.",
            new=plural(told[Imported.NEW] + told[Imported.FURTHER], "reply is", "replies are"),
            known=told[Imported.KNOWN],
            withdrawals=plural(told[Imported.WITHDRAWAL], "withdrawal", "withdrawals"),
            refused=len(refused),
        )
        for name, number, code in refused[:_TOLD_MAX]:
            say("    {name}, {number}: {code}", name=name, number=number or "nothing", code=code)
        if len(refused) > _TOLD_MAX:
            say("    and {more} more: --json tells all.", more=len(refused) - _TOLD_MAX)
        if told[Imported.NEW] + told[Imported.FURTHER]:
            say("Look at them with `meshcoal statement replies`.")

    outcome = {one.value: told[one.value] for one in Imported if one is not Imported.REFUSED}
    lost = [{"file": name, "number": number, "code": code} for name, number, code in refused]
    session.show({**outcome, "refused": lost}, for_people)
    return 1 if refused else 0


@leaf("replies", example="meshcoal statement replies evin free --accept 3f2a --refuse 91bc")
@click.argument("campaign")
@click.argument("statement")
@click.option("--accept", multiple=True, metavar="REPLY", help="Onto the letter; may be repeated.")
@click.option("--ask", multiple=True, metavar="REPLY", help="To be asked about first; may be repeated.")
@click.option("--refuse", multiple=True, metavar="REPLY", help="May be repeated; can be taken back.")
@click.option("--wait", multiple=True, metavar="REPLY", help="As if nothing had been decided.")
@click.option("--accept-all", is_flag=True, help="All that wait and are not marked.")
@click.option("--note", default="", help="Kept with those you decide on now, on this device.")
@click.option(
    "--state",
    type=click.Choice([one.value for one in ReplyState]),
    default=ReplyState.WAITING.value,
    show_default=True,
    help="Which ones to show.",
)
@yes_option
@click.pass_obj
def replies(
    session: Session,
    campaign: str,
    statement: str,
    accept: tuple[str, ...],
    ask: tuple[str, ...],
    refuse: tuple[str, ...],
    wait: tuple[str, ...],
    accept_all: bool,
    note: str,
    state: str,
    yes: bool,
) -> None:
    """Show the replies that wait for a decision, and decide.

    REPLY is its id or name, as the list tells it. Marked are those of somebody who may be on the list
    already: `double` is a name like another's, `further` a key that signed another way. What is accepted
    stands on the letter for everybody, with you as the one who accepted it.
    """
    where, letter = find_statement_id(session, campaign, statement)
    wanted = {
        Decision.ACCEPT: accept,
        Decision.ASK: ask,
        Decision.REFUSE: refuse,
        Decision.WAIT: wait,
    }
    known = (
        [one for kind in ReplyState for one in _all(session, where, letter, kind)]
        if any(wanted.values())
        else []
    )
    things = [Thing(one.id, one.name) for one in known]
    chosen = {decision: [pick("reply", one, things) for one in named] for decision, named in wanted.items()}
    if accept_all:
        clear = [
            one for one in _all(session, where, letter, ReplyState.WAITING) if not (one.double or one.further)
        ]
        if clear:
            session.confirm(
                f"Accept {plural(len(clear), 'reply', 'replies')} onto the letter? Type yes", yes=yes
            )
        chosen[Decision.ACCEPT] += [one.id for one in clear if one.id not in chosen[Decision.ACCEPT]]
    done = {
        decision.value: _decide(session, where, letter, decision, ids, note)
        for decision, ids in chosen.items()
        if ids
    }
    shown = _all(session, where, letter, ReplyState(state))

    def for_people() -> None:
        for decision, count in done.items():
            say("{decision}: {count}", decision=decision, count=count)
        table(
            ("REPLY", "NAME", "AS", "TITLE", "AFFILIATION", "COUNTRY", "DATED", "MARKED"),
            [
                (
                    short(one.id),
                    one.name,
                    one.capacity,
                    one.title,
                    one.affiliation,
                    one.country,
                    when(one.signed_ms),
                    marks(one),
                )
                for one in shown
            ],
        )
        for one in shown:
            if one.note or one.decided_by:
                say(
                    "    {reply} {name}: {note}{by}",
                    reply=short(one.id),
                    name=one.name,
                    note=one.note,
                    by=f" ({one.decided_by})" if one.decided_by else "",
                )

    session.show({"done": done, "replies": shown}, for_people)


def marks(one: ReplyView) -> str:
    """What a person should look at before they accept a reply."""
    flags = (("double", one.double), ("further", one.further), ("late", one.late))
    return ", ".join(name for name, is_so in flags if is_so)


def _decide(
    session: Session, where: bytes, letter: bytes, decision: Decision, ids: list[bytes], note: str
) -> int:
    done = 0
    for at in range(0, len(ids), REPLIES_COMMAND_MAX):
        command = DecideReplies(
            campaign=where,
            statement=letter,
            replies=tuple(ids[at : at + REPLIES_COMMAND_MAX]),
            decision=decision,
            note=note,
        )
        done += session.ask(command, DecidedView).done
        if len(ids) > REPLIES_COMMAND_MAX and not session.as_json:
            progress(field(decision.value), min(at + REPLIES_COMMAND_MAX, len(ids)), len(ids))
    return done


def _all(session: Session, where: bytes, letter: bytes, state: ReplyState) -> list[ReplyView]:
    found: dict[bytes, ReplyView] = {}
    after, more = b"", True
    while more:
        command = ListReplies(campaign=where, statement=letter, state=state, after=after)
        page = session.ask(command, RepliesView)
        more = page.more and page.replies[-1].id not in found
        found |= {one.id: one for one in page.replies}
        after = page.replies[-1].id if more else b""
    return list(found.values())


# --- Reading


def _files(sources: tuple[str, ...]) -> list[Path | None]:
    """Files, in the order given and by name; None is standard input. Raises `BadArgument`."""
    found: list[Path | None] = []
    for source in sources:
        found += [None] if source == "-" else files_in(Path(source))
    return found


def _found(session: Session, sources: list[Path | None]) -> Iterator[tuple[str, int, bytes | str]]:
    """Name, number and bytes of each reply, or the code of why there are none; number 0: none in the file."""
    sizes = [path.stat().st_size if path else 0 for path in sources]
    if max(sizes, default=0) > REPLIES_FILE_BYTES_MAX:
        raise BadArgument("A file is too large to hold replies.")
    total, done, shown = sum(sizes), 0, -1

    def counted(parts: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal done, shown
        for part in parts:
            yield part
            done += len(part)
            percent = 100 * min(done, total) // total if total else -1
            if percent > shown and not session.as_json and session.on_terminal():
                shown = percent
                progress("Replies", min(done, total), total)

    for path in sources:
        name = path.name if path else "-"
        parts = parts_of_file(path) if path else parts_of_stream(sys.stdin.buffer)
        try:
            for number, sealed in sealed_in(counted(parts)):
                yield name, number, sealed or (_DAMAGED if number else _NONE)
        except (OverLimit, Unsupported, BadArgument) as exc:  # the files behind it are read all the same
            yield name, 0, exc.code
