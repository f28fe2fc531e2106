"""Make the vectors of the pairwise channel, the ratchet and key agreement, from one seed.

    PYTHONPATH=src python tests/vectors/make_group_vectors.py [--check]

Each file says what goes in and what comes out, in hex, so that another implementation can compare. X-Wing
draws its chance from OpenSSL, so what is sealed to a prekey was made once and is read back from the files
that are there; all else must come out the same.
"""

from __future__ import annotations

import argparse
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.agreement import XWingSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.sealing import derive
from meshcoal.group import agreement, keyring, pairwise, ratchet
from meshcoal.group.agreement import PairwiseCourier, Place
from meshcoal.group.keyring import Keyring
from meshcoal.group.pairwise import Context, Form, fresh_channel
from meshcoal.group.prekeys import NO_PREKEYS, Prekeys, choose, encode_bundle, prekey_id, publish
from meshcoal.group.ratchet import Heading
from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.wire import record
from meshcoal.wire.operation import Kind

FOLDER: Final = Path(__file__).parent
NOW_MS: Final = 1_800_000_000_000
CAMPAIGN: Final = CampaignId(bytes(range(32)))
ANA: Final = AuthorId(b"\xa1" * 32)
BEN: Final = AuthorId(b"\xb2" * 32)
CHI: Final = AuthorId(b"\xc3" * 32)


def _place(author: AuthorId, kind: Kind, seq: int) -> Place:
    parents = (OperationId(bytes([seq]) * 32),)
    return Place(
        campaign=CAMPAIGN, author=author, kind=kind, seq=seq, parents=parents, salt=bytes([seq]) * 16
    )


class Replaying:
    """X-Wing whose seals are those of the file, where there is one: chance enters nowhere else."""

    def __init__(self, kept: list[str]) -> None:
        self._real = XWingSealer()
        self._kept = list(kept)
        self.sealed: list[str] = []
        self.public_bytes = self._real.public_bytes

    def public_of(self, seed: bytes) -> bytes:
        return self._real.public_of(seed)

    def check_public(self, public: bytes) -> None:
        self._real.check_public(public)

    def seal(self, public: bytes, plaintext: bytes, info: bytes) -> bytes:
        made = bytes.fromhex(self._kept.pop(0)) if self._kept else self._real.seal(public, plaintext, info)
        self.sealed.append(made.hex())
        return made

    def open(self, seed: bytes, sealed: bytes, info: bytes) -> bytes:
        return self._real.open(seed, sealed, info)

    def opener(self, seed: bytes) -> Callable[[bytes, bytes], bytes]:
        return functools.partial(self.open, seed)


def pairwise_vectors(kept: list[str]) -> dict[str, Any]:
    """First contact, an answer, a renewal, and two messages that cross."""
    entropy = SeededEntropy(b"pairwise vectors")
    sealer = Replaying(kept)
    held: dict[AuthorId, Prekeys] = {}
    bundles = {}
    for author in (ANA, BEN):
        held[author], bundles[author] = publish(
            NO_PREKEYS, sealer=sealer, entropy=entropy, now_ms=NOW_MS, count=1
        )
    ends = {
        ANA: fresh_channel(CAMPAIGN, me=ANA, peer=BEN),
        BEN: fresh_channel(CAMPAIGN, me=BEN, peer=ANA),
    }
    start = {
        "prekeys": {author.hex(): record.encode(held[author]).hex() for author in held},
        "bundle_of_ben": encode_bundle(bundles[BEN]).hex(),
        "prekey_name": prekey_id(bundles[BEN].one_time[0]).hex(),
    }
    steps = []

    def send(sender: AuthorId, seq: int, form: Form) -> tuple[Context, bytes]:
        peer = BEN if sender == ANA else ANA
        context = _place(sender, Kind.REKEY, seq).context(peer)
        target = None
        if form is not Form.NEXT:
            target = choose(
                bundles[peer], sender=sender, members=[sender], now_ms=NOW_MS, used=form is Form.RENEW
            )
        secret = derive(bytes(32), b"vector secret", bytes([seq]))
        ends[sender], sealed = pairwise.send(
            ends[sender],
            secret=secret,
            context=context,
            target=target,
            sealer=sealer,
            entropy=entropy,
            now_ms=NOW_MS,
        )
        steps.append(
            {
                "sender": sender.hex(),
                "form": form.name.lower(),
                "context": record.encode(context).hex(),
                "context_digest": context.digest().hex(),
                "secret": secret.hex(),
                "sealed": sealed.hex(),
                "sender_after": record.encode(ends[sender]).hex(),
            }
        )
        return context, sealed

    def take(recipient: AuthorId, letter: tuple[Context, bytes]) -> None:
        ends[recipient], held[recipient], opened = pairwise.receive(
            ends[recipient],
            held[recipient],
            sealed=letter[1],
            context=letter[0],
            sealer=sealer,
            now_ms=NOW_MS,
        )
        steps.append(
            {
                "recipient": recipient.hex(),
                "secret": opened.secret.hex(),
                "recipient_after": record.encode(ends[recipient]).hex(),
            }
        )

    take(BEN, send(ANA, 1, Form.FIRST))
    take(ANA, send(BEN, 2, Form.NEXT))
    take(BEN, send(ANA, 3, Form.RENEW))
    crossing = (send(ANA, 4, Form.NEXT), send(BEN, 5, Form.NEXT))
    take(BEN, crossing[0])
    take(ANA, crossing[1])
    return {"exchanges": sealer.sealed, **start, "steps": steps}


