"""Every decoder that sees bytes of a peer, a file or a stranger, under one roof, for a fuzzer to feed.

Law: whatever the bytes, a decoder returns or raises `RemoteError`; what it returns has a spelling, and where
one is named that spelling is what went in. Run `python fuzz/decoders.py` with the optional group `fuzz`
installed; tests/fuzz holds the table complete and runs it with Hypothesis.
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from meshcoal.crypto import ring, signing
from meshcoal.crypto.agreement import AgreementKey, XWingSealer, check_agreement_public
from meshcoal.crypto.chunks import chunk_key, seal_chunk
from meshcoal.crypto.deterministic import DeterministicKem, DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.handshake import CipherState
from meshcoal.crypto.parts import Locks
from meshcoal.crypto.ring import Ring, RingKey
from meshcoal.crypto.sealing import derive, pad, seal, unseal_body
from meshcoal.errors import BadArgument, BadHandshake, MalformedOnion, RemoteError
from meshcoal.group import agreement, prekeys, ratchet
from meshcoal.group.agreement import Handed, PairwiseCourier, Place
from meshcoal.group.keyring import Keyring
from meshcoal.group.pairwise import FORM_BYTES, fresh_channel
from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.limits import BEAT_BYTES, MESSAGE_BYTES_MAX, PACKAGE_BYTES_MAX
from meshcoal.node.files import Files
from meshcoal.sim.disk import MemoryDisk
from meshcoal.statement.verification import verify
from meshcoal.sync.board import Assembly, day_keys, open_envelope
from meshcoal.sync.knock import (
    HANDSHAKE_FRAME_BYTES,
    KNOCK_BYTES,
    Door,
    Knock,
    Knocks,
    Pattern,
    door_secret,
    invitation_psk,
)
from meshcoal.sync.loose import LooseSet
from meshcoal.sync.reconcile import Reconciliation
from meshcoal.sync.session import Session, Tools
from meshcoal.text.sanitise import clean, one_line
from meshcoal.wire import canonical, record
from meshcoal.wire.annex import decode_annex, encode_annex
from meshcoal.wire.attachment import Attachment, decode_attached, encode_attached
from meshcoal.wire.beats import decode_beat, encode_beat
from meshcoal.wire.bodies import decode_body, encode_body
from meshcoal.wire.bundle import decode_content, encode_content
from meshcoal.wire.call import call_text, link_text, parse_call, parse_link
from meshcoal.wire.counted import COUNTED
from meshcoal.wire.filenames import safe_file_name
from meshcoal.wire.frames import MESSAGES, Message
from meshcoal.wire.invitation import decode_invitation
from meshcoal.wire.joining import Answer, Request, decode_carried, encode_carried
from meshcoal.wire.key_text import decode_key_text, encode_key_text
from meshcoal.wire.onion import decode_onion, encode_onion
from meshcoal.wire.operation import Direct, Kind, decode_header, decode_operation, encode_header
from meshcoal.wire.package import decode_package, encode_package
from meshcoal.wire.packing import pack, unpack
from meshcoal.wire.pictures import cleaned
from meshcoal.wire.posted import POSTED
from meshcoal.wire.public_text import canonical_text, parse_canonical_text
from meshcoal.wire.reconciling import RECONCILING
from meshcoal.wire.record import encode as encode_record
from meshcoal.wire.relay_text import RELAY_PREFIX, decode_relay, encode_relay
from meshcoal.wire.relaying import RELAYING
from meshcoal.wire.reply import Pile, plain_reply, read_plain_reply
from meshcoal.wire.sealed import SEALED, SealedRoster, SealedSignOn, SealedTerms
from meshcoal.wire.signatory_key import key_file, parse_key_file
from meshcoal.wire.slips import slips_in
from meshcoal.wire.week_keys import HeldWeeks, WeekKeys

KEY: Final = AgreementKey.from_private(bytes(range(32)))
PEER: Final = AgreementKey.from_private(bytes(range(32, 64)))


def header(data: bytes) -> None:
    assert encode_header(decode_header(data)) == data


def operation(data: bytes) -> None:
    assert decode_operation(data).encoded == data


def body(data: bytes) -> None:
    kinds = list(Kind)
    kind = kinds[data[0] % len(kinds)] if data else kinds[0]
    assert encode_body(decode_body(kind, data[1:])) == data[1:]


def plain_value(data: bytes) -> None:
    assert canonical.encode(canonical.decode(data)) == data


def attached(data: bytes) -> None:
    """What the store gives back, and before that a peer's message held."""
    assert encode_attached(decode_attached(data)) == data


