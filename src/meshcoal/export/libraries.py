"""Other people's modules inside one script: each in a function of its own, its words otherwise unchanged.

Law: the files in `export/page/libraries` are as their authors published them. A page gets them without the
lines that are comments alone, `import` lines as constants, `export` as the function's result; nothing else is
touched, and a form that this does not know is refused.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from meshcoal.export.markup import data_file

# In an order in which each stands behind what it imports.
CALL_MODULES: Final = (
    "hashes/_u64", "hashes/utils", "hashes/sha3",
    "curves/utils", "curves/abstract/modular", "curves/abstract/curve", "curves/abstract/montgomery",
    "curves/abstract/fft",
    "post-quantum/utils", "post-quantum/_crystals", "post-quantum/ml-kem",
    "ciphers/utils", "ciphers/_arx", "ciphers/_poly1305", "ciphers/chacha",
    "qr/index",
)  # fmt: skip
RING_MODULES: Final = (
    "hashes/_u64", "hashes/utils", "hashes/_md", "hashes/sha2",
    "curves/utils", "curves/abstract/modular", "curves/abstract/curve", "curves/abstract/edwards",
    "curves/abstract/fft", "curves/abstract/hash-to-curve", "curves/abstract/frost",
    "curves/abstract/montgomery", "curves/abstract/oprf", "curves/ed25519",
)  # fmt: skip
MODULES: Final = tuple(dict.fromkeys([*CALL_MODULES, *RING_MODULES]))
LICENCES: Final = ("noble-hashes", "noble-curves", "noble-post-quantum", "noble-ciphers", "qr")

_IMPORT: Final = re.compile(r"^import \{([^}]*)\} from ['\"]([^'\"]+)['\"];$")
_IMPORT_ALL: Final = re.compile(r"^import \* as ([A-Za-z0-9_]+) from ['\"]([^'\"]+)['\"];$")
_EXPORT_NAMED: Final = re.compile(r"^export (?:async )?(?:function|const|let|class) ([A-Za-z0-9_$]+)")
_EXPORT_LIST: Final = re.compile(r"^export \{([^}]*)\};$")
_EXPORT_DEFAULT: Final = re.compile(r"^export default [A-Za-z0-9_]+;$")


def module_file(module: str) -> str:
    """Where a module lies in `export/page`."""
    return f"libraries/{module.replace('/', '-')}.js"


@functools.cache
def bundle(modules: tuple[str, ...] = CALL_MODULES) -> str:
    """Modules, in this order; each is a constant that holds what it exports, such as `lib_hashes_sha3`."""
    return "\n".join([_wrapped(module) for module in modules])


def _wrapped(module: str) -> str:
    lines, exported, comment = [], [], False
    for line in data_file(module_file(module)).split("\n"):
        bare = line.strip()
        comment = comment or bare.startswith("/*")
        if comment:
            ends = bare.find("*/")
            comment = ends < 0
            if comment or ends == len(bare) - 2:
                continue  # a line that is all comment
        if bare.startswith("//"):
            continue
        if found := _IMPORT.match(line):
            names = [one.strip().replace(" as ", ": ") for one in found[1].split(",") if one.strip()]
            lines.append(f"const {{ {', '.join(names)} }} = {_constant(_resolved(module, found[2]))};")
        elif found := _IMPORT_ALL.match(line):
            lines.append(f"const {found[1]} = {_constant(_resolved(module, found[2]))};")
        elif found := _EXPORT_LIST.match(line):
            exported += [_exported(one.strip()) for one in found[1].split(",") if one.strip()]
        elif _EXPORT_DEFAULT.match(line):
            continue
        elif found := _EXPORT_NAMED.match(line):
            exported.append(found[1])
            lines.append(line.removeprefix("export "))
        else:
            assert not line.startswith(("import ", "export ")), "a form of module that is not known"
            lines.append(line)
    body = "\n".join(line for line in lines if line.strip())
    return f"const {_constant(module)} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();"


def _exported(name: str) -> str:
    inner, _, outer = name.partition(" as ")
    return f"{outer}: {inner}" if outer else inner


def _constant(module: str) -> str:
    return "lib_" + re.sub(r"[^A-Za-z0-9]+", "_", module)


def _resolved(module: str, path: str) -> str:
    """The module that an import names."""
    if path.startswith("@noble/"):
        return path.removeprefix("@noble/").removesuffix(".js")
    folder = module.split("/")[:-1]
    for part in path.removesuffix(".js").split("/"):
        if part == "..":
            folder.pop()
        elif part != ".":
            folder.append(part)
    found = "/".join(folder)
    assert found in MODULES, "an import of something that is not here"
    return found
