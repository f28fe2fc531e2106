"""Sheets of signatures on paper, as they stand in a package.

Law: as in `wire.package`, of which this is a part: one spelling, nothing unknown, form and not truth.
"""

from __future__ import annotations

from meshcoal.errors import MalformedPackage
from meshcoal.wire.package_parts import Fields
from meshcoal.wire.paper import (
    LeftOut,
    PaperLine,
    PaperWithdrawal,
    Sheet,
    SheetHead,
    read_day,
    spell_day,
)
from meshcoal.wire.plain import optional_line, read_hex32, read_hex64, read_time, required_line, spell_time
from meshcoal.wire.terms import Capacity


def plain_sheet(sheet: Sheet) -> dict[str, object]:
    head = sheet.head
    return {
        "dated": spell_day(head.dated_ms),
        "entered": spell_time(head.entered_ms),
        "key": head.act_key.hex(),
        "left_out": [{"digest": one.digest.hex(), "line": one.line} for one in sheet.left_out],
        "lines": [_plain_line(line) for line in sheet.lines],
        "number": head.number,
        "scan": head.scan.hex(),
        "signature": sheet.signature.hex(),
        "witness": head.witness,
    }


def read_sheet(item: object) -> Sheet:
    """Raises `MalformedPackage`."""
    fields = Fields(item, "a sheet")
    sheet = Sheet(
        head=SheetHead(
            act_key=read_hex32(fields.text("key"), "a key"),
            witness=optional_line(fields.text("witness"), "a witness"),
            number=fields.number("number"),
            scan=read_hex32(fields.text("scan"), "a scan's digest"),
            dated_ms=read_day(fields.text("dated")),
            entered_ms=read_time(fields.text("entered")),
        ),
        lines=tuple([_read_line(line) for line in fields.items("lines")]),
        left_out=tuple([_read_left_out(one) for one in fields.items("left_out")]),
        signature=read_hex64(fields.text("signature"), "a signature"),
    )
    fields.finish()
    return sheet


def plain_paper_withdrawal(withdrawal: PaperWithdrawal) -> dict[str, object]:
    return {
        "key": withdrawal.act_key.hex(),
        "lines": list(withdrawal.lines),
        "number": withdrawal.number,
        "signature": withdrawal.signature.hex(),
        "withdrawn": spell_time(withdrawal.withdrawn_ms),
        "witness": withdrawal.witness.hex(),
    }


def read_paper_withdrawal(item: object) -> PaperWithdrawal:
    """Raises `MalformedPackage`."""
    fields = Fields(item, "a withdrawal of lines")
    lines = fields.items("lines")
    if not all(type(line) is int for line in lines):
        raise MalformedPackage("`lines` of a withdrawal of lines is not a list of numbers")
    withdrawal = PaperWithdrawal(
        act_key=read_hex32(fields.text("key"), "a key"),
        witness=read_hex32(fields.text("witness"), "a key"),
        number=fields.number("number"),
        lines=tuple(lines),
        withdrawn_ms=read_time(fields.text("withdrawn")),
        signature=read_hex64(fields.text("signature"), "a signature"),
    )
    fields.finish()
    return withdrawal


def _plain_line(line: PaperLine) -> dict[str, object]:
    return {
        "affiliation": line.affiliation,
        "capacity": line.capacity.value,
        "country": line.country,
        "line": line.line,
        "name": line.name,
        "salt": line.salt.hex(),
        "title": line.title,
    }


def _read_line(item: object) -> PaperLine:
    fields = Fields(item, "a line of a sheet")
    capacity = fields.text("capacity")
    if capacity not in {known.value for known in Capacity}:
        raise MalformedPackage("a capacity is unknown")
    line = PaperLine(
        line=fields.number("line"),
        salt=read_hex32(fields.text("salt"), "a salt"),
        capacity=Capacity(capacity),
        name=required_line(fields.text("name"), "a name"),
        title=optional_line(fields.text("title"), "a title"),
        affiliation=optional_line(fields.text("affiliation"), "an affiliation"),
        country=optional_line(fields.text("country"), "a country"),
    )
    fields.finish()
    return line


def _read_left_out(item: object) -> LeftOut:
    fields = Fields(item, "a line that was left out")
    one = LeftOut(line=fields.number("line"), digest=read_hex32(fields.text("digest"), "a digest"))
    fields.finish()
    return one
