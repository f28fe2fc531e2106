"""Attacks on what members seal to each other: directs, handed keys, talk, prekey bundles."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.sealing import seal_body, unseal_body
from meshcoal.group import agreement, keyring, pairwise, prekeys
from meshcoal.group.agreement import PairwiseCourier
from meshcoal.group.keyring import Keyring
from meshcoal.group.pairwise import Channel, Context, Form, fresh_channel
from meshcoal.group.prekeys import NO_PREKEYS, Bundle, Prekeys
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.wire.operation import Direct, Kind

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "group"))

from groupwork import CAMPAIGN, NOW_MS, Coalition, Member, Written
from refusalwork import Apart, Harmless, Refused, Row

ELSEWHERE: Final = CampaignId(b"d" * 32)
ANA: Final = AuthorId(b"a" * 32)
BEN: Final = AuthorId(b"b" * 32)
CHI: Final = AuthorId(b"x" * 32)
PART: Final = "What members seal to each other"
IN_THE_KEY: Final = "Its place goes into key and tag, which do not say what of it is wrong."


# --- Directs


@dataclass
class End:
    """One side of a pairwise channel."""

    me: AuthorId
    channel: Channel
    prekeys: Prekeys
    bundle: Bundle
    seq: int = 0


class Letters:
    """Ana writes to Ben until the next direct is of a given form."""

    def __init__(self, form: Form) -> None:
        self.entropy = SeededEntropy(b"hostile directs")
        self.sealer = DeterministicSealer(self.entropy)
        self.form = form
        self.ana, self.ben = self._end(ANA, BEN), self._end(BEN, ANA)
        if form is not Form.FIRST:
            self.open(*self.send())

    def _end(self, me: AuthorId, peer: AuthorId) -> End:
        held, bundle = prekeys.publish(
            NO_PREKEYS, sealer=self.sealer, entropy=self.entropy, now_ms=NOW_MS, count=2
        )
        return End(me, fresh_channel(CAMPAIGN, me=me, peer=peer), held, bundle)

    def send(self) -> tuple[Context, bytes]:
        """Ana's next direct."""
        context = Context(
            campaign=CAMPAIGN,
            sender=ANA,
            recipient=BEN,
            kind=Kind.REKEY,
            seq=self.ana.seq,
            parents=(bytes([self.ana.seq]) * 32,),
            salt=bytes(16),
        )
        self.ana.seq += 1
        target = None
        if not self.ana.channel.root_out or self.form is Form.RENEW:
            used = bool(self.ana.channel.root_out)
            target = prekeys.choose(self.ben.bundle, sender=ANA, members=[ANA], now_ms=NOW_MS, used=used)
        self.ana.channel, sealed = pairwise.send(
            self.ana.channel,
            secret=self.entropy.take(32),
            context=context,
            target=target,
            sealer=self.sealer,
            entropy=self.entropy,
            now_ms=NOW_MS,
        )
        return context, sealed

    def wanted(self) -> tuple[Context, bytes]:
        """The next direct, which has the form that is tried."""
        context, sealed = self.send()
        assert len(sealed) == self.form.value
        return context, sealed

    def open(self, context: Context, sealed: bytes, *, end: End | None = None) -> None:
        taker = self.ben if end is None else end
        channel, held, _ = pairwise.receive(
            taker.channel, taker.prekeys, sealed=sealed, context=context, sealer=self.sealer, now_ms=NOW_MS
        )
        taker.channel, taker.prekeys = channel, held


def direct_twice(form: Form) -> None:
    letters = Letters(form)
    letter = letters.wanted()
    letters.open(*letter)
    letters.open(*letter)


def direct_early(form: Form) -> None:
    letters = Letters(form)
    letters.wanted()
    letters.form = Form.NEXT
    letters.open(*letters.send())


def direct_cut(form: Form) -> None:
    letters = Letters(form)
    context, sealed = letters.wanted()
    letters.open(context, sealed[:-1])


def direct_moved(form: Form, **changes: bytes) -> None:
    letters = Letters(form)
    context, sealed = letters.wanted()
    letters.open(replace(context, **changes), sealed)  # type: ignore[arg-type]


def direct_to_chi(form: Form) -> None:
    """Chi holds even Ben's prekeys, and the claims say that it is hers."""
    letters = Letters(form)
    context, sealed = letters.wanted()
    chi = End(CHI, fresh_channel(CAMPAIGN, me=CHI, peer=ANA), letters.ben.prekeys, letters.ben.bundle)
    letters.open(replace(context, recipient=CHI), sealed, end=chi)


def direct_to_a_used_prekey() -> None:
    """The same prekey sealed to by somebody who never wrote before."""
    letters = Letters(Form.FIRST)
    first = letters.wanted()
    letters.open(*first)
    letters.ben.channel = fresh_channel(CAMPAIGN, me=BEN, peer=ANA)
    letters.open(*first)


