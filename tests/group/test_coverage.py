"""Which epoch is safe: each rule by itself."""

from __future__ import annotations

from meshcoal.group.coverage import Began, View, lacking, maximal, safe
from meshcoal.ids import AuthorId, EpochId

ANA, BEN, CHI, DOV = (AuthorId(name * 32) for name in (b"a", b"b", b"c", b"d"))
ONE, TWO, THREE = (EpochId(name * 32) for name in (b"1", b"2", b"3"))


def view(
    began: dict[EpochId, tuple[int, int]], *, out: frozenset[AuthorId] = frozenset(), breaks: int = 0
) -> View:
    return View(
        inside=frozenset({ANA, BEN, CHI}) - out,
        out=out,
        began={epoch: Began(number=number, past=past) for epoch, (number, past) in began.items()},
        breaks=breaks,
    )


def everybody(epoch: EpochId) -> frozenset[AuthorId]:
    return frozenset({ANA, BEN, CHI})


def test_a_later_epoch_takes_over() -> None:
    """Goal: rule 1. Method: two concurrent epochs stand side by side; a third above both stands alone."""
    both = view({ONE: (0, 0), TWO: (1, 0)})
    assert maximal(both) == safe(both, everybody) == [ONE, TWO]
    above = view({ONE: (0, 0), TWO: (1, 0), THREE: (2, 0b11)})
    assert maximal(above) == safe(above, everybody) == [THREE]


def test_an_epoch_that_does_not_count_takes_over_nothing() -> None:
    """Goal: who was removed cannot stop the others. Method: an epoch above all that is not among those that
    count leaves the one below it safe."""
    assert safe(view({ONE: (0, 0)}), everybody) == [ONE]


def test_an_epoch_that_covers_somebody_out_is_not_safe() -> None:
    """Goal: rule 2. Method: somebody out was handed the keys, though the removal lies behind the epoch."""
    removed = view({ONE: (1, 0b1)}, out=frozenset({CHI}), breaks=0b1)
    assert safe(removed, everybody) == []
    assert safe(removed, lambda epoch: {ANA, BEN}) == [ONE]


def test_an_epoch_that_has_not_heard_of_a_removal_is_not_safe() -> None:
    """Goal: rule 3. Method: an epoch beside a removal may be handed to the removed by who has not heard of
    it, even if nobody here has seen that; the removal's own epoch may not."""
    beside = view({ONE: (0, 0), TWO: (1, 0)}, out=frozenset({DOV}), breaks=0b1)
    assert safe(beside, lambda epoch: {ANA, BEN, CHI}) == [ONE]


def test_an_epoch_that_has_not_heard_of_healing_is_not_safe() -> None:
    """Goal: rule 3 for updates. Method: of two side by side the one that heals is safe; where both heal
    neither is; one above both is."""
    assert safe(view({ONE: (0, 0), TWO: (1, 0)}, breaks=0b10), everybody) == [TWO]
    assert safe(view({ONE: (0, 0), TWO: (1, 0)}, breaks=0b11), everybody) == []
    above = view({ONE: (0, 0), TWO: (1, 0), THREE: (2, 0b11)}, breaks=0b11)
    assert safe(above, everybody) == [THREE]


def test_who_is_not_covered_is_handed_the_keys() -> None:
    """Goal: forwards reach exactly those who lack the epoch. Method: compare members and holders."""
    assert lacking(view({}), frozenset({BEN, DOV})) == (ANA, CHI)
    assert lacking(view({}), everybody(ONE)) == ()