def chunk(data: bytes) -> None:
    """A chunk from a member of whom none was asked; then a manifest that its author sealed well."""
    files = Files(CampaignId(bytes(32)), MemoryDisk(), first_place=0)
    file = Attachment(
        name="a", media_type="b/c", size=70_000, key=bytes(32), digest=bytes(32), manifest=bytes(32)
    )
    try:
        files.fetching.meet(1, AuthorId(bytes(32)))
        files.fetching.on_chunk(1, data, 0)
    except RemoteError:
        key = chunk_key(file.key, file.digest, files.campaign)
        files.open_manifest(file, seal_chunk(key, 0, pad(data)))


def picture(data: bytes) -> None:
    """A picture that the user attaches, whoever made it."""
    for kind in (b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\x00\x00\x00WEBP"):
        try:
            once = cleaned(kind + data)
        except BadArgument:
            continue
        assert cleaned(once) == once


def message(data: bytes) -> None:
    assert MESSAGES.encode(MESSAGES.decode(data, bytes_max=MESSAGE_BYTES_MAX)) == data


def reconciling(data: bytes) -> None:
    assert RECONCILING.encode(RECONCILING.decode(data, bytes_max=MESSAGE_BYTES_MAX)) == data


def relaying(data: bytes) -> None:
    assert RELAYING.encode(RELAYING.decode(data, bytes_max=MESSAGE_BYTES_MAX)) == data


def posted(data: bytes) -> None:
    assert POSTED.encode(POSTED.decode(data, bytes_max=MESSAGE_BYTES_MAX)) == data


def onion(data: bytes) -> None:
    """An address in Tor: one spelling, and any other is refused."""
    with contextlib.suppress(MalformedOnion):
        spelled = data.decode("latin-1")
        assert encode_onion(decode_onion(spelled)) == spelled


def relay_text(data: bytes) -> None:
    """A line that somebody hands on: another spelling of the same is no other relay."""
    with contextlib.suppress(BadArgument):
        relay = decode_relay(RELAY_PREFIX + data.decode("latin-1"))
        assert decode_relay(encode_relay(relay)) == relay


def parcel(data: bytes) -> None:
    """What a member put in an envelope, whoever is a member; as long as it fits."""
    salt, day = bytes(16), 20_000
    of_day, signer = day_keys(bytes(32), bytes(32), day)
    plain = data[:400]
    padded = (len(plain).to_bytes(3, "big") + plain).ljust(480, b"\x00")
    sealed = seal(derive(of_day, b"meshcoal board envelope 1", salt), bytes(12), padded, signer.public)
    opened = open_envelope(bytes(32), bytes(32), day, salt + sealed)
    assert encode_record(opened) == plain
    Assembly().add(opened)


def packed_run(data: bytes) -> None:
    """What unpacks is well-formed, and packs again."""
    operations = unpack(CampaignId(bytes(32)), data).operations()
    for one in operations:
        decode_operation(one)
    again = pack(operations)
    assert again is not None
    assert unpack(CampaignId(bytes(32)), again).operations() == operations


class _Logs:
    """Three logs of ten operations each."""

    def authors(self) -> list[AuthorId]:
        return [AuthorId(bytes([number]) * 32) for number in range(3)]

    def top(self, author: AuthorId) -> int:
        return 9

    def mark(self, author: AuthorId, seq: int) -> bytes:
        return author[:8] + seq.to_bytes(8, "big")


def reconciled(data: bytes) -> None:
    """Anything that a peer says while stores are compared; the first byte is where in it that is."""
    held = LooseSet([OperationId(bytes([number]) * 32) for number in range(40)])
    dialled = bool(data) and data[0] < 128
    mine = Reconciliation(
        _Logs(), held, operations=30, secret=bytes(32), dialled=dialled, entropy=SeededEntropy(b"fuzz")
    )
    unlike = replace(mine.digest, logs=bytes(16), loose=bytes(16), count=40 + len(data) % 2)
    mine.hear(unlike)
    said = RECONCILING.decode(data[1:], bytes_max=MESSAGE_BYTES_MAX)
    assert isinstance(said, Message)
    for _ in range(2):
        for answer in mine.hear(said).say:
            RECONCILING.encode(answer)


def _tools(seed: bytes) -> Tools:
    entropy = SeededEntropy(seed)
    return Tools(entropy=entropy, kem=DeterministicKem(entropy), knocks=Knocks())


def first_frame(data: bytes) -> None:
    """What a stranger says first, to a node with a contact's door and an invitation's."""
    doors = (
        Door(name=("contact", b""), pattern=Pattern.KNOWN, static=KEY, psk=bytes(32)),
        Door(name=("invitation", b""), pattern=Pattern.INVITATION, static=KEY, psk=invitation_psk(bytes(16))),
    )
    try:
        Session.answer(data, doors=doors, tools=_tools(b"fuzz"), now_ms=0)
    except BadHandshake:
        # Nobody guesses a tag; so that what lies behind it is reached, put the right one in front.
        secret = door_secret(Pattern.KNOWN, bytes(32), KEY.public)
        knock = Knock(secret=secret, day=0, chance=data[:16].ljust(16, b"\x00"))
        masked = knock.mask().over(_fitted(data, HANDSHAKE_FRAME_BYTES - KNOCK_BYTES))
        Session.answer(knock.head + masked, doors=doors, tools=_tools(b"fuzz"), now_ms=0)


def second_frame(data: bytes) -> None:
    """What a responder answers to a dialler."""
    dialled, first = Session.dial(
        name=("contact", b""),
        pattern=Pattern.INVITATION,
        static=KEY,
        remote=PEER.public,
        psk=bytes(32),
        tools=_tools(b"fuzz"),
        now_ms=0,
    )
    secret = door_secret(Pattern.INVITATION, bytes(32), PEER.public)
    knock = Knock(secret=secret, day=0, chance=first[:16])
    mask = knock.mask()
    mask.over(first[KNOCK_BYTES:])
    dialled.read(mask.over(_fitted(data, HANDSHAKE_FRAME_BYTES)), 0)


def _fitted(data: bytes, size: int) -> bytes:
    return data[:size].ljust(size, b"\x00")


def unsealed_frame(data: bytes) -> None:
    """Bytes on a link whose session stands, from somebody without its keys."""
    _session()[0].read(data, 0)


def inside_frame(data: bytes) -> None:
    """Frames inside a session, from a peer who seals well and says anything at all, twice."""
    near, far = _session()
    near.read(far.encrypt(data), 0)
    near.read(far.encrypt(data), 0)


def inside_message(data: bytes) -> None:
    """The same in a frame of the right size, so that the message itself is reached."""
    near, far = _session()
    padded = b"\x00" + min(len(data), 2_000).to_bytes(2, "big") + data[:2_000]
    near.read(far.encrypt(padded.ljust(2_048, b"\x00")), 0)


def _session() -> tuple[Session, CipherState]:
    """A session that stands, and the sending key of its peer."""
    dialled, first = Session.dial(
        name=("contact", b""),
        pattern=Pattern.KNOWN,
        static=KEY,
        remote=PEER.public,
        psk=bytes(32),
        tools=_tools(b"near"),
        now_ms=0,
    )
    door = Door(name=("contact", b""), pattern=Pattern.KNOWN, static=PEER, psk=bytes(32))
    far, second = Session.answer(first, doors=[door], tools=_tools(b"far"), now_ms=0)
    for answer in dialled.read(second, 0)[0]:
        far.read(answer, 0)
    assert dialled.established
    assert far._outgoing is not None
    return dialled, far._outgoing._cipher


def invitation(data: bytes) -> None:
    decode_invitation(data.decode("utf-8", "replace"))


def key_text(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    assert decode_key_text(encode_key_text(decode_key_text(text))) == decode_key_text(text)


def bundle_content(data: bytes) -> None:
    content = decode_content(data + b"\x80")
    assert encode_content(content, len(data) + 1) == data + b"\x80"


def carried_request(data: bytes) -> None:
    for cls in (Request, Answer):
        found = decode_carried(cls, data + b"\x80")
        assert encode_carried(found, len(data) + 1) == data + b"\x80"


def bundle_part(data: bytes) -> None:
    """A part that opens up to its slots, with anything in them; and one that does not open."""
    locks = Locks(campaign=b"c" * 32, records=[b"r" * 32], seeds=[b"s" * 32])
    head = derive(locks.campaign, b"meshcoal bundle head 1", b"t" * 32)
    counts = seal(head, bytes(12), data[:16].ljust(16, b"\x00"), b"")
    slots = seal(head, bytes(11) + b"\x01", data[16:400].ljust(384, b"\x00"), b"")
    sealer = DeterministicSealer(SeededEntropy(b"bundle"))
    locks.open((b"t" * 32 + counts + slots + data).ljust(2_048, b"\x00")[:2_048], sealer)
    locks.open(data.ljust(2_048, b"\x00")[:2_048], sealer)


def slips(data: bytes) -> None:
    texts = [base64.b32encode(data.ljust(521, b"\x07")[:521]).decode().rstrip("="), data.decode("latin-1")]
    whole, _lacking = slips_in(texts)
    assert not whole


def annex(data: bytes) -> None:
    assert encode_annex(decode_annex(data)) == data


def call(data: bytes) -> None:
    assert call_text(parse_call(data)) == data


def call_link(data: bytes) -> None:
    found = parse_link(data.decode("utf-8", "replace"))
    assert parse_link(link_text(found)) == found


def reply(data: bytes) -> None:
    """What is sealed in a reply, as it is and brought to a size that replies have."""
    for one in (data, _fitted(data, 512), b"S" + _fitted(data, 511)):
        try:
            assert plain_reply(bytes(32), read_plain_reply(bytes(32), one)) == one
        except RemoteError:
            continue


def reply_pile(data: bytes) -> None:
    """Text in which replies may stand, whole and in two parts."""
    text = f"meshcoal-reply-1:{data.decode('latin-1')}.meshcoal-reply-1:"
    for cut in (0, len(text) // 2):
        pile = Pile()
        found = [*pile.feed(text[:cut]), *pile.feed(text[cut:]), *pile.finish()]
        assert len(found) == pile.count >= 2


def signatory_key(data: bytes) -> None:
    kept = parse_key_file(data)
    assert parse_key_file(key_file(kept)) == kept


def package(data: bytes) -> None:
    assert len(data) <= PACKAGE_BYTES_MAX
    assert encode_package(decode_package(data)) == data


def verified(data: bytes) -> None:
    """The verifier of a stranger's file: a report or a `RemoteError`, never less."""
    verify(data)


def public_text(data: bytes) -> None:
    assert canonical_text(parse_canonical_text(data)) == data


def signature(data: bytes) -> None:
    signing.verify(data[:32], b"text", data[32:])


def sealed_sign_on(data: bytes) -> None:
    """What goes about without an author: envelopes, withdrawals, shares, keys."""
    assert SEALED.encode(SEALED.decode(data)) == data


def beat(data: bytes) -> None:
    """A frame of things without an author, as it is and brought to the one size."""
    head = b"\x93\x46"  # three parts, of which the first says that it is a beat
    for one in (data, _fitted(data, BEAT_BYTES), _fitted(head + data, BEAT_BYTES)):
        try:
            assert encode_beat(decode_beat(one)) == one
        except RemoteError:
            continue


def counted_sign_on(data: bytes) -> None:
    """What a package holds of those who are counted and not named."""
    assert COUNTED.encode(COUNTED.decode(data)) == data


def sealed_terms(data: bytes) -> None:
    """What an organiser's freeze says of a roster and its terms."""
    for kind in (SealedRoster, SealedTerms, SealedSignOn, WeekKeys, HeldWeeks):
        try:
            assert record.encode(record.decode(kind, data)) == data
        except RemoteError:
            continue


def ring_signature(data: bytes) -> None:
    """A signature of the right size for a ring of two, around anything; and an opened tag."""
    key = RingKey(bytes(32))
    keys = Ring.of([key.public, RingKey(b"2" * 32).public])
    for signed in (data, _fitted(data, 128), key.tag(b"event") + _fitted(data, 96)):
        try:
            ring.verify(keys, b"event", b"message", signed)
        except RemoteError:
            continue
    ring.check_opening(data[:32], b"event", data[32:64], b"message", data[64:])


def link_key(data: bytes) -> None:
    check_agreement_public(data)


def sealing_key(data: bytes) -> None:
    XWingSealer().check_public(data)


def sealed_direct(data: bytes) -> None:
    XWingSealer().open(bytes(32), data, b"info")


def sealed_direct_simulated(data: bytes) -> None:
    DeterministicSealer(SeededEntropy(b"fuzz")).open(bytes(32), data, b"info")


def sealed_body(data: bytes) -> None:
    unseal_body(bytes(32), bytes(16), bytes(32), 0, bytes(32), data)


CAMPAIGN: Final = CampaignId(b"c" * 32)
ANA: Final = AuthorId(b"a" * 32)
BEN: Final = AuthorId(b"b" * 32)
PLACE: Final = Place(
    campaign=CAMPAIGN, author=ANA, kind=Kind.ADD, seq=1, parents=(OperationId(b"p" * 32),), salt=bytes(16)
)


def _pairwise() -> tuple[PairwiseCourier, Keyring, bytes]:
    """Ben, whom Ana has written to before, and a pairwise message of hers that carries 32 zeros."""
    entropy = SeededEntropy(b"fuzz")
    courier = PairwiseCourier(sealer=DeterministicSealer(entropy), entropy=entropy)
    held, published = prekeys.publish(
        prekeys.NO_PREKEYS, sealer=DeterministicSealer(entropy), entropy=entropy, now_ms=0, count=1
    )
    target = prekeys.choose(published, sender=ANA, members=[ANA], now_ms=0)
    ana, ben = fresh_channel(CAMPAIGN, me=ANA, peer=BEN), fresh_channel(CAMPAIGN, me=BEN, peer=ANA)
    before = replace(PLACE, seq=0).context(BEN)
    ana, first = courier.send(ana, secret=bytes(32), context=before, target=target, now_ms=0)
    ben, held, _ = courier.receive(ben, held, sealed=first, context=before, now_ms=0)
    _, message = courier.send(ana, secret=bytes(32), context=PLACE.context(BEN), target=None, now_ms=0)
    return courier, Keyring(campaign=CAMPAIGN, me=BEN, prekeys=held, channels={ANA: ben}), message


def _take(courier: PairwiseCourier, keyring: Keyring, sealed: bytes) -> None:
    direct = Direct(tag=PLACE.tag(BEN), sealed=sealed)
    agreement.take(keyring, place=PLACE, directs=(direct,), courier=courier, now_ms=0)


def direct(data: bytes) -> None:
    """What an operation brings one member, from somebody who can seal nothing; in each of its lengths."""
    courier, keyring, _ = _pairwise()
    sizes = [len(data), *FORM_BYTES]
    _take(courier, keyring, _fitted(data[1:], sizes[data[0] % len(sizes)]) if data else data)


def joined_direct(data: bytes) -> None:
    """A true pairwise message of a member's, and anything at all beside it."""
    courier, keyring, message = _pairwise()
    _take(courier, keyring, len(message).to_bytes(2, "big") + message + data)


def handed_inside(data: bytes) -> None:
    """Keys that a member hands truly sealed, and that say anything at all."""
    courier, keyring, message = _pairwise()
    context = PLACE.context(BEN)
    box = seal(derive(bytes(32), b"meshcoal handed keys 1"), bytes(12), pad(data), context.digest())
    _take(courier, keyring, len(message).to_bytes(2, "big") + message + box)


def handed(data: bytes) -> None:
    assert record.encode(record.decode(Handed, data)) == data


def bundle(data: bytes) -> None:
    sealer = DeterministicSealer(SeededEntropy(b"fuzz"))
    assert prekeys.encode_bundle(prekeys.decode_bundle(data, sealer)) == data


def talk(data: bytes) -> None:
    """Sealed talk of a member whose chain is held; the first byte is its index."""
    index, sealed = (data[0], data[1:]) if data else (0, data)
    chain = ratchet.start(bytes(32), ANA)
    ratchet.open_message(chain, PLACE.heading(EpochId(bytes(32)), index), sealed, now_ms=0)


def shown_text(data: bytes) -> None:
    """Foreign text on its way to a screen: always comes out, and coming out twice changes nothing."""
    text = data.decode("utf-8", "replace")
    for multiline in (False, True):
        once = clean(text, multiline=multiline)
        assert clean(once, multiline=multiline) == once
    one_line(text, 40)


def file_name(data: bytes) -> None:
    assert safe_file_name(data.decode("utf-8", "replace"), "file")


TARGETS: Final[tuple[Callable[[bytes], None], ...]] = (
    plain_value,
    header,
    operation,
    body,
    message,
    packed_run,
    attached,
    chunk,
    picture,
    reconciling,
    relaying,
    posted,
    onion,
    relay_text,
    parcel,
    reconciled,
    first_frame,
    second_frame,
    unsealed_frame,
    inside_frame,
    inside_message,
    invitation,
    key_text,
    annex,
    bundle_content,
    carried_request,
    bundle_part,
    slips,
    call,
    call_link,
    reply,
    reply_pile,
    signatory_key,
    package,
    verified,
    public_text,
    signature,
    beat,
    sealed_sign_on,
    counted_sign_on,
    sealed_terms,
    ring_signature,
    link_key,
    sealing_key,
    sealed_direct,
    sealed_direct_simulated,
    sealed_body,
    direct,
    joined_direct,
    handed_inside,
    handed,
    bundle,
    talk,
    shown_text,
    file_name,
)


def one_input(data: bytes) -> None:
    """The first byte names the decoder, the rest is for it."""
    if not data:
        return
    try:
        TARGETS[data[0] % len(TARGETS)](data[1:])
    except RemoteError:
        return


def main() -> None:
    # Loaded by name: the fuzzer is optional, and has neither types nor wheels for every platform.
    atheris = importlib.import_module("atheris")
    atheris.instrument_all()
    atheris.Setup([*sys.argv, "-rss_limit_mb=1024", "-max_len=65536"], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
