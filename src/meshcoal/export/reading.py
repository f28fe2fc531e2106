"""What `meshcoal verify` is given: a package, or a page that holds one.

Law: a page is judged by the package in it; whether the page itself shows what the package says is told by
making the page anew and comparing every byte. Codes are stable (docs/protocol/package.md).
"""

from __future__ import annotations

import dataclasses
from typing import Final

from meshcoal.errors import MalformedPackage, OverLimit
from meshcoal.export.page import is_ours, package_in
from meshcoal.statement.verification import Finding, Report, Severity, verify

_PAGE_STARTS: Final = (b"<!doctype html", b"<html")


def examine(data: bytes) -> Report:
    """Check a file. Never raises for what is in it: that is what findings are for."""
    if not data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_PAGE_STARTS):
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
