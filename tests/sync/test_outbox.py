"""What waits to be sent on a link: classes, the window, the bound."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshcoal.limits import LINK_QUEUE_BYTES_MAX
from meshcoal.sync.outbox import WINDOW_BYTES, Outbox, Urgency, urgency
from meshcoal.wire.frames import MESSAGES, Chunk, Frontier, Message, Noted, Ping, Pong, Run, Taken, Want

NOW_MS = 1_800_000_000_000


def run(size: int) -> Run:
    return Run(operations=(bytes(size),))


def shut(outbox: Outbox) -> None:
    """Fill the window, so that everything waits."""
    assert outbox.sealed(WINDOW_BYTES, NOW_MS)


def drained(outbox: Outbox) -> list[Message]:
    """What comes out when all that was sealed has left."""
    found: list[Message] = []
    while True:
        while outbox.left(NOW_MS):
            pass
        encoded = outbox.next()
        if encoded is None:
            return found
        message = MESSAGES.decode(encoded)
        assert isinstance(message, Message)
        found.append(message)


def test_the_conversation_goes_before_operations_and_these_before_attachments() -> None:
    """Goal: a receipt waits behind no run, an operation behind no attachment, operations keep their order.
    Method: all of them while the window is shut."""
    outbox = Outbox()
    shut(outbox)
    bulk = [Chunk(sealed=bytes([number]) * 32_000) for number in range(3)]
    log: list[Message] = [run(5_000), Frontier(whole=False, held=()), run(1)]
    talking: list[Message] = [Taken(runs=1), Pong(), Want(held=())]
    for three in zip(bulk, log, talking, strict=True):
        for message in three:
            assert outbox.add(message)
    assert outbox.next() is None
    assert drained(outbox) == [*talking, *log, *bulk]


def test_a_message_nobody_knows_of_here_keeps_its_place_among_operations() -> None:
    """Goal: a new kind of message cannot overtake by accident. Method: classes of some."""
    assert urgency(Ping()) is Urgency.TALKING
    assert urgency(run(1)) is urgency(Frontier(whole=True, held=())) is Urgency.OPERATIONS
    assert urgency(Noted(author=b"")) is Urgency.OPERATIONS


def test_at_most_a_window_and_one_message_lie_ahead() -> None:
    """Goal: what is urgent waits for a bounded number of bytes. Method: runs, none of which leaves."""
    outbox = Outbox()
    asked = 0
    for _ in range(20):
        assert outbox.add(run(100_000))
    ahead = 0
    while (encoded := outbox.next()) is not None:
        ahead += len(encoded)
        asked += outbox.sealed(len(encoded), NOW_MS)
    assert WINDOW_BYTES <= ahead <= WINDOW_BYTES + 100_100
    assert asked == 1
    assert outbox.add(Pong())
    assert outbox.next() is None
    while outbox.left(NOW_MS):
        pass
    encoded = outbox.next()
    assert encoded is not None
    assert MESSAGES.decode(encoded) == Pong(), "and then it is first"


def test_what_waits_for_one_who_takes_nothing_is_bounded() -> None:
    """Goal: memory stays bounded. Method: runs of 100 kB until one is not taken."""
    outbox = Outbox()
    shut(outbox)
    count = 0
    while outbox.add(run(100_000)):
        count += 1
        assert outbox.waiting_bytes <= LINK_QUEUE_BYTES_MAX
    assert 0 < count <= LINK_QUEUE_BYTES_MAX // 100_000
    small = Outbox()
    shut(small)
    while small.add(Pong()):
        count += 1
    assert count < 10_000, "small ones cost, too"


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 200_000)), max_size=80))
def test_nothing_is_stuck_while_the_shell_answers(moves: list[tuple[bool, int]]) -> None:
    """Goal: every question is answered once, and everything comes out. Method: random moves."""
    outbox = Outbox()
    added = came = questions = 0
    for answer, size in moves:
        if answer and questions:
            questions -= 1
            questions += outbox.left(NOW_MS)
        elif not answer:
            added += outbox.add(run(size))
        while (encoded := outbox.next()) is not None:
            came += 1
            questions += outbox.sealed(len(encoded), NOW_MS)
        assert questions == (outbox.asked_ms >= 0)
    while questions:
        questions -= 1
        questions += outbox.left(NOW_MS)
        while (encoded := outbox.next()) is not None:
            came += 1
            questions += outbox.sealed(len(encoded), NOW_MS)
    assert came == added
