"""A member gone bad: somebody with a member's keys who keeps none of the rules.

Law: an insider has everything one member has, their disk and their place in the network, and nothing of
anybody else. It speaks the protocol well enough to be listened to, and then says what it likes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from meshcoal.crypto.deterministic import DeterministicKem
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.sealing import seal_body
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import RemoteError
from meshcoal.group import agreement, ratchet
from meshcoal.group.keyring import with_chain
from meshcoal.ids import NO_EPOCH, AuthorId, CampaignId, EpochId, OperationId
from meshcoal.sim.convergence import open_campaign
from meshcoal.sim.disk import MemoryDisk
from meshcoal.sim.world import World
from meshcoal.sync.exchange import frontier_of
from meshcoal.sync.knock import Knocks, Pattern, campaign_psk
from meshcoal.sync.session import Session, Tools
from meshcoal.wire.bodies import Body, encode_body
from meshcoal.wire.frames import (
    Frontier,
    Held,
    Hello,
    Lack,
    Lacking,
    Message,
    Run,
    Sample,
    Spare,
    Standing,
    Taken,
    Want,
)
from meshcoal.wire.operation import (
    EPOCH_KINDS,
    SALT_BYTES,
    SIGNATURE_BYTES,
    TALK_KINDS,
    Header,
    Kind,
    Operation,
    body_hash,
    directs_hash,
    signing_input,
)
from meshcoal.wire.reconciling import Digest


class Insider:
    """A `network.Party` with a copy of a member's disk.

    `forks`: it may write operations that are taken in, so that the member's log is its own no longer.
    """

    def __init__(
        self,
        world: World,
        victim: str,
        campaign: CampaignId,
        *,
        name: str = "insider",
        forks: bool = True,
    ) -> None:
        self.name = name
        self.address = world.stranger_address()
        self.heard: list[Message] = []
        self.links_up = 0
        self.links_ended = 0
        self._world = world
        self._entropy = SeededEntropy(f"{world.seed} insider {name}".encode())
        self._disk: MemoryDisk = world.machines[victim].disk.copy()
        self.campaign = open_campaign(self._disk, campaign)
        self._dial = 0
        self._plans: dict[int, tuple[bytes, list[Message]]] = {}  # dial -> whose link key, what to say
        self._sessions: dict[int, tuple[Session, list[Message]]] = {}
        world.network.join(self)
        if forks:
            world.watch.suspects.add(self.author)

    @property
    def author(self) -> AuthorId:
        return self.campaign.me

    # --- As a party

    def reachable(self) -> bool:
        return True

    def link_up(self, link: int, dial: int | None) -> None:
        if dial is None:
            self._world.network.hang_up(self, link)
            return
        self.links_up += 1
        remote, messages = self._plans.pop(dial)
        session, frame = Session.dial(
            name=("campaign", self.campaign.id),
            pattern=Pattern.KNOWN,
            static=self.campaign.persona.link,
            remote=remote,
            psk=campaign_psk(self.campaign.id),
            tools=Tools(entropy=self._entropy, kem=DeterministicKem(self._entropy), knocks=Knocks()),
            now_ms=self._world.now_ms,
        )
        self._sessions[link] = session, messages
        self._world.network.send(self, link, frame)

    def link_down(self, link: int, code: str) -> None:
        self.links_ended += 1
        self._sessions.pop(link, None)

    def dial_failed(self, dial: int, code: str) -> None:
        self._plans.pop(dial, None)

    def frame(self, link: int, data: bytes) -> None:
        if link not in self._sessions:
            return
        session, messages = self._sessions[link]
        fresh = not session.established
        try:
            answers, heard = session.read(data, self._world.now_ms)
        except RemoteError:
            self._world.network.hang_up(self, link)
            return
        self.heard += heard
        if fresh and session.established:
            answers += [frame for message in messages for frame in session.write(message, self._world.now_ms)]
        # Whoever seems to hold the same is listened to.
        echoes = [message for message in heard if isinstance(message, Digest)]
        answers += [frame for message in echoes for frame in session.write(message, self._world.now_ms)]
        for answer in answers:
            self._world.network.send(self, link, answer)

    def refused(self, code: str) -> None:
        """Somebody sent it too much; it does not mind."""

    # --- What it does

    def say(self, victim: str, messages: Sequence[Message]) -> None:
        """Dial a member's node, prove to be a member, and say this, once."""
        machine = self._world.machines[victim]
        target = open_campaign(machine.disk, self.campaign.id)
        self._dial += 1
        self._plans[self._dial] = target.persona.link.public, list(messages)
        self._world.network.dial(self, self._dial, machine.address)

    def give(self, victim: str, *operations: bytes) -> None:
        """Send operations to one member, sound or not, as if everything before them were known."""
        whole = Frontier(whole=True, held=frontier_of(self.campaign.dag))
        self.say(victim, [whole, Run(operations=tuple(operations))])

    def vandalise(self, victim: str, chance: Random, body: Body) -> None:
        """Send one member something that nobody may ever take in: a forgery, or nonsense in good form."""
        seq, last = self.campaign.dag.frontier.get(self.author, (-1, OperationId(b"")))
        if agreement.ready(self.campaign.keyring, self.campaign.view()) is None:
            return  # nothing it seals now would be looked into
        sound = self.forge(Kind.POST, body)
        match chance.choice(
            ("signature", "stranger", "parents", "seq", "backlink", "frontier", "gossip", "junk")
        ):
            case "signature":
                self.give(victim, replace_signature(sound, chance.randbytes(64)).encoded)
            case "stranger":
                key = SigningKey.from_seed(chance.randbytes(32))
                self.give(victim, self.forge(Kind.POST, body, key=key).encoded)
            case "parents":
                nowhere = OperationId(chance.randbytes(32))
                self.give(victim, self.forge(Kind.POST, body, parents=(nowhere,)).encoded)
            case "seq":
                far = seq + chance.randint(2, 2**30)
                self.give(victim, self.forge(Kind.POST, body, seq=far, backlink=last or bytes(32)).encoded)
            case "backlink":
                tops = [
                    top for author, (_, top) in self.campaign.dag.frontier.items() if author != self.author
                ]
                foreign = chance.choice(tops) if tops else bytes(32)
                self.give(victim, self.forge(Kind.POST, body, seq=seq + 2, backlink=foreign).encoded)
            case "frontier":
                count = chance.randint(0, 99)
                held = tuple(
                    [Held(author=chance.randbytes(32), seq=2**40, mark=bytes(16)) for _ in range(count)]
                )
                taken = Taken(runs=2**40)
                self.say(victim, [Frontier(whole=True, held=held), Want(held=held), taken])
            case "gossip":
                whole = Frontier(whole=True, held=frontier_of(self.campaign.dag))
                self.say(victim, [whole, *self.gossip(chance)])
            case "junk":
                self.give(victim, *[chance.randbytes(chance.randint(1, 999)) for _ in range(9)])

    def gossip(self, chance: Random) -> list[Message]:
        """Lies of a neighbour: where it stands, what it lacks, how many links it has, whom it knows."""
        members = [*self.campaign.membership.ever_in(), AuthorId(chance.randbytes(32))]
        some = tuple(chance.choices(sorted(members), k=8))
        began_s = self._world.now_ms // 1000 + chance.randint(-600, 600)
        lies: list[Message] = [
            Standing(
                began_s=began_s, root=some[0][:8], label_us=chance.choice((0, 5_000, 2**40)), chosen=True
            ),
            Standing(began_s=began_s, root=self.author[:8], label_us=0, chosen=False),
            Lack(logs=tuple([Lacking(author=one, first=chance.randrange(9)) for one in some])),
            Hello(links=chance.randrange(20), drawn=True),
            Sample(peers=some, answer=False),
            Spare(peers=some),
            Frontier(whole=False, held=(Held(author=some[0], seq=2**30, mark=bytes(16)),)),
        ]
        chance.shuffle(lies)
        return lies * chance.randint(1, 9)

    def forge(
        self,
        kind: Kind,
        body: Body,
        *,
        seq: int | None = None,
        backlink: bytes | None = None,
        parents: tuple[OperationId, ...] | None = None,
        epoch: EpochId | None = None,
        key: SigningKey | None = None,
        author: AuthorId | None = None,
        salt: bytes | None = None,
        successor: bytes = b"",
    ) -> Operation:
        """An operation of this member, lawful but for what is given; a key alone: a stranger's."""
        campaign = self.campaign
        signer = key if key is not None else campaign.seeds.signing_key()
        if author is None:
            author = AuthorId(key.public) if key is not None else campaign.me
        last_seq, last = campaign.dag.frontier.get(author, (-1, OperationId(b"")))
        place = last_seq + 1 if seq is None else seq
        chosen = epoch
        if chosen is None:
            ready = agreement.ready(campaign.keyring, campaign.view())
            assert ready is not None, "an insider writes while it holds a key"
            chosen = ready.epoch
        where = agreement.Place(
            campaign=campaign.id,
            author=author,
            kind=kind,
            seq=place,
            parents=campaign.dag.heads if parents is None else parents,
            salt=salt if salt is not None else self._entropy.take(SALT_BYTES),
        )
        sealed, index = self._sealed(where, chosen, encode_body(body))
        header = Header(
            campaign=campaign.id,
            author=author,
            seq=place,
            backlink=last if backlink is None else backlink,
            parents=where.parents,
            kind=kind,
            epoch=NO_EPOCH if kind in EPOCH_KINDS else chosen,
            salt=where.salt,
            index=index,
            successor=successor,
            body_hash=body_hash(sealed),
            directs_hash=directs_hash(()),
        )
        unsigned = Operation(header=header, sealed_body=sealed, directs=(), signature=bytes(SIGNATURE_BYTES))
        return replace_signature(unsigned, signer.sign(signing_input(unsigned.id)))

    def _sealed(self, place: agreement.Place, epoch: EpochId, plain: bytes) -> tuple[bytes, int]:
        """Under the key held, or under zeros where none is."""
        ring = self.campaign.keyring
        if place.kind not in TALK_KINDS:
            known = ring.epochs.get(epoch)
            key = known.record if known is not None and known.record else bytes(32)
            return seal_body(key, place.salt, place.author, place.seq, place.campaign, plain), 0
        if place.author not in ring.chains.get(epoch, {}):
            return bytes(len(plain) + 16), 0
        chain = ring.chains[epoch][place.author]
        after, sealed = ratchet.seal_next(chain, place.heading(epoch, chain.index), plain)
        self.campaign.keyring = with_chain(ring, epoch, after)
        return sealed, chain.index


def replace_signature(operation: Operation, signature: bytes) -> Operation:
    """The same operation under another signature."""
    return replace(operation, signature=signature)