def direct_row(form: Form) -> Row:
    lied = "bad-seal" if form is not Form.NEXT else "out-of-step"
    return Row(
        name=f"Direct, {form.name.lower()} ({form.value:,} bytes)",
        part=PART,
        page="pairwise.md",
        covers=(form,),
        cells=(
            Refused(how="Once more", code="replayed", attack=lambda: direct_twice(form)),
            Refused(how="The one after it first", code="out-of-step", attack=lambda: direct_early(form)),
            Refused(how="Cut by a byte", code="malformed-direct", attack=lambda: direct_cut(form)),
            Refused(
                how="In an operation of another campaign",
                code="wrong-campaign",
                attack=lambda: direct_moved(form, campaign=ELSEWHERE),
            ),
            Refused(
                how=f"Put before another member, or under another author (claims made to fit: `{lied}`)",
                code="wrong-recipient",
                attack=lambda: direct_moved(form, recipient=CHI),
            ),
        ),
    )


def lied_row() -> Row:
    """What is left when the claims are made to fit, and what becomes of prekeys."""
    return Row(
        name="Direct whose place is lied about",
        part=PART,
        page="pairwise.md",
        cells=(
            Refused(
                how="To a one-time prekey that was used, on a channel that forgot it",
                code="prekey-reused",
                attack=direct_to_a_used_prekey,
            ),
            Refused(
                how="Under another seq",
                code="bad-seal",
                attack=lambda: direct_moved(Form.FIRST, seq=5),  # type: ignore[arg-type]
                why="The place goes into every key: a false one opens nothing, whatever is false about it.",
            ),
            Apart(why="A length cannot be lied about."),
            Refused(
                how="As if made for another campaign, on a channel of that campaign",
                code="bad-seal",
                attack=direct_elsewhere,
                why="The same.",
            ),
            Refused(
                how="As if made for another member, who even has the recipient's prekeys",
                code="bad-seal",
                attack=lambda: direct_to_chi(Form.FIRST),
                why="The same.",
            ),
        ),
    )


def direct_elsewhere() -> None:
    letters = Letters(Form.FIRST)
    context, sealed = letters.wanted()
    end = End(BEN, fresh_channel(ELSEWHERE, me=BEN, peer=ANA), letters.ben.prekeys, letters.ben.bundle)
    letters.open(replace(context, campaign=ELSEWHERE), sealed, end=end)


# --- A coalition: handed keys, talk, bundles


def coalition(size: int, *, founders: int) -> tuple[Coalition, list[Member]]:
    entropy = SeededEntropy(b"hostile coalition")
    sealer = DeterministicSealer(entropy)
    courier = PairwiseCourier(sealer=sealer, entropy=entropy)
    made = Coalition(size, courier=courier, sealer=sealer, entropy=entropy)
    everybody = list(made.members.values())
    made.create(everybody[0])
    for newcomer in everybody[1:founders]:
        made.add(everybody[0], newcomer)
    made.gossip()
    for member in everybody[:founders]:
        made.update(member)
        made.gossip()
    return made, everybody


def taken(
    made: Coalition, reader: Keyring, written: Written, directs: tuple[Direct, ...], **changes: object
) -> Keyring:
    place = replace(written.place, **changes)  # type: ignore[arg-type]
    after, _ = agreement.take(
        reader,
        place=place,
        directs=directs,
        courier=made.courier,
        now_ms=made.now_ms,
    )
    return after


def welcome() -> tuple[Coalition, Keyring, Written, Direct, list[Member]]:
    """Ana adds Nur; what Nur gets."""
    made, (ana, ben, nur, dov) = coalition(4, founders=2)
    written = made.add(ana, nur)
    tag = written.place.tag(nur.me)
    (direct,) = [one for one in written.directs if one.tag == tag]
    return made, nur.keyring, written, direct, [ana, ben, nur, dov]


def welcome_twice() -> object:
    made, nur, written, direct, _ = welcome()
    nur = taken(made, nur, written, (direct,))
    return taken(made, nur, written, (direct,))


def welcome_early() -> object:
    """What Ana seals to Nur next, before the welcome."""
    made, nur, _, _, (ana, *_) = welcome()
    update = made.update(ana)
    return taken(made, nur, update, update.directs)


def welcome_cut(size: int) -> object:
    """Cut within what is handed."""
    made, nur, written, direct, _ = welcome()
    return taken(made, nur, written, (replace(direct, sealed=direct.sealed[:size]),))


