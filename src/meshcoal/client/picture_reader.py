"""Finds the QR codes in one picture. Run as a program of its own: standard input to standard output.

Law: a picture comes from anybody, and what decodes it is a hundred thousand lines of C. So this process
holds no key and no connection, imports nothing of ours, may write no file, and is bounded in memory and time.
It says what it found as JSON, or ends with a code: 3 where the packages are not there, 4 where that is no
picture that can be read, 5 where it is too large.
"""

from __future__ import annotations

import io
import json
import sys

NO_PACKAGES = 3
NO_PICTURE = 4
TOO_LARGE = 5
BYTES_MAX = 24 * 2**20
PIXELS_MAX = 64_000_000
_MEMORY_BYTES_MAX = 2 * 2**30
_SECONDS_MAX = 40
_CODES_MAX = 64
_FORMATS = ("PNG", "JPEG", "WEBP")


def main() -> int:
    """Exit code: 0 where the picture could be read, with or without codes in it."""
    data = sys.stdin.buffer.read(BYTES_MAX + 1)
    if len(data) > BYTES_MAX:
        return TOO_LARGE
    try:
        import zxingcpp
        from PIL import Image
    except ImportError:
        return NO_PACKAGES
    _bound()
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > PIXELS_MAX:
                return TOO_LARGE
            grey = opened.convert("L")
        codes = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        found = zxingcpp.read_barcodes(grey, formats=codes, text_mode=zxingcpp.TextMode.Plain)
    except Image.DecompressionBombError:
        return TOO_LARGE
    except (OSError, ValueError, SyntaxError, MemoryError, RuntimeError):  # as Pillow tells broken files
        return NO_PICTURE
    texts = [one.text for one in found if one.valid][:_CODES_MAX]
    sys.stdout.write(json.dumps(texts, ensure_ascii=True))
    return 0


def _bound() -> None:
    try:
        import resource
    except ImportError:  # Windows has none; the caller's time limit remains
        return
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY_BYTES_MAX),
        (resource.RLIMIT_CPU, _SECONDS_MAX),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # a lower limit holds already
            continue


if __name__ == "__main__":
    sys.exit(main())
