"""My addresses in Tor, and who was given which key to them.

Law: a campaign has an address of its own, which says nothing of who I am elsewhere; contacts and those I
invite share addresses by `CLIENTS_PER_ADDRESS`, each with a key of their own. A key that is taken back is
replaced by one that nobody has. No address is served to anybody without a key. The keys lie in the vault.
Specified in docs/protocol/onion.md. Ours, unreviewed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.onion import client_public, service_public
from meshcoal.ids import ID_BYTES
from meshcoal.limits import ONION_GRACE_MS
from meshcoal.log.reader import LogReader
from meshcoal.node.effects import OnionService
from meshcoal.node.records import CLIENTS_PER_ADDRESS, ONIONS, OnionKey, OnionRecord, load_all
from meshcoal.node.step import Step
from meshcoal.wire.onion import CLIENT_KEY_BYTES, OnionHint, encode_onion

_NOBODY: Final = b""
# A record's key: a number for what contacts share, a campaign's id, or that and more for an old one.
_SHARD_BYTES: Final = 4
_OLD_BYTES: Final = 4


class Onions:
    """Gives out addresses and says what tor is to serve. While it is off, neither."""

    def __init__(self, *, reader: LogReader, entropy: Entropy) -> None:
        self._entropy = entropy
        self._records = dict(load_all(reader, OnionRecord, ONIONS))
        self._served: set[bytes] = set()  # keys of clients that tor was told of; never iterated
        self.on = False

    def switch(self, step: Step, *, on: bool) -> None:
        """Tor is wanted, or not."""
        before, self.on = self.on, on
        if on or before:
            self.serve(step)

    def serve(self, step: Step) -> None:
        """Ask the shell to serve what there is."""
        for name in [name for name, kept in self._records.items() if 0 < kept.until_ms <= step.now_ms]:
            self._drop(step, name)
        ending = [(kept.until_ms, name) for name, kept in self._records.items() if kept.until_ms]
        for until_ms, name in sorted(ending, reverse=True):  # of one campaign, the earliest is set last
            step.timer(f"{ONIONS}:{name[:ID_BYTES].hex()}", until_ms)
        self._served = {key.key for kept in self._records.values() for key in kept.keys}
        step.serve(self.services() if self.on else ())

    def services(self) -> tuple[OnionService, ...]:
        """All addresses, with the public keys of those who were given one."""
        return tuple(
            [
                OnionService(seed=kept.seed, clients=tuple([client_public(one.key) for one in kept.keys]))
                for _, kept in sorted(self._records.items())
            ]
        )

    def for_campaign(self, step: Step, campaign: bytes) -> tuple[str, ...]:
        """The address that members of a campaign are told, with their key; none while Tor is off."""
        assert len(campaign) == ID_BYTES, "a campaign's id"
        if not self.on:
            return ()
        kept = self._records.get(campaign)
        if kept is None:
            kept = self._make(step, campaign, keys=1)
        return (_hint(kept, kept.keys[0]),)

    def for_person(self, step: Step, who: bytes) -> tuple[str, ...]:
        """The address that a contact or an invitation is told, with a key of its own; none without Tor."""
        assert who, "somebody"
        if not self.on:
            return ()
        shared = [(key, kept) for key, kept in sorted(self._records.items()) if len(key) == _SHARD_BYTES]
        for wanted in (who, _NOBODY):  # the key they have, else the first that nobody has
            for name, kept in shared:
                for place, key in enumerate(kept.keys):
                    # One that replaces a key taken back opens nothing before tor is asked anew.
                    if key.who == wanted and key.key in self._served:
                        return (_hint(kept, self._give(step, name, place, who)),)
        name = len(shared).to_bytes(_SHARD_BYTES, "big")
        self._make(step, name, keys=CLIENTS_PER_ADDRESS)
        return (_hint(self._records[name], self._give(step, name, 0, who)),)

    def take_back(self, step: Step, who: bytes, *, now: bool) -> None:
        """What somebody was given opens nothing any more: `now`, or from the next time tor is asked.

        Serving an address anew breaks it off for a moment for everybody who shares it.
        """
        for name, kept in list(self._records.items()):
            for place, key in enumerate(kept.keys):
                if key.who == who and len(name) == _SHARD_BYTES:
                    fresh = OnionKey(key=self._entropy.take(CLIENT_KEY_BYTES), who=_NOBODY)
                    self._put(step, name, _with(kept, place, fresh))
                    if now:
                        self.serve(step)
                    return

    def renew(self, step: Step, campaign: bytes) -> None:
        """Somebody is out who knows the address: from now on another one is told.

        The old one is served for a while: members who were away know no other.
        """
        old = self._records.get(campaign)
        if old is None or not self.on:
            return
        until_ms = step.now_ms + ONION_GRACE_MS
        self._put(step, campaign + old.seed[:_OLD_BYTES], replace(old, until_ms=until_ms))
        self._make(step, campaign, keys=1)

    def drop_campaign(self, step: Step, campaign: bytes) -> None:
        """I am no member any more: its address is given up."""
        found = [name for name in self._records if name[:ID_BYTES] == campaign]
        for name in found:
            self._drop(step, name)
        if found:
            self.serve(step)

    def _drop(self, step: Step, name: bytes) -> None:
        del self._records[name]
        step.erase(ONIONS, name)

    def _give(self, step: Step, name: bytes, place: int, who: bytes) -> OnionKey:
        kept = self._records[name]
        if kept.keys[place].who != who:
            self._put(step, name, _with(kept, place, OnionKey(key=kept.keys[place].key, who=who)))
        return self._records[name].keys[place]

    def _make(self, step: Step, name: bytes, *, keys: int) -> OnionRecord:
        # All keys from the beginning: giving one out then needs nothing of tor, and tells nobody when.
        made = OnionRecord(
            seed=self._entropy.take(ID_BYTES),
            until_ms=0,
            keys=tuple(
                [OnionKey(key=self._entropy.take(CLIENT_KEY_BYTES), who=_NOBODY) for _ in range(keys)]
            ),
        )
        self._put(step, name, made)
        self.serve(step)
        return made

    def _put(self, step: Step, name: bytes, kept: OnionRecord) -> None:
        self._records[name] = kept
        step.put(ONIONS, name, kept)


def _with(kept: OnionRecord, place: int, key: OnionKey) -> OnionRecord:
    return replace(kept, keys=(*kept.keys[:place], key, *kept.keys[place + 1 :]))


def _hint(kept: OnionRecord, key: OnionKey) -> str:
    return encode_onion(OnionHint(service=service_public(kept.seed), client=key.key))
