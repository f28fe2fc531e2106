"""The page of the local API is complete."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from meshcoal.api.commands import COMMANDS
from meshcoal.api.views import VIEWS, NoticeKind
from meshcoal.wire.record import Family, Record

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("family", "record"),
    [(family, record) for family in (COMMANDS, VIEWS) for record in family.classes],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_record_is_listed_with_its_number_and_fields(family: Family, record: type[Record]) -> None:
    """Goal: another client can be written from the page. Method: each row, word for word."""
    fields = ", ".join([f"`{field.name}`" for field in dataclasses.fields(record)]) or "none"
    assert f"| {family.number(record)} | `{record.__name__}` | {fields} |" in PAGE


def test_every_kind_of_notice_is_listed() -> None:
    """Goal: a client knows what may come. Method: each kind's name."""
    assert [kind for kind in NoticeKind if f"`{kind.value}`" not in PAGE] == []
