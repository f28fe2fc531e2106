"""What `meshcoal verify` is given: a package, or a page or PDF that holds one.

Law: page and PDF are judged by the package in them; whether they show what the package says is told by
making them anew and comparing every byte. Codes are stable (docs/protocol/package.md).
"""

from __future__ import annotations

import dataclasses
from typing import Final

from meshcoal.errors import MalformedPackage, NoFont, OverLimit, Unsupported
from meshcoal.export.attached import PDF_STARTS, package_in_pdf
from meshcoal.export.letter import read_letter
from meshcoal.export.page import is_ours, package_in
from meshcoal.statement.verification import Finding, Report, Severity, verify

_PAGE_STARTS: Final = (b"<!doctype html", b"<html")


def package_of(data: bytes) -> bytes:
    """The package itself, or that of a page or PDF. Raises `MalformedPackage`."""
    if data.startswith(PDF_STARTS):
        return package_in_pdf(data)
    return package_in(data) if _is_page(data) else data


def _is_page(data: bytes) -> bool:
    return data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_PAGE_STARTS)


def examine(data: bytes) -> Report:
    """Check a file. Never raises for what is in it: that is what findings are for."""
    if data.startswith(PDF_STARTS):
        return _examine_pdf(data)
    if not _is_page(data):
        return verify(data)
    try:
        package = package_in(data)
    except MalformedPackage:
        return verify(b"")  # no package: the finding says so
    report = verify(package)
    return dataclasses.replace(report, findings=(*report.findings, _page_finding(data, package)))


def _page_finding(data: bytes, package: bytes) -> Finding:
    try:
        ours = is_ours(data, package)
    except (MalformedPackage, OverLimit):
        ours = False
    if ours:
        return Finding(
            code="page",
            severity=Severity.OK,
            sentence="The page is, byte for byte, the one that this version makes of this package.",
        )
    return Finding(
        code="page",
        severity=Severity.NOTICE,
        sentence="The page is not the one that this version makes of this package: another version made "
        "it, or somebody changed what it shows. Believe what is printed here, not what the page shows.",
    )


def _examine_pdf(data: bytes) -> Report:
    try:
        package = package_in_pdf(data)
    except MalformedPackage:
        return verify(b"")  # no package: the finding says so
    report = verify(package)
    return dataclasses.replace(report, findings=(*report.findings, _pdf_finding(data, package)))


def _pdf_finding(data: bytes, package: bytes) -> Finding:
    from meshcoal.export.pdf import letter_pdf

    unable = "typst, which sets it, is not installed here"
    try:
        if letter_pdf(read_letter(package)) == data:
            return Finding(
                code="pdf",
                severity=Severity.OK,
                sentence="The PDF is, byte for byte, the one that this version makes of this package.",
            )
        unable = "another version made it, with other fonts, or somebody changed what it shows"
    except NoFont:
        unable = "its fonts are not on this machine"
    except Unsupported:
        pass
    except (MalformedPackage, OverLimit):
        unable = "no PDF can be made of it"
    return Finding(
        code="pdf",
        severity=Severity.NOTICE,
        sentence=f"What the PDF shows was not found to be what the package says: {unable}. Believe what is "
        "printed here, not what the PDF shows.",
    )