def welcome_moved(**changes: object) -> object:
    made, nur, written, direct, members = welcome()
    if "author" in changes:
        changes["author"] = members[1].me
    place = replace(written.place, **changes)  # type: ignore[arg-type]
    return taken(made, nur, written, (Direct(tag=place.tag(nur.me), sealed=direct.sealed),), **changes)


def welcome_to_dov() -> object:
    """Dov puts his tag on what was sealed to Nur."""
    made, _, written, direct, members = welcome()
    dov = members[3]
    return taken(made, dov.keyring, written, (Direct(tag=written.place.tag(dov.me), sealed=direct.sealed),))


def boxes_swapped() -> object:
    """The keys handed to one newcomer beside the pairwise message of another operation."""
    made, nur, written, direct, (ana, *_) = welcome()
    other = made.add(ana, list(made.members.values())[3])
    (theirs,) = [one for one in other.directs if one.tag == other.place.tag(list(made.members)[3])]
    size = int.from_bytes(direct.sealed[:2], "big")
    mixed = direct.sealed[: 2 + size] + theirs.sealed[2 + int.from_bytes(theirs.sealed[:2], "big") :]
    return taken(made, nur, written, (replace(direct, sealed=mixed),))


def talk() -> tuple[Coalition, list[Member], Written]:
    made, members = coalition(3, founders=3)
    return made, members, made.send(members[0])


def heard(reader: Keyring, written: Written, **changes: object) -> Keyring:
    place = replace(written.place, **changes)  # type: ignore[arg-type]
    after, _ = agreement.read(
        reader, place=place, epoch=written.epoch, index=written.index, sealed=written.sealed, now_ms=NOW_MS
    )
    return after


def talk_twice() -> object:
    _, (_, ben, _), sent = talk()
    return heard(heard(ben.keyring, sent), sent)


def talk_early() -> object:
    """Two messages in the other order: both open."""
    made, (ana, ben, _), first = talk()
    second = made.send(ana)
    reader = heard(ben.keyring, second)
    return heard(reader, first)


def talk_too_early() -> object:
    _, (_, ben, _), sent = talk()
    return heard(ben.keyring, replace(sent, index=sent.index + 1_001))


def talk_by_another() -> object:
    """Chi writes Ana's sealed bytes under her own name."""
    _, (_, ben, chi), sent = talk()
    return heard(ben.keyring, sent, author=chi.me)


def talk_to_an_outsider() -> object:
    """A member who came later has no chain of this epoch's past."""
    made, members = coalition(4, founders=3)
    sent = made.send(members[0])
    return heard(members[3].keyring, sent)


def bundle_of_ana() -> tuple[Coalition, list[Member], bytes]:
    made, members = coalition(2, founders=2)
    return made, members, prekeys.encode_bundle(members[0].bundle)


def bundle_twice() -> None:
    _, (ana, ben), _ = bundle_of_ana()
    assert keyring.note_bundle(ben.keyring, ana.me, ana.bundle, [ana.me, ben.me]) is ben.keyring


def bundle_older() -> None:
    _, (ana, ben), _ = bundle_of_ana()
    newer = replace(ana.bundle, number=ana.bundle.number + 1)
    known = keyring.note_bundle(ben.keyring, ana.me, newer, [ana.me, ben.me])
    assert known.bundles[ana.me].bundle == newer
    assert keyring.note_bundle(known, ana.me, ana.bundle, [ana.me, ben.me]) is known


def bundle_cut() -> object:
    made, _, encoded = bundle_of_ana()
    return prekeys.decode_bundle(encoded[:-1], made.sealer)


def bundle_of_another() -> object:
    """Mallory publishes Ben's keys as hers, and hands on to Ben what Ana then seals to her."""
    letters = Letters(Form.FIRST)
    mallory = AuthorId(b"m" * 32)
    target = prekeys.choose(letters.ben.bundle, sender=ANA, members=[ANA], now_ms=NOW_MS)
    context = Context(
        campaign=CAMPAIGN, sender=ANA, recipient=mallory, kind=Kind.REKEY, seq=0, parents=(), salt=bytes(16)
    )
    _, sealed = pairwise.send(
        fresh_channel(CAMPAIGN, me=ANA, peer=mallory),
        secret=bytes(32),
        context=context,
        target=target,
        sealer=letters.sealer,
        entropy=letters.entropy,
        now_ms=NOW_MS,
    )
    letters.open(replace(context, recipient=BEN), sealed)
    return None


def record_opened(*, seq: int = 4, salt: bytes = bytes(16), cut: int = 0, **changes: bytes) -> object:
    """The sealed body of Ana's operation 3, in another operation that its author signed."""
    sealed = seal_body(bytes(32), bytes(16), ANA, 3, CAMPAIGN, b"a record")
    author, campaign = changes.get("author", ANA), changes.get("campaign", CAMPAIGN)
    return unseal_body(bytes(32), salt, author, seq, campaign, sealed[: len(sealed) - cut])


