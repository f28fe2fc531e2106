"""The organisers' desk: notes that open for their holders, at their place, and for nobody else."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import BadEnvelope, BadShare, MalformedBody, MeshcoalError
from meshcoal.ids import AuthorId
from meshcoal.statement.desk import Told, last_asked, open_note, reviews, seal_note
from meshcoal.statement.model import Reason
from meshcoal.wire import record
from meshcoal.wire.desk import DeskBody, DeskNote, Review, SealedNote, Way
from meshcoal.wire.operation import Kind

sys.path.insert(0, str(Path(__file__).parent))

from lettering import Desk, author

KEYS = [AgreementKey(bytes([number]) * 32) for number in (1, 2, 3)]
LINKS = [key.public for key in KEYS]
DIGEST = bytes([7]) * 32
NOTE = DeskNote(asked=(bytes(32),), way=Way.CALL)


def sealed(note: DeskNote = NOTE) -> SealedNote:
    return seal_note(note, LINKS, digest=DIGEST, author=author("ana"), entropy=SeededEntropy(b"desk"))


def opened(one: SealedNote, at: int, key: AgreementKey, **changes: bytes) -> DeskNote:
    place = {"digest": DIGEST, "author": bytes(author("ana")), **changes}
    return open_note(one, at, key, LINKS, digest=place["digest"], author=place["author"])


def test_each_holder_opens_it_alone() -> None:
    """Goal: every organiser's device shows it. Method: seal to three, open as each."""
    for at, key in enumerate(KEYS, start=1):
        assert opened(sealed(), at, key) == NOTE


def test_nobody_else_opens_it_and_nowhere_else() -> None:
    """Goal: members who carry it learn nothing, and no note is moved. Method: another key, place, author."""
    with pytest.raises(BadShare):
        opened(sealed(), 1, AgreementKey(bytes([9]) * 32))
    with pytest.raises(BadShare):
        opened(sealed(), 2, KEYS[0])
    with pytest.raises(BadShare):
        opened(sealed(), 1, KEYS[0], digest=bytes(32))
    with pytest.raises(BadShare):
        opened(sealed(), 1, KEYS[0], author=bytes(author("ben")))


def test_a_note_that_would_open_for_some_alone_opens_for_none() -> None:
    """Goal: nobody is left out unseen. Method: change another holder's share, the content, a check."""
    one = sealed()
    shares = (*one.shares[:2], bytes(48))
    with pytest.raises(BadEnvelope):
        opened(dataclasses.replace(one, shares=shares), 1, KEYS[0])
    changed = bytes([one.content[0] ^ 1]) + one.content[1:]
    with pytest.raises(MeshcoalError):
        opened(dataclasses.replace(one, content=changed), 1, KEYS[0])
    with pytest.raises(BadEnvelope):
        opened(dataclasses.replace(one, checks=(*one.checks[:2], bytes(16))), 1, KEYS[0])


def test_the_length_says_little() -> None:
    """Goal: one asked looks like another. Method: notes about one, and about two; a short and a long word."""
    two = DeskNote(asked=(bytes(32), bytes([1]) * 32), way=Way.MEETING)
    assert len(sealed().content) == len(sealed(DeskNote(asked=(bytes(32),), way=Way.OTHER)).content)
    assert len(sealed(two).content) <= 2 * len(sealed().content)


def test_notes_come_back_from_their_bytes() -> None:
    """Goal: one spelling. Method: round trip of each kind; a byte cut off."""
    for note in (NOTE, DeskNote(replies=(bytes(32),), review=Review.REFUSE, words="a troll")):
        assert record.decode(DeskNote, record.encode(note)) == note
        with pytest.raises(MalformedBody):
            record.decode(DeskNote, record.encode(note)[:-1])


def test_only_notes_about_a_text_of_the_letter_are_kept() -> None:
    """Goal: what fits nothing counts for nothing. Method: another digest; too few holders, one twice."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    frozen = desk.view(draft.id).frozen
    assert frozen is not None
    holders = tuple(sorted((author("ana"), author("ben"), author("chi"))))
    good = DeskBody(
        at_ms=desk.now_ms, statement=draft.id, digest=frozen.digest, holders=holders, note=sealed()
    )
    kept = desk.write("ana", Kind.DESK, good)
    cases = {
        desk.write("ana", Kind.DESK, dataclasses.replace(good, digest=DIGEST)).id: Reason.OTHER_TEXT,
        desk.write("ana", Kind.DESK, dataclasses.replace(good, holders=holders[:2])).id: Reason.BAD_ENTRY,
        desk.write(
            "ana", Kind.DESK, dataclasses.replace(good, holders=(*holders[:2], holders[0]))
        ).id: Reason.BAD_ENTRY,
    }
    view = desk.view(draft.id)
    assert [one.id for one in view.desk] == [kept.id]
    assert dict(view.ineffective) == cases


def test_the_newest_word_holds() -> None:
    """Goal: "asked 2 days ago by" is true. Method: three notes, out of order in time."""
    ben = AuthorId(bytes(32))
    told = [
        Told(author=author("ana"), at_ms=5, note=NOTE),
        Told(author=author("chi"), at_ms=9, note=DeskNote(asked=(bytes(32),), way=Way.MEETING)),
        Told(author=author("ana"), at_ms=7, note=NOTE),
        Told(author=author("chi"), at_ms=1, note=DeskNote(replies=(DIGEST,), review=Review.ASK)),
        Told(author=author("ana"), at_ms=0, note=DeskNote(replies=(DIGEST,), review=Review.WAIT)),
    ]
    newest, times = last_asked(told)[ben]
    assert (newest.author, newest.at_ms, times) == (author("chi"), 9, 3)
    assert reviews(told)[DIGEST].note.review is Review.WAIT
