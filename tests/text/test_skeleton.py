"""Names that look alike have one skeleton; names that do not, have two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.text.skeleton import alike, skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ben", "ben"),
        ("Ben", "BEN "),
        ("Ben", "B\u0435n"),  # Cyrillic ie
        ("Ben", "Вen"),  # Cyrillic ve
        ("Ben", "B\u200ben"),  # zero-width space
        ("Ben", "\u202eBen\u202c"),  # override
        ("Ben", "Ｂｅｎ"),  # full width
        ("Ben", "𝐁𝐞𝐧"),  # mathematical bold
        ("Ben", "Bén"),
        ("Ben", "Be\u0301n\u0327"),
        ("Ben", "B.e-n"),
        ("Ali", "AIi"),  # capital i for l
        ("Ali", "A1i"),
        ("Bob", "B0b"),
        ("Omar", "Ornar"),  # r and n for m
        ("Ana B.", "ana b"),
        ("Straße", "STRASSE"),
        ("Ωmega", "ωmega"),
        ("Иван", "иван"),
        ("علي", "علی"),  # Arabic and Persian yeh
        ("كريم", "کریم"),
        ("Ben🙂", "Ben"),
    ],
)
def test_lookalikes_are_one(one: str, other: str) -> None:
    """Goal: a borrowed name is found. Method: one of each trick."""
    assert alike(one, other)
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ben", "Dov"),
        ("Ben", "Bent"),
        ("Ana", "Anna"),
        ("Ben", "Ben 2"),
        ("علی", "علیرضا"),
        ("王明", "王朋"),
        ("", "\u200b"),  # nothing to be seen is like nothing
    ],
)
def test_others_are_two(one: str, other: str) -> None:
    """Goal: not everybody is warned of. Method: names that people do tell apart."""
    assert not alike(one, other)


def test_a_name_of_signs_alone_still_has_one() -> None:
    """Goal: nobody escapes by having no letters. Method: emoji."""
    assert alike("🙂🙂", "🙂🙂")
    assert not alike("🙂", "🙃")


@given(st.text(max_size=40))
def test_every_text_has_one_skeleton_whatever_its_case(text: str) -> None:
    """Goal: totality, and case never matters. Method: any text, folded and not."""
    assert skeleton(text) == skeleton(text.casefold())
    assert alike(text, text) == bool(skeleton(text))
