"""`meshcoal verify` on real packages, sound and damaged."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from meshcoal.cli.verify import LANGUAGES
from meshcoal.crypto.signing import SigningKey
from meshcoal.export.files import exports
from meshcoal.export.speech import Speech
from meshcoal.export.words import known_languages
from meshcoal.ids import Digest
from meshcoal.wire.package import Counts, Package, Release, SignOn, encode_package
from meshcoal.wire.plain import Direction
from meshcoal.wire.public_text import (
    RULES,
    LanguageText,
    SignOnFields,
    StatementText,
    TallyLine,
    canonical_text,
    digest_of,
    reference,
    release_text,
    sign_on_text,
    tally_text,
)
from meshcoal.wire.terms import Capacity

DEADLINE_MS = 1_795_356_000_000
KEYS = tuple(sorted((SigningKey(bytes([n]) * 32) for n in (1, 2)), key=lambda key: key.public))
NAMES = ("Committee of Families", "بن جهانی")


def package() -> Package:
    """A letter signed by an organisation and by a person."""
    text = canonical_text(
        StatementText(
            campaign=reference(bytes(32)),
            statement=reference(bytes([1]) * 32),
            deadline_ms=DEADLINE_MS,
            texts=(
                LanguageText(
                    language="en",
                    direction=Direction.LEFT_TO_RIGHT,
                    title="Free the Evin five",
                    paragraphs=("They are held since May.", "We ask for their release."),
                ),
            ),
            addressees=("Head of the Judiciary",),
            rules=RULES,
        )
    )
    digest = digest_of(text)
    sign_ons = tuple(
        [
            _signed(key, digest, name, capacity)
            for key, name, capacity in zip(
                KEYS, NAMES, (Capacity.ORGANISATION, Capacity.INDIVIDUAL), strict=True
            )
        ]
    )
    tally = digest_of(
        tally_text(
            digest,
            tuple(
                [
                    TallyLine(
                        act_key=one.act_key,
                        sign_on=digest_of(sign_on_text(digest, one.act_key, one.fields)),
                        capacity=one.fields.capacity,
                        name=one.fields.name,
                    )
                    for one in sign_ons
                ]
            ),
        )
    )
    released = KEYS[0].sign(release_text(digest, KEYS[0].public, tally, DEADLINE_MS))
    return Package(
        canonical_text=text.decode(),
        digest=digest,
        sign_ons=sign_ons,
        withdrawals=(),
        release=Release(
            act_key=KEYS[0].public, released_ms=DEADLINE_MS, tally_digest=tally, signature=released
        ),
        counts=Counts(organisations=1, individuals=1),
    )


def _signed(key: SigningKey, digest: Digest, name: str, capacity: Capacity) -> SignOn:
    fields = SignOnFields(
        capacity=capacity,
        name=name,
        title="",
        affiliation="",
        country="Iran",
        languages_read=("en",),
        signed_ms=DEADLINE_MS - 1_000,
    )
    return SignOn(
        act_key=key.public, fields=fields, signature=key.sign(sign_on_text(digest, key.public, fields))
    )


SOUND = package()


def renamed(sign_on: SignOn, name: str) -> SignOn:
    return dataclasses.replace(sign_on, fields=dataclasses.replace(sign_on.fields, name=name))


DAMAGED = {
    "text-digest": dataclasses.replace(
        SOUND, canonical_text=SOUND.canonical_text.replace("since May", "since Mai")
    ),
    "swapped-name": dataclasses.replace(
        SOUND, sign_ons=(renamed(SOUND.sign_ons[0], NAMES[1]), renamed(SOUND.sign_ons[1], NAMES[0]))
    ),
    "signature": dataclasses.replace(SOUND, sign_ons=(SOUND.sign_ons[0], renamed(SOUND.sign_ons[1], "Zoe"))),
    "doubled": dataclasses.replace(SOUND, sign_ons=(SOUND.sign_ons[0], SOUND.sign_ons[0])),
    "tally": dataclasses.replace(
        SOUND, sign_ons=SOUND.sign_ons[:1], counts=Counts(organisations=1, individuals=0)
    ),
}


def test_a_sound_letter(run: Callable[..., Result], daemon: Any, tmp_path: Path) -> None:
    """Goal: what holds is said, what cannot be known too, without a daemon. Method: a real package."""
    (tmp_path / "letter").write_bytes(encode_package(SOUND))
    result = run("verify", "letter")
    assert result.exit_code == 0
    for told in (
        "Free the Evin five",
        *NAMES,
        "Iran",
        SOUND.digest.hex(),
        "2026-11-22 14:00 UTC",
        "\nSOUND:",
    ):
        assert told in result.stdout
    assert "1 organisation, 1 individual." in result.stdout
    assert "Ask them, or compare with what they publish." in result.stdout
    assert daemon.sent == []


def test_a_page_is_checked_by_the_package_in_it(run: Callable[..., Result], tmp_path: Path) -> None:
    """Goal: the page a reader was sent can be checked. Method: a page of ours, one changed, one emptied."""
    (_, page) = exports(encode_package(SOUND))[0]
    (tmp_path / "letter.html").write_bytes(page)
    result = run("verify", "letter.html")
    assert result.exit_code == 0
    assert "byte for byte" in result.stdout
    assert "\nSOUND:" in result.stdout
    (tmp_path / "letter.html").write_bytes(page.replace(b"Free the Evin five", b"Jail the Evin five"))
    result = run("verify", "letter.html")
    assert result.exit_code == 0
    assert "Believe what is printed here" in result.stdout
    assert "Jail" not in result.stdout
    (tmp_path / "letter.html").write_bytes(page.replace(b'id="package"', b'id="other"'))
    result = run("verify", "letter.html")
    assert result.exit_code == 1
    assert "malformed-package" in result.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_verdict_in_another_language(language: str, run: Callable[..., Result], tmp_path: Path) -> None:
    """Goal: the command can be read by whom it serves. Method: a sound letter and a damaged page of it, whose
    name imitates a verdict; what is left in English."""
    speech = Speech(language, "command")
    (tmp_path / "letter").write_bytes(encode_package(SOUND))
    result = run("verify", "letter", "--language", language)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[-1] == speech.text("command.sound")
    assert NAMES[0] in result.stdout
    assert SOUND.digest.hex() in result.stdout
    if language in ("ar", "fa", "ru", "zh", "my"):
        ours = [line for line in lines if line and not line.startswith(" ")]
        assert [line for line in ours if re.search("[a-z]{3}", line)] == []
    posing = renamed(SOUND.sign_ons[1], speech.text("command.sound")[:80].strip())
    posed = dataclasses.replace(SOUND, sign_ons=(SOUND.sign_ons[0], posing))
    (tmp_path / "letter").write_bytes(encode_package(posed))
    result = run("verify", "letter", "--language", language)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[-1] == speech.text("command.not_sound", count=2)
    assert speech.text("command.sound") not in lines
    assert set(LANGUAGES) == known_languages()


def test_a_sound_letter_in_json(run: Callable[..., Result], tmp_path: Path) -> None:
    """Goal: programs get it all. Method: read the JSON."""
    (tmp_path / "letter").write_bytes(encode_package(SOUND))
    told = json.loads(run("verify", "letter", "--json").stdout)
    assert told["sound"] is True
    assert [one["name"] for one in told["signatories"]] == list(NAMES)
    assert {one["severity"] for one in told["findings"]} == {"ok"}
    assert told["cannot_know"]


@pytest.mark.parametrize("code", DAMAGED)
def test_damage_is_named(code: str, run: Callable[..., Result], tmp_path: Path) -> None:
    """Goal: what is wrong is named and the exit code is 1. Method: one damage at a time."""
    (tmp_path / "letter").write_bytes(encode_package(DAMAGED[code]))
    result = run("verify", "letter")
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if "WRONG: " in line and f"({code})" in line]
    assert "\nNOT SOUND: " in result.stdout
    assert "\nSOUND:" not in result.stdout
    told = json.loads(run("verify", "letter", "--json").stdout)
    assert told["sound"] is False
    assert code in [one["code"] for one in told["findings"]]


def test_a_file_that_is_no_letter_is_not_sound(run: Callable[..., Result], tmp_path: Path, evil: str) -> None:
    """Goal: any file gets an answer. Method: hostile text, an empty file."""
    for data in (evil.encode("utf-8", "surrogatepass"), b"", b"{}"):
        (tmp_path / "letter").write_bytes(data)
        result = run("verify", "letter")
        assert result.exit_code == 1
        assert "(malformed-package)" in result.stdout
        assert "\x1b" not in result.output


def test_a_file_that_cannot_be_read(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: unreadable is told apart from unsound. Method: none, a folder, one too large."""
    monkeypatch.setattr("meshcoal.cli.verify.PACKAGE_BYTES_MAX", 10)
    (tmp_path / "large").write_bytes(b"x" * 11)
    for name in ("missing", ".", "large"):
        result = run("verify", name)
        assert result.exit_code == 2
        assert result.stderr.endswith("(bad-argument)\n")
        assert json.loads(run("verify", name, "--json").stdout)["error"]["code"] == "bad-argument"
