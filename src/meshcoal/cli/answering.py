"""`meshcoal statement answer`: signing a call from outside, without vault, daemon or network.

Law: nobody signs a text they did not see. The key is made here, for this letter alone; its file is written
before the reply is, so that nobody holds a signature that they cannot take back.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from meshcoal.cli import files
from meshcoal.cli.leaf import leaf
from meshcoal.cli.moments import when_here
from meshcoal.cli.options import CAPACITIES
from meshcoal.cli.output import block, say
from meshcoal.cli.session import Session
from meshcoal.clock import to_second
from meshcoal.errors import BadArgument, MalformedCall, MalformedReply, OverLimit
from meshcoal.limits import MIB

if TYPE_CHECKING:
    from meshcoal.wire.call import Call
    from meshcoal.wire.outsider import Said
    from meshcoal.wire.public_text import SignOnFields
    from meshcoal.wire.signatory_key import SignatoryKey

_FILE_BYTES_MAX: Final = 4 * MIB  # of a page with a call in it


@leaf(
    "answer",
    example='meshcoal statement answer call-3f9a12bc.meshcoal-call.txt --as organisation --name "Forum"',
)
@click.argument("call", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--as",
    "capacity",
    type=click.Choice(list(CAPACITIES)),
    help="affiliated: as an individual, with an affiliation that does not endorse.",
)
@click.option("--name", help="Of the organisation or the person, as it shall be published.")
@click.option(
    "--name-in", "names", multiple=True, metavar="LANGUAGE=NAME", help="In another script; repeatable."
)
@click.option("--title", default="", help="Such as Director or Dr.")
@click.option("--affiliation", default="", help="With --as affiliated, and only there.")
@click.option("--country", default="")
@click.option(
    "--members", type=click.IntRange(0), default=0, help="With --as network: on behalf of how many."
)
@click.option("--read", "languages", multiple=True, help="A language you read the text in; may be repeated.")
@click.option("--code", help="The call's code, as you were told it: refused where it is another.")
@click.option(
    "--key", "key_path", type=click.Path(path_type=Path), help="Sign anew with a key file you kept."
)
@click.option("--late", is_flag=True, help="Also behind the deadline: to stand in an addendum.")
@click.option("--withdraw", is_flag=True, help="With --key: take the signature back.")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default=True,
    help="Where reply and key file go.",
)
@click.option("--qr", is_flag=True, help="Draw the reply as a QR code as well.")
@click.option("--digest", help="Digest of the text you have seen, all 64 digits.")
@click.option("--yes", is_flag=True, help="Do not ask; only together with --digest, or to withdraw.")
@click.pass_obj
def answer(
    session: Session,
    call: Path,
    capacity: str | None,
    name: str | None,
    names: tuple[str, ...],
    title: str,
    affiliation: str,
    country: str,
    members: int,
    languages: tuple[str, ...],
    code: str | None,
    key_path: Path | None,
    late: bool,
    withdraw: bool,
    folder: Path,
    qr: bool,
    digest: str | None,
    yes: bool,
) -> None:
    """Sign a letter from outside its campaign: CALL is a file, a page, or the text of a call.

    Writes a sealed reply, to be sent by any means to whom the call names, and a key file, to be kept: with it
    the signature can be taken back.
    """
    from meshcoal.wire.call import call_code

    if yes and digest is None and not withdraw:
        raise click.UsageError("--yes needs --digest: nobody signs what they did not see")
    opened = _call(call)
    if code is not None and "".join(code.split()).lower() != call_code(opened).replace(" ", ""):
        raise BadArgument("The call has another code than the one you were told: do not sign it.")
    if digest is not None and digest.strip().lower() != opened.digest.hex():
        raise BadArgument("The letter has another digest than the one you named: nothing was signed.")
    kept = _kept(key_path, opened) if key_path is not None else None
    if withdraw:
        if kept is None:
            raise click.UsageError("--withdraw goes with --key: the file that was kept")
        session.confirm("Take your signature back? Type yes", yes=yes)
        _finish(session, opened, _withdrawal(opened, kept, session.now_ms()), None, folder, qr=qr)
        return
    if capacity is None or name is None:
        raise click.UsageError("--as and --name say who signs")
    fields = _fields(
        capacity=capacity,
        name=name,
        names=names,
        title=title,
        affiliation=affiliation,
        country=country,
        members=members,
        languages=languages,
        now_ms=session.now_ms(),
    )
    if not yes:
        _show(opened, call_code(opened))
        said_as = ", ".join(part for part in (name, title, affiliation, country) if part)
        say("You sign as {capacity}: {name}", capacity=capacity, name=said_as, err=True)
        session.confirm("To sign exactly this text, type sign", yes=False, word="sign")
    said, key = _sign_on(opened, kept, fields, late=late)
    _finish(session, opened, said, key, folder, qr=qr, again=kept is not None)


def _kept(path: Path, opened: Call) -> SignatoryKey:
    from meshcoal.wire.signatory_key import KEY_FILE_BYTES_MAX, parse_key_file

    try:
        kept = parse_key_file(files.read_bytes(path, bytes_max=KEY_FILE_BYTES_MAX))
    except MalformedReply as exc:
        raise BadArgument(f"The key file cannot be used: {exc}.") from exc
    if kept.statement != opened.digest:
        raise BadArgument("This key was made for another letter.")
    return kept


def _fields(
    *,
    capacity: str,
    name: str,
    names: tuple[str, ...],
    title: str,
    affiliation: str,
    country: str,
    members: int,
    languages: tuple[str, ...],
    now_ms: int,
) -> SignOnFields:
    from meshcoal.client.entering import parse_names
    from meshcoal.wire.plain import normalise_line
    from meshcoal.wire.public_text import SignOnFields

    return SignOnFields(
        capacity=CAPACITIES[capacity],
        name=normalise_line(name),
        title=normalise_line(title),
        affiliation=normalise_line(affiliation),
        country=normalise_line(country),
        languages_read=tuple(sorted({language.lower() for language in languages})),
        signed_ms=to_second(now_ms),
        names=tuple(sorted(parse_names(names), key=lambda one: one.language)),
        members=members,
    )


def _sign_on(
    opened: Call, kept: SignatoryKey | None, fields: SignOnFields, *, late: bool
) -> tuple[Said, SignatoryKey]:
    from meshcoal.crypto.entropy import OsEntropy
    from meshcoal.crypto.signing import SEED_BYTES, SigningKey
    from meshcoal.statement import replies
    from meshcoal.wire.outsider import said_digest
    from meshcoal.wire.signatory_key import SignatoryKey

    key = SigningKey.from_seed(kept.seed if kept else OsEntropy().take(SEED_BYTES))
    said = replies.make_sign_on(opened, key, fields, late=late)
    digest = said_digest(opened.digest, said)
    return said, SignatoryKey(statement=opened.digest, sign_on=digest, seed=key.seed)


def _withdrawal(opened: Call, kept: SignatoryKey, now_ms: int) -> Said:
    from meshcoal.crypto.signing import SigningKey
    from meshcoal.statement import replies

    key = SigningKey.from_seed(kept.seed)
    return replies.make_withdrawal(opened.digest, key, kept.sign_on, to_second(now_ms))


def _finish(
    session: Session,
    opened: Call,
    said: Said,
    key: SignatoryKey | None,
    folder: Path,
    *,
    qr: bool,
    again: bool = False,
) -> None:
    """Seal, and write: the key first."""
    from meshcoal.crypto.agreement import XWingSealer
    from meshcoal.statement import replies
    from meshcoal.wire.reply import SUFFIX, reply_file, reply_text
    from meshcoal.wire.signatory_key import KEY_SUFFIX, key_file

    stem = opened.digest.hex()[:8]
    reply = files.inside(folder, f"{'reply' if key else 'withdrawal'}-{stem}{SUFFIX}")
    key_path = files.inside(folder, f"my-key-{stem}{KEY_SUFFIX}")
    files.refuse_existing(reply)
    if key is not None and not again:
        files.refuse_existing(key_path)
    sealed = replies.seal_reply(opened, said, XWingSealer())
    files.make_folder(folder)
    if key is not None:
        files.write_new(key_path, key_file(key), private=True, replace=again)
    files.write_new(reply, reply_file(sealed), private=True)

    def for_people() -> None:
        say("{path}", path=reply)
        say("Send it, or the text in it, by any means to: {places}.", places="; ".join(opened.reply_to))
        if key is not None:
            say("Keep {path}: with it you can take your signature back.", path=key_path)
        if qr:
            from meshcoal.cli import qr as drawing

            drawing.draw_all(reply_text(sealed))

    written = [str(reply), *([str(key_path)] if key is not None else [])]
    session.show({"reply": reply_text(sealed), "files": written}, for_people)


def _call(source: Path) -> Call:
    """A file, a page, or the text itself. Raises `BadArgument`."""
    from meshcoal.client.pictures import is_picture_file
    from meshcoal.export.call import call_in
    from meshcoal.wire.call import LINK_PREFIX, parse_call, parse_link

    typed = str(source)
    try:
        if typed.startswith(LINK_PREFIX):
            return parse_link(typed)
        if source.is_file() and is_picture_file(source):
            return parse_link(_in_picture(source))
        text = files.read_text(source, bytes_max=_FILE_BYTES_MAX)
        if text.lstrip().startswith(LINK_PREFIX):
            return parse_link(text)
        return parse_call(call_in(text.encode()))
    except (MalformedCall, OverLimit) as exc:
        raise BadArgument(f"This is no sound call: {exc}.") from exc


def _in_picture(source: Path) -> str:
    """The call in the codes of a picture. Raises `BadArgument`."""
    from meshcoal.client.pictures import codes_in
    from meshcoal.wire.call import LINK_PREFIX
    from meshcoal.wire.qr_parts import joined
    from meshcoal.wire.slips import texts_in

    texts, lacking = texts_in(codes_in(source))
    whole, missing = joined(texts)
    calls = [text for text in whole if text.startswith(LINK_PREFIX)]
    if len(calls) != 1:
        raise BadArgument(
            "This picture does not hold all codes of a call: put those of several pictures together with "
            "`meshcoal statement read-picture`."
            if missing or lacking
            else "This picture holds no call, or more than one."
        )
    return calls[0]


def _show(call: Call, code: str) -> None:
    """The letter, who asks and who reads, on standard error: standard output may be a program's."""
    say("Asked by {asks}, until {at}.", asks=call.asks, at=when_here(call.until_ms), err=True)
    say("Code of the call: {code}. Ask somebody you know whether it is theirs.", code=code, err=True)
    for line in call.data:
        say("    {line}", line=line, err=True)
    say(
        "Your reply can be read by organisers alone; {needed} of {holders} who hold the key have to agree.",
        needed=call.needed,
        holders=call.holders,
        err=True,
    )
    say("This is the letter, to the letter:", err=True)
    block(call.canonical_text, indent="  | ", err=True)
    say("Digest: {digest}", digest=call.digest.hex(), err=True)
