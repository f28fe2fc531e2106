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
        return Finding(key="page.ok", severity=Severity.OK, values={})
    return Finding(key="page.other", severity=Severity.NOTICE, values={})


def _examine_pdf(data: bytes) -> Report:
    try:
        package = package_in_pdf(data)
    except MalformedPackage:
        return verify(b"")  # no package: the finding says so
    report = verify(package)
    return dataclasses.replace(report, findings=(*report.findings, _pdf_finding(data, package)))


def _pdf_finding(data: bytes, package: bytes) -> Finding:
    from meshcoal.export.pdf import letter_pdf

    try:
        if letter_pdf(read_letter(package)) == data:
            return Finding(key="pdf.ok", severity=Severity.OK, values={})
        key = "pdf.other"
    except NoFont:
        key = "pdf.fonts"
    except Unsupported:
        key = "pdf.typst"
    except (MalformedPackage, OverLimit):
        key = "pdf.none"
    return Finding(key=key, severity=Severity.NOTICE, values={})
