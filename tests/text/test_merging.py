"""Two people's changes of one text come together, and nothing either wrote is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshcoal.text.merging import Part, is_marked, marked, merge

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=8)


def settled(parts: tuple[Part, ...]) -> list[str]:
    assert all(part.other is None for part in parts)
    return [paragraph for part in parts for paragraph in part.paragraphs]


def test_changes_in_different_places_need_nobody() -> None:
    """Goal: only what collides is asked. Method: one changes the first paragraph, one the last, one adds."""
    base = ["Sir,", "Free her.", "Yours"]
    assert settled(merge(base, ["Madam,", "Free her.", "Yours"], ["Sir,", "Free her.", "Us all"])) == [
        "Madam,",
        "Free her.",
        "Us all",
    ]
    assert settled(merge(base, ["Sir,", "Free her.", "Yours", "P.S."], ["Free her.", "Yours"])) == [
        "Free her.",
        "Yours",
        "P.S.",
    ]


def test_what_both_changed_stands_twice_between_marks() -> None:
    """Goal: a person decides. Method: two wordings of one paragraph."""
    parts = merge(
        ["Sir,", "Free her.", "Yours"], ["Sir,", "Free her now.", "Yours"], ["Sir,", "Let go.", "Yours"]
    )
    assert parts == (Part(("Sir,",)), Part(("Free her now.",), ("Let go.",)), Part(("Yours",)))
    text = marked(parts, "Ben", "Chi")
    assert text == ("Sir,", "⟦⟦ Ben", "Free her now.", "⟦ Chi", "Let go.", "⟧⟧", "Yours")
    assert is_marked(text)
    assert not is_marked(("Sir,", "Free her now.", "Yours"))
    for left in ("⟦⟦ Ben", "⟦ Chi", "⟧⟧"):
        assert is_marked(("Sir,", left))


@given(TEXTS, TEXTS)
def test_a_side_that_changed_nothing_has_no_say(base: list[str], one: list[str]) -> None:
    """Goal: no invented conflicts. Method: merge with an unchanged copy, both ways, and with itself."""
    assert settled(merge(base, one, base)) == one
    assert settled(merge(base, base, one)) == one
    assert settled(merge(base, one, one)) == one


@given(TEXTS, TEXTS, TEXTS)
def test_nothing_that_either_wrote_is_lost(base: list[str], one: list[str], other: list[str]) -> None:
    """Goal: a machine drops nobody's words. Method: whatever a side added stands in the result; mirror it."""
    parts = merge(base, one, other)
    for side, second in ((one, False), (other, True)):
        text = [
            paragraph
            for part in parts
            for paragraph in (part.other if second and part.other is not None else part.paragraphs)
        ]
        for paragraph in set(side):
            added = side.count(paragraph) - base.count(paragraph)
            assert text.count(paragraph) >= added
    mirrored = merge(base, other, one)
    assert [(p.other, p.paragraphs) if p.other is not None else p.paragraphs for p in mirrored] == [
        (p.paragraphs, p.other) if p.other is not None else p.paragraphs for p in parts
    ]
