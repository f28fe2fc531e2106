"""My keys inside one campaign, and the card that tells the others their public halves.

Law: a persona is made for one campaign and used nowhere else, so that two campaigns cannot tell from keys
that the same person is in both.
"""

from __future__ import annotations

from meshcoal.crypto.agreement import AgreementKey, Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.signing import SigningKey
from meshcoal.ids import ID_BYTES, AuthorId
from meshcoal.node.records import PersonaRecord
from meshcoal.wire.bodies import Card


class Persona:
    """The keys, ready for use."""

    def __init__(self, kept: PersonaRecord, sealer: Sealer) -> None:
        self.record = kept
        self.act = SigningKey.from_seed(kept.act)
        self.link = AgreementKey.from_private(kept.link)
        self.author = AuthorId(kept.author)
        self._sealer = sealer

    def prekey_public(self) -> bytes:
        """The one-time prekey for whoever admits me; empty where the campaign is here already."""
        return self._sealer.public_of(self.record.prekey) if self.record.prekey else b""

    def card(self, hints: tuple[str, ...]) -> Card:
        """What others need to know of this persona."""
        return Card(
            author=self.author,
            act=self.act.public,
            link=self.link.public,
            seal=self.record.seal_public,
            name=self.record.name,
            hints=hints,
        )


def new_persona(*, name: str, entropy: Entropy, sealer: Sealer) -> PersonaRecord:
    """Fresh keys for one campaign."""
    seal = entropy.take(ID_BYTES)
    operation = entropy.take(ID_BYTES)
    return PersonaRecord(
        author=SigningKey.from_seed(operation).public,
        operation=operation,
        act=entropy.take(ID_BYTES),
        link=entropy.take(ID_BYTES),
        seal=seal,
        prekey=entropy.take(ID_BYTES),
        seal_public=sealer.public_of(seal),
        name=name,
    )
