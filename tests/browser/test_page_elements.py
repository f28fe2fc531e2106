"""No text becomes markup, whoever wrote it and wherever it stands."""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from pagecheck import faults

from meshcoal.browser import frame
from meshcoal.browser.elements import Address, el, language_tag, name, said, spelled
from meshcoal.browser.forms import Field, Upload, Values, form, typed_field
from meshcoal.browser.gate import Gate
from meshcoal.browser.visit import Sheet
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.text.sanitise import clean

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</textarea><script>alert(1)</script>",
    "</title></head><body onload=alert(1)>",
    "<!--", "]]>", "&lt;b&gt; &amp; &#60;", "javascript:alert(1)", "\x00\x1b[31m", "\u202egnp.exe",
    "\ud800", "a\nb\r\nc", "{{7*7}} %(name)s %s {0}", "\u2028<svg onload=alert(1)>", "x" * 10_000,
)  # fmt: skip


class Read(HTMLParser):
    """All tags, and all text together."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.values: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [value or "" for key, value in attrs if key == "value"]

    def handle_data(self, data: str) -> None:
        self.text += data


def drawn(text: str) -> str:
    """A whole page that holds one text everywhere a text can stand."""
    gate = Gate(SeededEntropy(b"page"))
    fields = (
        Field(name="line", label=text, value=text, hint=text),
        Field(name="long", label="x", kind="long", value=text),
        Field(name="choice", label=text, kind="choice", choices=((text, text), ("b", text)), value=text),
        Field(name="checks", label=text, kind="checks", choices=(("a", text),), hint=text),
        typed_field(text),
    )
    answered = Values({"line": (text,), "long": (text,)}, (Upload(name=text, data=b""),))
    made = form(Address("/x"), text, fields, ((text, text),), answered, hidden={"h": text}, label=text)
    sheet = Sheet(heading=text, body=[text, said(text, "p", lang=text), el("p", name(text)), made])
    return spelled(frame.page(gate, sheet, language="en", direction="ltr", told=text)).decode()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text: str) -> None:
    """Goal: no script of anybody's. Method: a text in every place there is; the page is read strictly, has
    just the elements that a harmless text gives, and says the text."""
    page, harmless = drawn(text), drawn("harmless")
    assert faults(page) == []
    assert Read(page).tags == Read(harmless).tags
    assert clean(text, multiline=True) in Read(page).text


@given(st.text(min_size=1, max_size=60))
def test_any_text_stays_text(text: str) -> None:
    """Goal: as above. Method: any text at all; what a field holds comes back as it is shown."""
    page = drawn(text)
    assert Read(page).tags == Read(drawn("harmless")).tags
    shown = clean(text, multiline=True).replace("\r", "\n")
    assert shown in Read(page).values or not shown.strip()


def test_what_is_not_listed_cannot_be_made() -> None:
    """Goal: a page that loads or runs something cannot be written by mistake. Method: try to."""
    for tag in ("script", "style", "img", "iframe", "svg", "base", "object"):
        with pytest.raises(AssertionError):
            el(tag)
    for attribute in ("onclick", "style", "src", "srcdoc", "formaction", "target"):
        with pytest.raises(AssertionError):
            el("p", **{attribute: "x"})
    for leads in ("https://example.org", "//example.org", "javascript:alert(1)", "data:,x", " /x"):
        with pytest.raises(AssertionError):
            el("a", href=leads)
        with pytest.raises(AssertionError):
            el("form", action=leads)


def test_languages_are_named_as_html_names_them() -> None:
    """Goal: a screen reader gets a language or none. Method: good codes, and what a member might write."""
    assert [language_tag(code) for code in ("en", "fa", "zh-hans", "my")] == ["en", "fa", "zh-hans", "my"]
    assert [language_tag(code) for code in ("", "x", "english!", '"><b', "en_GB", "a" * 9)] == [""] * 6


def test_an_answered_form_comes_back_as_it_was() -> None:
    """Goal: nobody writes anything twice. Method: every kind of field, answered; typed words stay empty."""
    fields = (
        Field(name="line", label="a"),
        Field(name="long", label="b", kind="long"),
        Field(name="choice", label="c", kind="choice", choices=(("1", "x"), ("2", "y")), value="1"),
        Field(name="checks", label="d", kind="checks", choices=(("1", "x"), ("2", "y")), values=("1",)),
        Field(name="secret", label="e", kind="secret"),
        typed_field("sign"),
    )
    texts = {
        "line": ("one",),
        "long": ("\n\ntwo\n three",),
        "choice": ("2",),
        "secret": ("s3cret",),
        "typed": ("sign",),
    }
    page = spelled(form(Address("/x"), "key", fields, (("do", "Do"),), Values(texts))).decode()
    assert 'value="one"' in page
    assert "\n\n\ntwo\n three</textarea>" in page, "a parser drops the first line feed"
    assert 'value="2" checked' in page
    assert page.count("checked") == 1, "checks that were emptied stay empty"
    assert "s3cret" not in page
    assert 'value="sign"' not in page
