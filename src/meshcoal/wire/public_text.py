"""The texts that strangers check: statement, sign-on, withdrawal, release, tally.

Law: plain UTF-8 that a person can read and `sha256sum` can hash, one spelling per meaning. A value never
holds a line break, a text is fenced by its length, so nothing inside can pass for a header. Specified in
docs/protocol/statement.md. Ours, unreviewed.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedPackage, MeshcoalError, OverLimit
from meshcoal.ids import Digest
from meshcoal.limits import (
    ADDRESSEES_MAX,
    CREDITS_MAX,
    GRACE_MS_MAX,
    LANGUAGES_MAX,
    NAME_CHARS_MAX,
    PARAGRAPHS_MAX,
    RULES_MAX,
    STATEMENT_CHARS_MAX,
    TAGS_MAX,
    TEXT_CHARS_MAX,
    VERSIONS_MAX,
)
from meshcoal.wire.naming import NameIn as NameIn
from meshcoal.wire.naming import SignOnFields as SignOnFields
from meshcoal.wire.naming import Tags, check_named, check_tags
from meshcoal.wire.plain import (
    LANGUAGE_CHARS_MAX,
    LINE_CHARS_MAX,
    Direction,
    check_paragraph,
    is_language,
    optional_line,
    read_hex32,
    read_number,
    read_time,
    read_utf8,
    required_line,
    spell_id,
    spell_time,
)
from meshcoal.wire.record import Chars, Id32, Items, OptionalId32, Range, Record, TimeMs
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import NAMED_ALONE, ORGANISATIONS, Capacity, NameMode

# First lines, and the contexts of the hashes and signatures (docs/protocol/contexts.md).
_STATEMENT: Final = b"meshcoal statement 1\n"
_SIGN_ON: Final = b"meshcoal sign-on 1\n"
_WITHDRAWAL: Final = b"meshcoal withdrawal 1\n"
_RELEASE: Final = b"meshcoal release 1\n"
_TALLY: Final = b"meshcoal tally 1\n"
_REFERENCE: Final = b"meshcoal public reference 1\n"

_ALL_NAMED: Final = "Every signatory is named."
_MODES_SAID: Final = (
    (NameMode.ADDRESSEE, "A signatory may be named to the addressee only; the list then says so."),
    (NameMode.ROLE, "A signatory may stand with a role instead of a name."),
    (NameMode.COUNTED, "A member may be counted and not named; the list then says how many."),
)
PAPER_RULE: Final = "A signature on paper is entered by a member who saw it given; the list then says so."
# Said in every statement of this version; a package that says otherwise was made under other rules.
_ALWAYS: Final = (
    "Each member of the coalition signs at most once.",
    "A change of the text is a new version, and no signature carries over to it.",
    "Before the release a sign-on can be withdrawn and then does not count.",
    "After the release a withdrawal is a notice beside the list.",
)


def rules_of(modes: tuple[NameMode, ...], *, paper: bool = False) -> tuple[str, ...]:
    """The rules that a statement states whose signatories may stand under these modes.

    Args:
        paper: signatures on paper may be entered.
    """
    said = [sentence for mode, sentence in _MODES_SAID if mode in modes]
    return (*(said or [_ALL_NAMED]), *([PAPER_RULE] if paper else []), *_ALWAYS)


RULES: Final = rules_of(NAMED_ALONE)


def check_modes(modes: tuple[NameMode, ...]) -> None:
    """Raise `MalformedPackage` unless these stand in their order, each once, and names are permitted."""
    if NameMode.NAMED not in modes or list(modes) != [mode for mode in NameMode if mode in modes]:
        raise MalformedPackage("name modes: `named` first, each once, in their order")


Credits = Annotated[tuple[Annotated[str, Chars(1, NAME_CHARS_MAX)], ...], Items(0, CREDITS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageText(Record):
    """The statement in one language."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    language: Annotated[str, Chars(2, LANGUAGE_CHARS_MAX)]
    direction: Direction
    title: Annotated[str, Chars(1, NAME_CHARS_MAX)]
    paragraphs: Annotated[tuple[Annotated[str, Chars(1, TEXT_CHARS_MAX)], ...], Items(1, PARAGRAPHS_MAX)]
    translated_from: Annotated[str, Chars(0, LANGUAGE_CHARS_MAX)] = ""  # empty: written in this language
    translators: Credits = ()
    checkers: Credits = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementText(Record):
    """A frozen statement as the public sees it."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    campaign: Id32  # `reference` of the campaign, not its id
    statement: Id32  # `reference` of the statement
    version: Annotated[int, Range(1, VERSIONS_MAX)] = 1
    replaces: OptionalId32 = b""  # digest of the version before; of the first, empty
    soft_deadline_ms: TimeMs = 0  # until when people are asked to sign; 0: until the deadline
    deadline_ms: TimeMs  # what is dated behind it is late
    grace_ms: Annotated[int, Range(0, GRACE_MS_MAX)] = 0  # what was signed in time is waited for so long
    texts: Annotated[tuple[LanguageText, ...], Items(1, LANGUAGES_MAX)]  # in the order they are shown
    addressees: Annotated[tuple[Annotated[str, Chars(1, LINE_CHARS_MAX)], ...], Items(0, ADDRESSEES_MAX)]
    rules: Annotated[tuple[Annotated[str, Chars(1, LINE_CHARS_MAX)], ...], Items(0, RULES_MAX)]
    modes: Annotated[tuple[NameMode, ...], Items(1, len(NameMode))] = NAMED_ALONE
    topics: Tags = ()  # what it is about, in words that standing mandates name
    countries: Tags = ()
    asks: Tags = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyLine(Record):
    """One counted sign-on."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    act_key: Id32
    sign_on: Id32  # SHA-256 of the sign-on's text
    capacity: Capacity
    name: Annotated[str, Chars(0, NAME_CHARS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RingTally:
    """Of a letter on which members may be counted and not named: who is whom in the ring, and who is not."""

    ring: bytes  # 32 bytes, SHA-256 of the ring's text
    named: tuple[tuple[bytes, bytes], ...]  # act key, ring key
    tags: tuple[bytes, ...]  # of those who are not named


def reference(identifier: bytes) -> Digest:
    """What stands for a campaign or statement in public: no id of an operation leaves the campaign."""
    assert len(identifier) == 32, "an id is 32 bytes"
    return Digest(hashlib.sha256(_REFERENCE + identifier).digest())


def digest_of(text: bytes) -> Digest:
    """SHA-256 (FIPS 180-4) over exactly these bytes, as `sha256sum` prints it."""
    return Digest(hashlib.sha256(text).digest())


# --- The canonical text of a statement


def canonical_text(statement: StatementText) -> bytes:
    """The document that is hashed, signed and published.

    Raises:
        MalformedPackage: a text or value holds what is refused, a language stands twice, versions or
            deadlines do not fit together.
        OverLimit: longer than `STATEMENT_CHARS_MAX` characters.
    """
    languages = [text.language for text in statement.texts]
    if len(set(languages)) != len(languages):
        raise MalformedPackage("a language stands twice")
    if (statement.version > 1) != bool(statement.replaces):
        raise MalformedPackage("a version replaces another exactly where it is not the first")
    if statement.soft_deadline_ms > statement.deadline_ms:
        raise MalformedPackage("the soft deadline lies behind the deadline")
    if statement.grace_ms % 1000:
        raise MalformedPackage("a grace period has whole seconds")
    check_modes(statement.modes)
    lines = [
        f"campaign: {statement.campaign.hex()}",
        f"statement: {statement.statement.hex()}",
        f"version: {statement.version}",
        *([f"replaces: {statement.replaces.hex()}"] if statement.replaces else []),
        *([f"asked by: {spell_time(statement.soft_deadline_ms)}"] if statement.soft_deadline_ms else []),
        f"deadline: {spell_time(statement.deadline_ms)}",
        *([f"grace seconds: {statement.grace_ms // 1000}"] if statement.grace_ms else []),
        f"languages: {', '.join(languages)}",
        *([f"names: {', '.join(statement.modes)}"] if statement.modes != NAMED_ALONE else []),
        *[f"topic: {tag}" for tag in check_tags(statement.topics)],
        *[f"about: {tag}" for tag in check_tags(statement.countries)],
        *[f"ask: {tag}" for tag in check_tags(statement.asks)],
        *[f"addressee: {required_line(addressee, 'an addressee')}" for addressee in statement.addressees],
        *[f"rule: {required_line(rule, 'a rule')}" for rule in statement.rules],
        "",
    ]
    for text in statement.texts:
        if not is_language(text.language):
            raise MalformedPackage("a language tag is not in lower-case BCP 47 form")
        for paragraph in text.paragraphs:
            check_paragraph(paragraph)
        body = "\n\n".join(text.paragraphs)
        lines += [
            f"language: {text.language}",
            f"direction: {text.direction.value}",
            *_origin(text, languages),
            f"title: {required_line(text.title, 'a title')}",
            f"paragraphs: {len(text.paragraphs)}",
            f"bytes: {len(body.encode())}",
            "",
            body,
            "",
        ]
    document = _STATEMENT.decode() + "\n".join([*lines, "end", ""])
    if len(document) > STATEMENT_CHARS_MAX:
        raise OverLimit(f"a statement has at most {STATEMENT_CHARS_MAX} characters in all its languages")
    return document.encode()


def parse_canonical_text(data: bytes) -> StatementText:
    """Inverse of `canonical_text`: that spelling and no other.

    Raises:
        OverLimit: longer than a statement can be.
        MalformedPackage: anything else; the sentence names the place.
    """
    if len(data) > 4 * STATEMENT_CHARS_MAX:
        raise OverLimit(f"a statement has at most {STATEMENT_CHARS_MAX} characters in all its languages")
    reader = _Reader(data)
    reader.expect(_STATEMENT.decode().rstrip("\n"))
    campaign = read_hex32(reader.value("campaign"), "campaign")
    statement = read_hex32(reader.value("statement"), "statement")
    version = read_number(reader.value("version"))
    replaces = reader.values("replaces", 1)
    asked_by = reader.values("asked by", 1)
    deadline_ms = read_time(reader.value("deadline"))
    grace = reader.values("grace seconds", 1)
    languages = reader.value("languages").split(", ")
    if len(languages) > LANGUAGES_MAX:
        raise MalformedPackage("the statement names too many languages")
    modes = _modes(reader.values("names", 1))
    topics = reader.values("topic", TAGS_MAX)
    countries = reader.values("about", TAGS_MAX)
    asks = reader.values("ask", TAGS_MAX)
    addressees = reader.values("addressee", ADDRESSEES_MAX)
    rules = reader.values("rule", RULES_MAX)
    reader.expect("")
    texts = tuple([_language_text(reader, language) for language in languages])
    reader.expect("end")
    if reader.rest():
        raise MalformedPackage("something follows the statement's end")
    parsed = StatementText(
        campaign=campaign,
        statement=statement,
        version=version,
        replaces=read_hex32(replaces[0], "replaces") if replaces else b"",
        soft_deadline_ms=read_time(asked_by[0]) if asked_by else 0,
        deadline_ms=deadline_ms,
        grace_ms=read_number(grace[0]) * 1000 if grace else 0,
        texts=texts,
        addressees=addressees,
        rules=rules,
        modes=modes,
        topics=topics,
        countries=countries,
        asks=asks,
    )
    if canonical_text(parsed) != data:
        raise MalformedPackage("the statement is not in its one canonical spelling")
    return parsed


def _language_text(reader: _Reader, language: str) -> LanguageText:
    if not is_language(language):
        raise MalformedPackage("a language tag is not in lower-case BCP 47 form")
    if reader.peek() != f"language: {language}":
        raise MalformedPackage(f"the statement names the language `{language}`, but its text is not there")
    reader.value("language")
    spelled = reader.value("direction")
    if spelled not in ("ltr", "rtl"):
        raise MalformedPackage("a direction is ltr or rtl")
    origin = reader.values("translated from", 1)
    translators = reader.values("translator", CREDITS_MAX)
    checkers = reader.values("checker", CREDITS_MAX)
    title = reader.value("title")
    count = read_number(reader.value("paragraphs"))
    length_bytes = read_number(reader.value("bytes"))
    reader.expect("")
    paragraphs = tuple(reader.take(length_bytes).split("\n\n", PARAGRAPHS_MAX))
    reader.expect("")
    reader.expect("")
    if len(paragraphs) != count:
        raise MalformedPackage(f"the text in `{language}` does not have as many paragraphs as it says")
    return LanguageText(
        language=language,
        direction=Direction(spelled),
        title=title,
        paragraphs=paragraphs,
        translated_from=origin[0] if origin else "",
        translators=translators,
        checkers=checkers,
    )


def _origin(text: LanguageText, languages: list[str]) -> list[str]:
    """Where a text comes from, as far as those who made it wish to be told."""
    source = text.translated_from
    if source and (source == text.language or source not in languages):
        raise MalformedPackage("a text is translated from another language of the statement")
    if text.checkers and not source:
        raise MalformedPackage("a translation is checked, and nothing else")
    return [
        *([f"translated from: {source}"] if source else []),
        *[f"translator: {required_line(name, 'a translator')}" for name in text.translators],
        *[f"checker: {required_line(name, 'a checker')}" for name in text.checkers],
    ]


def _modes(lines: tuple[str, ...]) -> tuple[NameMode, ...]:
    if not lines:
        return NAMED_ALONE
    found = lines[0].split(", ")
    if len(found) > len(NameMode) or not all(mode in set(NameMode) for mode in found):
        raise MalformedPackage("a name mode is unknown")
    return tuple([NameMode(mode) for mode in found])


class _Reader:
    """Takes a document apart line by line, and texts by their length."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def rest(self) -> bytes:
        return self._data[self._at :]

    def peek(self) -> str | None:
        end = self._data.find(b"\n", self._at)
        return None if end < 0 else read_utf8(self._data[self._at : end])

    def line(self) -> str:
        line = self.peek()
        if line is None:
            raise MalformedPackage("the statement ends too soon")
        self._at = self._data.index(b"\n", self._at) + 1
        return line

    def expect(self, line: str) -> None:
        if self.line() != line:
            raise MalformedPackage(f"the statement lacks its {f'line `{line}`' if line else 'blank line'}")

    def value(self, key: str) -> str:
        line = self.line()
        if not line.startswith(f"{key}: "):
            raise MalformedPackage(f"the statement lacks its `{key}`")
        return line[len(key) + 2 :]

    def values(self, key: str, items_max: int) -> tuple[str, ...]:
        found: list[str] = []
        while (line := self.peek()) is not None and line.startswith(f"{key}: "):
            if len(found) == items_max:
                raise MalformedPackage(f"the statement has more than {items_max} of `{key}`")
            found.append(self.value(key))
        return tuple(found)

    def take(self, count_bytes: int) -> str:
        part = self._data[self._at : self._at + count_bytes]
        if len(part) != count_bytes:
            raise MalformedPackage("the statement ends too soon")
        self._at += count_bytes
        return read_utf8(part)


# --- Acts: the first line is the context of the signature


def sign_on_text(digest: bytes, act_key: bytes, fields: SignOnFields) -> bytes:
    """What a signatory's act key signs. Raises `MalformedPackage` for what cannot stand on a line."""
    languages = fields.languages_read
    if not all(is_language(tag) for tag in languages) or list(languages) != sorted(set(languages)):
        raise MalformedPackage("languages read: lower-case BCP 47 tags, ascending, each once")
    check_named(fields)
    lines = [
        f"statement: {spell_id(digest)}",
        f"key: {spell_id(act_key)}",
        f"capacity: {fields.capacity.value}",
        *([f"mode: {fields.mode.value}"] if fields.mode is not NameMode.NAMED else []),
        f"name: {optional_line(fields.name, 'a name')}",
        *[f"name in {one.language}: {required_line(one.name, 'a name')}" for one in fields.names],
        f"title: {optional_line(fields.title, 'a title')}",
        f"affiliation: {optional_line(fields.affiliation, 'an affiliation')}",
        f"country: {optional_line(fields.country, 'a country')}",
        *([f"members: {fields.members}"] if fields.members else []),
        *([f"logo: {spell_id(fields.logo)}"] if fields.logo else []),
        *([f"annex: {spell_id(fields.annex)}"] if fields.annex else []),
        *([f"condition: {spell_id(fields.condition)}"] if fields.condition else []),
        f"languages read: {', '.join(languages)}",
        f"signed: {spell_time(fields.signed_ms)}",
    ]
    return _document(_SIGN_ON, lines)


def withdrawal_text(digest: bytes, act_key: bytes, sign_on: bytes, withdrawn_ms: int) -> bytes:
    """What takes back one sign-on and no later one: `sign_on` is the SHA-256 of its text."""
    lines = [
        f"statement: {spell_id(digest)}",
        f"key: {spell_id(act_key)}",
        f"sign-on: {spell_id(sign_on)}",
        f"withdrawn: {spell_time(withdrawn_ms)}",
    ]
    return _document(_WITHDRAWAL, lines)


def release_text(
    digest: bytes, act_key: bytes, tally_digest: bytes, released_ms: int, not_before_ms: int = 0
) -> bytes:
    """What the organiser who releases signs; `not_before_ms`: until when it is not to be published, or 0."""
    lines = [
        f"statement: {spell_id(digest)}",
        f"key: {spell_id(act_key)}",
        f"tally: {spell_id(tally_digest)}",
        f"released: {spell_time(released_ms)}",
        *([f"not before: {spell_time(not_before_ms)}"] if not_before_ms else []),
    ]
    return _document(_RELEASE, lines)


def tally_text(
    digest: bytes, lines: tuple[TallyLine, ...], paper: tuple[str, ...] = (), ring: RingTally | None = None
) -> bytes:
    """The count as a list: one line a sign-on, ascending by act key whatever order they come in.

    With a ring, what was opened of it ascends by act key, and the tags of the counted ascend.

    Args:
        paper: what is said of signatures on paper (`wire.paper.tally_lines`).
    """
    ordered = sorted(lines, key=lambda line: line.act_key)
    organisations = sum(line.capacity in ORGANISATIONS for line in ordered)
    spelled = [
        f"statement: {spell_id(digest)}",
        f"organisations: {organisations}",
        f"individuals: {len(ordered) - organisations}",
        *[
            f"sign-on: {line.act_key.hex()} {line.sign_on.hex()} {line.capacity.value} {line.name}"
            for line in ordered
        ],
        *paper,
        *(_ring_lines(ring) if ring is not None else []),
    ]
    return _document(_TALLY, spelled)


def _ring_lines(ring: RingTally) -> list[str]:
    return [
        f"ring: {spell_id(ring.ring)}",
        *[f"in ring: {act_key.hex()} {ring_key.hex()}" for act_key, ring_key in sorted(ring.named)],
        f"counted: {len(ring.tags)}",
        *[f"tag: {tag.hex()}" for tag in sorted(ring.tags)],
    ]


def _document(first_line: bytes, lines: list[str]) -> bytes:
    return first_line + ("\n".join(lines) + "\n").encode()