def rows() -> tuple[Row, ...]:
    forms = tuple([direct_row(form) for form in Form])
    return (
        *forms,
        lied_row(),
        Row(
            name="Handed keys (welcome, forward)",
            part=PART,
            page="key-agreement.md",
            cells=(
                Refused(how="A welcome once more", code="replayed", attack=welcome_twice),
                Refused(
                    how="What is sealed to the newcomer next, before the welcome",
                    code="out-of-step",
                    attack=welcome_early,
                ),
                Refused(how="Cut within the box", code="malformed-direct", attack=lambda: welcome_cut(-1)),
                Refused(
                    how="In an operation of another campaign",
                    code="wrong-campaign",
                    attack=lambda: welcome_moved(campaign=ELSEWHERE),
                ),
                Refused(
                    how="Under another member's tag, or under another author",
                    code="prekey-unknown",
                    attack=welcome_to_dov,
                ),
            ),
        ),
        Row(
            name="Box of handed keys, beside another pairwise message",
            part=PART,
            page="key-agreement.md",
            cells=(
                Apart(why="It opens only beside its pairwise message, which opens once."),
                Apart(why="The same."),
                Apart(why="See the row above."),
                Apart(why="See the row above."),
                Refused(
                    how="The box made for one newcomer in the direct for another",
                    code="bad-seal",
                    attack=boxes_swapped,
                ),
            ),
        ),
        Row(
            name="Sealed body of a record, in another operation that is truly signed",
            part=PART,
            page="operation.md",
            cells=(
                Refused(
                    how="In a later operation of its author",
                    code="bad-seal",
                    attack=record_opened,
                    why=IN_THE_KEY,
                ),
                Refused(
                    how="In its place, under another salt",
                    code="bad-seal",
                    attack=lambda: record_opened(seq=3, salt=b"s" * 16),
                    why=IN_THE_KEY,
                ),
                Refused(how="Cut by a byte", code="truncated", attack=lambda: record_opened(seq=3, cut=1)),
                Refused(
                    how="In another campaign, whose record key is the same",
                    code="bad-seal",
                    attack=lambda: record_opened(seq=3, campaign=ELSEWHERE),
                    why=IN_THE_KEY,
                ),
                Refused(
                    how="In another member's operation",
                    code="bad-seal",
                    attack=lambda: record_opened(seq=3, author=BEN),
                    why=IN_THE_KEY,
                ),
            ),
        ),
        Row(
            name="Talk",
            part=PART,
            page="ratchet.md",
            covers=(),
            cells=(
                Refused(how="Once more", code="replayed", attack=talk_twice),
                Harmless(
                    how="Later ones first; more than 1,000 ahead they are `skipped-too-far`",
                    attack=talk_early,
                ),
                Refused(
                    how="Cut by a byte",
                    code="truncated",
                    attack=lambda: heard_cut(),
                ),
                Refused(
                    how="In another campaign",
                    code="wrong-campaign",
                    attack=lambda: heard_elsewhere(),
                ),
                Refused(
                    how="Under another author's name (to a member without the epoch's keys: `epoch-erased`)",
                    code="bad-seal",
                    attack=talk_by_another,
                ),
            ),
        ),
        Row(
            name="Talk, far ahead or without its keys",
            part=PART,
            page="ratchet.md",
            cells=(
                Apart(why="See the row above."),
                Refused(how="More than 1,000 messages ahead", code="skipped-too-far", attack=talk_too_early),
                Apart(why="See the row above."),
                Apart(why="See the row above."),
                Refused(
                    how="Before somebody who was never given its epoch's keys, or erased them",
                    code="epoch-erased",
                    attack=talk_to_an_outsider,
                ),
            ),
        ),
        Row(
            name="Prekey bundle",
            part=PART,
            page="pairwise.md",
            cells=(
                Harmless(how="Once more: the one that is known stays", attack=bundle_twice),
                Harmless(how="An older one after a newer: the newer stays", attack=bundle_older),
                Refused(how="Cut by a byte", code="malformed-body", attack=bundle_cut),
                Apart(why="It lies in an operation's body, whose campaign is signed, as its keys are."),
                Refused(
                    how="Published by another as their own, who then hands on what is sealed to it",
                    code="bad-seal",
                    attack=bundle_of_another,
                ),
            ),
        ),
    )


def heard_cut() -> object:
    _, (_, ben, _), sent = talk()
    return heard(ben.keyring, replace(sent, sealed=sent.sealed[:-1]))


def heard_elsewhere() -> object:
    _, (_, ben, _), sent = talk()
    return heard(ben.keyring, sent, campaign=ELSEWHERE)
