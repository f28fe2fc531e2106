"""The annex: who signed a letter and is named to its addressee only.

Law: it proves nothing by itself. Each entry is what a sign-on in the package has the SHA-256 of, so that the
addressee, with package and annex, knows that exactly these signed; nobody without the annex can tell or try
names. JSON in the spelling of RFC 8785. Specified in docs/protocol/package.md. Ours, unreviewed.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedPackage, MeshcoalError
from meshcoal.limits import SIGNATORIES_MAX
from meshcoal.wire.naming import Annex, NameIn, annex_text
from meshcoal.wire.package import Package, read_json, read_name_in, spell_json
from meshcoal.wire.plain import optional_line, read_hex32, required_line
from meshcoal.wire.public_text import digest_of
from meshcoal.wire.record import Id32, Items, Record
from meshcoal.wire.shape import dataclass

FORMAT: Final = "meshcoal annex 1"
ANNEX_SUFFIX: Final = ".addressee.meshcoal.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexEntry(Record):
    """One signatory."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    act_key: Id32
    annex: Annex


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexFile(Record):
    """All of a letter, ascending by key."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    statement: Id32  # digest of the text
    entries: Annotated[tuple[AnnexEntry, ...], Items(1, SIGNATORIES_MAX)]


def encode_annex(file: AnnexFile) -> bytes:
    """The file's bytes. Raises `OverLimit`."""
    return spell_json(
        {
            "entries": [
                {
                    "country": entry.annex.country,
                    "key": entry.act_key.hex(),
                    "members": entry.annex.members,
                    "name": entry.annex.name,
                    "names": [{"language": one.language, "name": one.name} for one in entry.annex.names],
                    "salt": entry.annex.salt.hex(),
                    "title": entry.annex.title,
                }
                for entry in file.entries
            ],
            "format": FORMAT,
            "statement": file.statement.hex(),
        }
    )


def decode_annex(data: bytes) -> AnnexFile:
    """Inverse of `encode_annex`. Raises `MalformedPackage`, `OverLimit`."""
    top = read_json(data, "the annex")
    if top.text("format") != FORMAT:
        raise MalformedPackage(f"the file does not say `{FORMAT}`")
    entries = []
    for item in top.items("entries"):
        fields = top.inside(item, "an entry")
        names: tuple[NameIn, ...] = tuple([read_name_in(one) for one in fields.items("names")])
        entries.append(
            AnnexEntry(
                act_key=read_hex32(fields.text("key"), "a key"),
                annex=Annex(
                    salt=read_hex32(fields.text("salt"), "a salt"),
                    name=required_line(fields.text("name"), "a name"),
                    names=names,
                    title=optional_line(fields.text("title"), "a title"),
                    country=optional_line(fields.text("country"), "a country"),
                    members=fields.number("members"),
                ),
            )
        )
        fields.finish()
    file = AnnexFile(statement=read_hex32(top.text("statement"), "a digest"), entries=tuple(entries))
    top.finish()
    if encode_annex(file) != data:
        raise MalformedPackage("the file is not in its one canonical spelling")
    return file


def named_in(file: AnnexFile, package: Package) -> dict[bytes, Annex]:
    """By act key, whom this annex names truly: the package's sign-on has the digest of exactly this.

    Raises:
        MalformedPackage: the annex is of another letter, or names somebody whom no sign-on bears out.
    """
    everybody = [*package.sign_ons, *[one for each in package.addenda for one in each.sign_ons]]
    signed = {one.act_key: one.fields.annex for one in everybody}
    if file.statement != package.digest:
        raise MalformedPackage("the annex belongs to another letter")
    named = {}
    for entry in file.entries:
        if digest_of(annex_text(file.statement, entry.act_key, entry.annex)) != signed.get(entry.act_key):
            raise MalformedPackage("an entry of the annex is not what its signatory signed")
        named[entry.act_key] = entry.annex
    return named
