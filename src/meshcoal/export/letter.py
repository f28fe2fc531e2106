"""A released letter, as the exports show it: read out of the package's bytes.

Law: nothing is taken from anywhere else. The order of names is by code point, which no locale changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from meshcoal.errors import MalformedPackage
from meshcoal.wire.logo import is_logo, logo_digest
from meshcoal.wire.package import Package, SignOn, decode_package
from meshcoal.wire.package_addenda import stem_of
from meshcoal.wire.public_text import StatementText, digest_of, parse_canonical_text
from meshcoal.wire.terms import ORGANISATIONS, Capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`data` is the package's own bytes; the rest is what they say."""

    data: bytes
    package: Package
    text: StatementText
    sign_ons: tuple[SignOn, ...]  # by name; those of addenda too
    addendum_of: Mapping[bytes, int]  # by act key, of those who stand in one
    withdrawn: frozenset[bytes]  # act keys
    logos: Mapping[bytes, bytes]  # by digest; only what is a logo

    @property
    def stem(self) -> str:
        """How the letter's files are called: nothing in it was typed by anybody."""
        return stem_of(self.package.digest, len(self.package.addenda))

    @property
    def unnamed(self) -> int:
        """Members who are counted and not named, as the package states it."""
        return self.package.unnamed.counted if self.package.unnamed is not None else 0

    @property
    def organisations(self) -> int:
        """How many entries speak for an organisation or a network; the others are individuals."""
        return sum(one.fields.capacity in ORGANISATIONS for one in self.sign_ons)

    @property
    def first_language(self) -> str:
        return self.text.texts[0].language

    def logo_of(self, sign_on: SignOn) -> bytes:
        """The PNG that a signatory signed, or nothing where it is not in the package, or no logo."""
        return self.logos.get(sign_on.fields.logo, b"")

    @property
    def published_ms(self) -> int:
        """When the last of it was published: the release, or the newest addendum."""
        times = [each.published_ms for each in self.package.addenda]
        return max([self.package.release.released_ms, *times])

    def of(self, capacity: Capacity) -> tuple[SignOn, ...]:
        return tuple([one for one in self.sign_ons if one.fields.capacity is capacity])


def read_letter(data: bytes) -> Letter:
    """Read a package to make files of it.

    Raises:
        MalformedPackage, OverLimit: it is no package, or its text is not the one it names; a changed list or
            a forged signature is not looked for here, but by whoever verifies the file.
    """
    package = decode_package(data)
    added = {one.act_key: each.number for each in package.addenda for one in each.sign_ons}
    everybody = [*package.sign_ons, *[one for each in package.addenda for one in each.sign_ons]]
    notices = [*package.withdrawals, *[one for each in package.addenda for one in each.withdrawals]]
    canonical = package.canonical_text.encode()
    if digest_of(canonical) != package.digest:
        raise MalformedPackage("the text is not the one that was signed")
    return Letter(
        data=data,
        package=package,
        text=parse_canonical_text(canonical),
        sign_ons=tuple(sorted(everybody, key=lambda one: (one.fields.name, one.act_key))),
        addendum_of=added,
        withdrawn=frozenset([withdrawal.act_key for withdrawal in notices]),
        logos={logo_digest(logo): logo for logo in package.logos if is_logo(logo)},
    )
