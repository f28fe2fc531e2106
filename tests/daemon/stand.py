"""Stand-ins for what lies under the runtime: a core that follows a script, a store that can fail, a link."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import cast

from meshcoal.daemon.backing import Secret
from meshcoal.daemon.runtime import Core, StepStore
from meshcoal.errors import StoreError, WrongPassphrase
from meshcoal.log.changes import Change, PutDocument
from meshcoal.log.reader import LogReader
from meshcoal.node.effects import Effect, Persist
from meshcoal.node.events import Event


def change(value: bytes) -> PutDocument:
    return PutDocument(space="test", key=b"k", value=value)


def persist(value: bytes) -> Persist:
    return Persist(changes=(change(value),))


Handle = Callable[[Event, int], tuple[Effect, ...]]


@dataclass(eq=False)
class Script:
    """A core: what `handle` does is up to the test."""

    do: Handle
    generation: int = 0

    def handle(self, event: Event, now_ms: int) -> tuple[Effect, ...]:
        return self.do(event, now_ms)


@dataclass(eq=False)
class Shelf:
    """A store in memory. `story` tells what happened in order, here and wherever a test writes to it."""

    story: list[str] = field(default_factory=list)
    committed: list[Change] = field(default_factory=list)
    fail_commits: list[StoreError] = field(default_factory=list)  # one a commit
    fail_opening: StoreError | None = None
    closed: bool = False
    slices: int = 0  # of a campaign that is being erased
    threads: set[int] = field(default_factory=set)
    _step: list[Change] | None = None

    @property
    def reader(self) -> LogReader:
        return cast(LogReader, self)

    def begin(self) -> None:
        assert self._step is None
        self._step = []
        self.threads.add(threading.get_ident())

    def apply(self, changes: Sequence[Change]) -> None:
        assert self._step is not None
        self._step += changes

    def commit_step(self, *, lasting: bool = True, whole: bool = True) -> None:
        assert self._step is not None
        self.threads.add(threading.get_ident())
        if self.fail_commits:
            error = self.fail_commits.pop(0)
            self._step = None
            self.story.append("commit failed")
            raise error
        self.committed += self._step
        self._step = None
        self.story.append("commit" if lasting else "commit for now")

    def rollback(self) -> None:
        self._step = None

    def tidy(self) -> bool:
        assert self._step is None, "between steps"
        self.threads.add(threading.get_ident())
        self.story.append("tidy")
        self.slices = max(0, self.slices - 1)
        return self.slices > 0

    def close(self) -> None:
        self.closed = True


class Key:
    def __init__(self) -> None:
        self.closed = False

    def read(self) -> bytes:
        assert not self.closed
        return bytes(32)

    def close(self) -> None:
        self.closed = True


@dataclass(eq=False)
class Cabinet:
    """A backing: one passphrase, one shelf, a scripted core."""

    do: Handle
    passphrase: str | None = None
    shelf: Shelf = field(default_factory=Shelf)
    keys: list[Key] = field(default_factory=list)
    opened: int = 0

    def exists(self) -> bool:
        return self.passphrase is not None

    def create(self, *, name: str, passphrase: str, now_ms: int) -> Key:
        self.passphrase = passphrase
        return self.unwrap(passphrase)

    def unwrap(self, passphrase: str) -> Key:
        if passphrase != self.passphrase:
            raise WrongPassphrase("The passphrase is wrong.")
        self.keys.append(Key())
        return self.keys[-1]

    def change_passphrase(self, old: str, new: str) -> None:
        self.unwrap(old).close()
        self.passphrase = new

    def open(self, key: Secret) -> StepStore:
        key.close()
        if self.shelf.fail_opening is not None:
            raise self.shelf.fail_opening
        self.opened += 1
        self.shelf.closed = False
        return self.shelf

    def recover(self, reader: LogReader, now_ms: int) -> tuple[Core, tuple[Effect, ...]]:
        return Script(self.do), ()


class Wire:
    """A link that tells the story instead of sending."""

    transport = "test"

    def __init__(self, number: int, story: list[str]) -> None:
        self.number = number
        self._story = story

    def send(self, frame: bytes) -> None:
        self._story.append(f"send {self.number} {frame.decode()}")

    def tell_sent(self, tell: Callable[[], None]) -> None:
        tell()

    def close(self, code: str) -> None:
        self._story.append(f"close {self.number} {code}")


def one_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1)
