"""Our pages as text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshcoal.export.readable import readable


def test_a_page_is_read_in_its_order_and_without_scripts() -> None:
    """Goal: what a browser would show, and nothing else. Method: a small page with all of it."""
    page = (
        "<!doctype html><html><head><title>no</title><style>p { }</style></head><body>"
        "<h1>Free  Maryam</h1><p>We ask &amp; wait,<br>now.</p>"
        "<ul><li><bdi>Ana</bdi>, Iran</li><li>Ben</li></ul>"
        "<script>var hidden = 1;</script><p>مریم</p></body></html>"
    )
    assert readable(page.encode()) == "Free Maryam\n\nWe ask & wait,\nnow.\n\n· Ana, Iran\n· Ben\n\nمریم\n"


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(data: bytes) -> None:
    """Goal: a broken page is no reason to fail. Method: anything."""
    assert readable(data).endswith("\n")