def ratchet_vectors() -> dict[str, Any]:
    """Three messages of one chain."""
    secret = bytes(range(32))
    chain = ratchet.start(secret, ANA)
    steps = []
    for index in range(3):
        place = _place(ANA, Kind.POST, index + 1)
        heading: Heading = place.heading(EpochId(b"\xee" * 32), index)
        text = b"message %d" % index
        before = chain.key
        chain, sealed = ratchet.seal_next(chain, heading, text)
        steps.append(
            {
                "heading": heading.encoded().hex(),
                "chain_key": before.hex(),
                "plaintext": text.hex(),
                "sealed": sealed.hex(),
                "chain_after": record.encode(chain).hex(),
            }
        )
    return {"secret": secret.hex(), "author": ANA.hex(), "messages": steps}


def agreement_vectors(kept: list[str]) -> dict[str, Any]:
    """Ana begins an epoch with Ben, then hands its keys to Chi with a message."""
    entropy = SeededEntropy(b"agreement vectors")
    sealer = Replaying(kept)
    courier = PairwiseCourier(sealer=sealer, entropy=entropy)
    rings: dict[AuthorId, Keyring] = {}
    for author in (ANA, BEN, CHI):
        prekeys, bundle = publish(NO_PREKEYS, sealer=sealer, entropy=entropy, now_ms=NOW_MS, count=0)
        rings[author] = Keyring(campaign=CAMPAIGN, me=author, prekeys=prekeys)
        if author != ANA:
            rings[ANA] = keyring.note_bundle(rings[ANA], author, bundle, ())
    start = {author.hex(): record.encode(ring.prekeys).hex() for author, ring in rings.items()}
    epoch = EpochId(b"\xee" * 32)
    update = _place(ANA, Kind.REKEY, 1)
    ana, keys, directs = agreement.begin(
        rings[ANA],
        place=update,
        recipients=[BEN],
        carried=(),
        courier=courier,
        entropy=entropy,
        now_ms=NOW_MS,
    )
    ana = keyring.adopt(ana, epoch, keys)
    talk = _place(ANA, Kind.POST, 2)
    ana, forwards = agreement.hand(
        ana,
        place=talk,
        to=[CHI],
        epochs=[epoch],
        carried=[],
        courier=courier,
        entropy=entropy,
        now_ms=NOW_MS,
    )
    ana, sealed, index = agreement.write(ana, place=talk, epoch=epoch, plaintext=b"for all of us")
    ben, taken = agreement.take(rings[BEN], place=update, directs=directs, courier=courier, now_ms=NOW_MS)
    assert taken is not None
    ben = keyring.adopt(ben, epoch, keyring.fresh(taken.secret, update.names((ANA, BEN))))
    chi, handed = agreement.take(rings[CHI], place=talk, directs=forwards, courier=courier, now_ms=NOW_MS)
    assert handed is not None
    for one in handed.handed:
        chi = keyring.learn(chi, one, giver=ANA, proven=True)
    for ring in (ben, chi):
        _, text = agreement.read(ring, place=talk, epoch=epoch, index=index, sealed=sealed, now_ms=NOW_MS)
        assert text == b"for all of us"
    return {
        "exchanges": sealer.sealed,
        "prekeys": start,
        "update_context": record.encode(update.context(BEN)).hex(),
        "update_directs": [[one.tag.hex(), one.sealed.hex()] for one in directs],
        "record_key": keys.record.hex(),
        "chains": {author.hex(): chain.key.hex() for author, chain in sorted(keys.chains.items())},
        "forward_context": record.encode(talk.context(CHI)).hex(),
        "forward_directs": [[one.tag.hex(), one.sealed.hex()] for one in forwards],
        "handed": [record.encode(one).hex() for one in handed.handed],
        "talk": sealed.hex(),
        "talk_index": index,
    }


def made(folder: Path) -> dict[str, dict[str, Any]]:
    """All vectors, by file name; what was sealed to prekeys is taken from the files that are there."""
    kept = {}
    for name in ("pairwise.json", "agreement.json"):
        path = folder / name
        kept[name] = json.loads(path.read_text(encoding="utf-8"))["exchanges"] if path.is_file() else []
    return {
        "pairwise.json": pairwise_vectors(kept["pairwise.json"]),
        "ratchet.json": ratchet_vectors(),
        "agreement.json": agreement_vectors(kept["agreement.json"]),
    }


def spelled(vectors: dict[str, Any]) -> str:
    return json.dumps(vectors, indent=1) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the files and change nothing")
    check = parser.parse_args().check
    for name, vectors in made(FOLDER).items():
        path = FOLDER / name
        if check and path.read_text(encoding="utf-8") != spelled(vectors):
            raise SystemExit(f"{name} is not what comes out now")
        if not check:
            path.write_text(spelled(vectors), encoding="utf-8")


if __name__ == "__main__":
    main()
