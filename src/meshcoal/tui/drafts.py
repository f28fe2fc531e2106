"""What is being written, by the place where it is written.

Law: nothing that was written is lost, and nothing is sent twice. A text is in memory at once and under the
vault a second later, where it outlives a lock, a crash and a power cut; it is dropped when it was sent or
emptied. While a message is on its way it is kept under a name of its own, and the daemon erases that draft in
the step that sends it: so whoever lost the answer learns from the drafts whether it was sent.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Final

from meshcoal.api.commands import DropDraft, KeepDraft, ListDrafts, PostMessage
from meshcoal.api.views import DraftsView, DraftView, MessageView
from meshcoal.errors import DaemonUnreachable, LinkError, Locked, MeshcoalError, OverLimit, SentAlready
from meshcoal.limits import DRAFT_BYTES_MAX, DRAFT_SLOT_CHARS_MAX
from meshcoal.tui.session import Session

DraftKey = tuple[str, ...]  # the kind of place, then ids in hex; no part has a blank in it
KEEP_AFTER_S: Final = 1.0
TALK: Final = ("message", "change")  # kinds of which the second part is the campaign whose talk it is
_OURS: Final = "tui"
_SENDING: Final = "sending"
_UNSURE: Final = (Locked, DaemonUnreachable, LinkError)


class Drafts(MutableMapping[DraftKey, str]):
    """All that is being written in this window."""

    def __init__(
        self,
        changed: Callable[[], None],
        texts: Mapping[DraftKey, str] | None = None,
        *,
        chance: Callable[[int], bytes] | None = None,
    ) -> None:
        """
        Args:
            changed: called when something has to be kept: `put` is to be called soon after.
            texts: what an interface before this one left.
            chance: so many bytes, to tell what is sent from what other windows send; without it there is
                no other window.
        """
        self._chance = chance
        self._sent = 0
        self._texts: dict[DraftKey, str] = dict(texts or {})
        self._changed = changed
        self._unkept: dict[DraftKey, None] = dict.fromkeys(self._texts)
        self._back: set[DraftKey] = set()  # came from the vault, and nobody was told yet
        self._sending: set[str] = set()  # slots of what is on its way
        self._unsure: dict[str, tuple[DraftKey, str]] = {}  # slots of what may have been sent

    def __getitem__(self, key: DraftKey) -> str:
        return self._texts[key]

    def __setitem__(self, key: DraftKey, text: str) -> None:
        if self._texts.get(key) != text:
            self._texts[key] = text
            self._touched(key)

    def __delitem__(self, key: DraftKey) -> None:
        del self._texts[key]
        self._back.discard(key)
        self._touched(key)

    def __iter__(self) -> Iterator[DraftKey]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def _touched(self, key: DraftKey) -> None:
        self._unkept[key] = None
        self._changed()

    @property
    def unkept(self) -> bool:
        """Whether anything is in memory only."""
        return bool(self._unkept)

    def came_back(self, key: DraftKey) -> bool:
        """Whether a text is there again that an earlier window left; true once."""
        if key not in self._back:
            return False
        self._back.discard(key)
        return True

    def forget(self) -> None:
        """The vault is locked: what it keeps is not in memory any more."""
        for key in [one for one in self._texts if one not in self._unkept]:
            del self._texts[key]
        self._back.clear()

    # --- Under the vault

    async def put(self, session: Session) -> None:
        """Keep what has changed. What is left when it raises is kept with the next call.

        Raises:
            OverLimit: there are too many drafts, or one is too long: it stays in memory.
            MeshcoalError: what the daemon answered.
        """
        refused: OverLimit | None = None
        for key in list(self._unkept):
            text = self._texts.get(key)
            slot = _slot(key)
            if text is None:
                await session.send(DropDraft(slot=slot), DraftsView)
            else:
                try:
                    await session.send(_keeping(slot, key, text), DraftsView)
                except OverLimit as exc:
                    refused = exc
            if self._texts.get(key) == text:  # else it went on meanwhile
                self._unkept.pop(key, None)
        if refused is not None:
            raise refused

    async def fetch(self, session: Session) -> list[DraftKey]:
        """Bring back what the vault keeps; which of it is new here. Raises what the daemon answered."""
        view = await session.send(ListDrafts(), DraftsView)
        kept = {one.slot: one for one in view.drafts}
        found = self._sent_after_all(kept)
        left: list[str] = []
        for slot, draft in kept.items():
            key, text = _read(slot, draft)
            if not key or key in self._unkept:
                continue
            if key[0] == _SENDING:
                if slot not in self._sending:
                    left.append(slot)
                    found += self._not_sent(key[2:], text)
            elif self._texts.get(key) != text:
                self._texts[key] = text
                self._back.add(key)
                found.append(key)
        if left:
            await self.put(session)  # first: what was on its way stands on its line again
        for slot in left:
            self._unsure.pop(slot, None)
            await session.send(DropDraft(slot=slot), DraftsView)
        return found

    def _sent_after_all(self, kept: Mapping[str, DraftView]) -> list[DraftKey]:
        """Its draft is gone, so it was sent: it does not stand on the line any more."""
        sent = []
        for slot, (key, text) in list(self._unsure.items()):
            if slot in kept or slot in self._sending:
                continue
            del self._unsure[slot]
            now = self._texts.get(key, "")
            if now == text:
                del self[key]
            elif now.startswith(f"{text}\n"):
                self[key] = now.removeprefix(f"{text}\n")
            sent.append(key)
        return sent

    def _not_sent(self, key: DraftKey, text: str) -> list[DraftKey]:
        """It was on its way when the daemon or its window went: it stands on the line again."""
        now = self._texts.get(key, "")
        if text in now:
            return []
        self[key] = f"{text}\n{now}" if now else text
        self._back.add(key)
        return [key]

    # --- Sending

    def _number(self) -> str:
        """What no other sending of this device has."""
        self._sent += 1
        return (self._chance(8) if self._chance else self._sent.to_bytes(8)).hex()

    async def send(
        self, session: Session, key: DraftKey, text: str, command: PostMessage
    ) -> MessageView | None:
        """Post a message whose text is taken from the drafts already; None where it had been posted before.

        Raises what the daemon answered. After `Locked` and after a lost daemon it may have been sent; `fetch`
        finds out.
        """
        slot = next((one for one, asked in self._unsure.items() if asked == (key, text)), "")
        fresh = not slot
        slot = slot or " ".join((_OURS, _SENDING, self._number(), *key))
        self._sending.add(slot)
        try:
            if fresh:
                await session.send(_keeping(slot, key, text), DraftsView)
        except OverLimit:  # too long or too many: then without this net
            self._sending.discard(slot)
            return await session.send(command, MessageView)
        except MeshcoalError:
            self._sending.discard(slot)
            raise
        try:
            await self._emptied(session, key)
            message = await session.send(dataclasses.replace(command, draft=slot), MessageView)
        except SentAlready:
            self._unsure.pop(slot, None)
            return None
        except _UNSURE:
            self._unsure[slot] = (key, text)
            raise
        except MeshcoalError:
            self._unsure.pop(slot, None)
            await session.send(DropDraft(slot=slot), DraftsView)  # it goes back to where it was written
            raise
        finally:
            self._sending.discard(slot)
        self._unsure.pop(slot, None)
        return message

    async def _emptied(self, session: Session, key: DraftKey) -> None:
        """Where nothing is written now, nothing is kept: else what is sent would also wait to be sent."""
        if key in self._unkept and key not in self._texts:
            await session.send(DropDraft(slot=_slot(key)), DraftsView)
            if key not in self._texts:
                self._unkept.pop(key, None)


def _slot(key: DraftKey) -> str:
    return " ".join((_OURS, *key))


def _keeping(slot: str, key: DraftKey, text: str) -> KeepDraft:
    """Raises `OverLimit` for what is too long to be kept."""
    body = json.dumps({"text": [text]}, ensure_ascii=False).encode("utf-8", "replace")
    if len(body) > DRAFT_BYTES_MAX or len(slot) > DRAFT_SLOT_CHARS_MAX:
        raise OverLimit("This is too long to be kept as a draft.")
    campaign = bytes.fromhex(key[1]) if key[0] in TALK else b""
    return KeepDraft(slot=slot, body=body, campaign=campaign)


def _read(slot: str, draft: DraftView) -> tuple[DraftKey, str]:
    """Where a draft was written, and its text; no place where another program wrote it."""
    whose, *key = slot.split(" ")
    if whose != _OURS or not key:
        return (), ""
    try:
        (text,) = json.loads(draft.body)["text"]
    except (ValueError, KeyError, TypeError):
        return (), ""
    return (tuple(key), text) if isinstance(text, str) else ((), "")
