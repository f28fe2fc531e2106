"""Which files are made of a released letter, beside those that the node gives.

Law: made where the person is, by the client, from the package that the node built. The node needs no
templates, its answers stay small, and the package is all that these files can hold.
"""

from __future__ import annotations

from collections.abc import Iterable

from meshcoal.export.letter import read_letter
from meshcoal.export.listing import LIST_SUFFIX, signatories_csv
from meshcoal.export.outgoing import addressee_letters, press_texts
from meshcoal.export.page import PAGE_SUFFIX, letter_page
from meshcoal.export.pdf import PDF_SUFFIX, letter_pdf
from meshcoal.export.sheet import SHEET_SUFFIX, signature_sheet
from meshcoal.wire.package import SUFFIX

NamedFile = tuple[str, bytes]


def exports(package: bytes, *, pdf: bool = False, outgoing: bool = False) -> tuple[NamedFile, ...]:
    """Name and content of each file that is made of a package; the same bytes each time.

    Args:
        package: its bytes.
        pdf: the letter as a PDF as well.
        outgoing: texts for the press and letters to the addressees as well.

    Raises:
        MalformedPackage, OverLimit: it is no package.
        Unsupported, NoFont: no PDF can be made here, where one is asked for.
    """
    letter = read_letter(package)
    return (
        *([(letter.stem + PDF_SUFFIX, letter_pdf(letter))] if pdf else []),
        (letter.stem + PAGE_SUFFIX, letter_page(letter)),
        (letter.stem + LIST_SUFFIX, signatories_csv(letter)),
        (letter.stem + SHEET_SUFFIX, signature_sheet(letter.package.canonical_text.encode())),
        *([*press_texts(letter), *addressee_letters(letter)] if outgoing else []),
    )


def embargo_ms(package: bytes) -> int:
    """Before when the letter is not to be published; 0: at once. Raises `MalformedPackage`, `OverLimit`."""
    return read_letter(package).package.release.not_before_ms


def with_exports(
    given: Iterable[NamedFile], *, pdf: bool = False, outgoing: bool = False
) -> tuple[NamedFile, ...]:
    """What the node gave, and what is made of the package among it. Raises as `exports`."""
    files = tuple(given)
    packages = [data for name, data in files if name.endswith(SUFFIX)]
    return (*files, *[made for package in packages for made in exports(package, pdf=pdf, outgoing=outgoing)])
