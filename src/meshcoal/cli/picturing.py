"""`meshcoal statement read-picture`: the QR codes in photos and screenshots.

Law: what a picture says is foreign text: it is shown, and nothing is done by it.
"""

from __future__ import annotations

from pathlib import Path

import click

from meshcoal.cli import files
from meshcoal.cli.leaf import leaf
from meshcoal.cli.output import plural, say
from meshcoal.cli.session import Session
from meshcoal.cli.slips import print_lacking
from meshcoal.client.pictures import codes_in
from meshcoal.wire.call import KEY_PREFIX, LINK_PREFIX
from meshcoal.wire.qr_parts import joined
from meshcoal.wire.reply import PREFIX as REPLY_PREFIX
from meshcoal.wire.slips import texts_in


@leaf("read-picture", example="meshcoal statement read-picture photo-1.jpg photo-2.jpg --to call.txt")
@click.argument("pictures", nargs=-1, required=True, metavar="PICTURE...", type=click.Path(path_type=Path))
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), help="Write what was found.")
@click.option("--force", is_flag=True, help="Replace a file of that name.")
@click.pass_obj
def read_picture(session: Session, pictures: tuple[Path, ...], target: Path | None, force: bool) -> int:
    """Read the QR codes in pictures: PNG, JPEG or WebP, such as photos of a screen or of paper.

    A call that takes several codes is put together, whatever the order, from one picture or many. What is
    found is a text: give it to `answer`, `import` or `invite accept`. Exit code 1: nothing was found, or
    something is not whole.
    """
    texts = [text for picture in pictures for text in codes_in(picture)]
    found_texts, lacking = texts_in(texts)
    whole, missing = joined(found_texts)
    if target is not None and whole:
        files.write_new(target, ("\n".join(whole) + "\n").encode(), private=True, replace=force)

    def for_people() -> None:
        say("{codes}, {texts}.", codes=plural(len(texts), "code", "codes"),
            texts=plural(len(whole), "whole text", "whole texts"))  # fmt: skip
        for text in whole:
            say("{kind}:", kind=_kind(text))
            say("{text}", text=text)
        for name, numbers in missing.items():
            say(
                "Of a text that begins with {name} parts are missing: {numbers}. Take a picture of them, and "
                "read all pictures together.",
                name=name[:4],
                numbers=", ".join([str(number) for number in numbers]),
            )
        for one in lacking:
            print_lacking(one)
        if not texts:
            say("No QR code was found. Hold the camera straight, closer, and without a reflection.")
        if target is not None and whole:
            say("{path}", path=target)

    found = [{"kind": _kind(text), "text": text} for text in whole]
    lost = [{"text": name, "parts": list(numbers)} for name, numbers in missing.items()]
    lost += [{"text": one.label, "parts": [at + 1 for at in one.missing]} for one in lacking]
    session.show({"codes": len(texts), "found": found, "missing": lost}, for_people)
    return 0 if whole and not missing and not lacking else 1


def _kind(text: str) -> str:
    for prefix, kind in (
        (LINK_PREFIX, "call"),
        (KEY_PREFIX, "code of a call, to compare"),
        (REPLY_PREFIX, "reply"),
        ("MESHCOALKEY1", "key"),
        ("MESHCOALRELAY1", "relay"),
        ("MESHCOAL1", "invitation"),
    ):
        if text.startswith(prefix):
            return kind
    return "another text"
