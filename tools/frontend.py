"""Copy the picked third-party front-end files to static/vendor, the hash of their content in the name.

`static/vendor/manifest.json` maps the name that templates use (`bootstrap.min.css`) to the file that is
there (`bootstrap.min.1a2b3c4d.css`), so that browsers may keep the files for ever. The sprite `icons.svg` is
made of the bootstrap-icons named in tools/icons.txt. Licences are copied beside the files.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
ICON_NAMES = ROOT / "tools" / "icons.txt"
JAKARTA = "@fontsource-variable/plus-jakarta-sans"

PICKED = {
    "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "plus-jakarta-sans.woff2": f"{JAKARTA}/files/plus-jakarta-sans-latin-wght-normal.woff2",
}
LICENCES = {
    "bootstrap.LICENSE.txt": "bootstrap/LICENSE",
    "bootstrap-icons.LICENSE.txt": "bootstrap-icons/LICENSE",
    "htmx.LICENSE.txt": "htmx.org/LICENSE",
    "plus-jakarta-sans.LICENSE.txt": f"{JAKARTA}/LICENSE",
}
# What "latin" covers in the font file; characters outside it fall back to the system's font.
LATIN = (
    "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,"
    "U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
)
FONT_FACE = """@font-face {{
  font-family: "Plus Jakarta Sans";
  font-style: normal;
  font-weight: 200 800;
  font-display: swap;
  src: url("{file}") format("woff2");
  unicode-range: {latin};
}}
"""
SOURCE_MAP = re.compile(rb"\s*(/\*|//)# sourceMappingURL=[^\n]*\n?")
SVG = re.compile(r'<svg[^>]*viewBox="([^"]+)"[^>]*>(.*)</svg>', re.DOTALL)
BETWEEN_TAGS = re.compile(r">\s+<")


class BuildFailed(Exception):
    """The front end cannot be built; the message says which file or line is to blame."""


def hashed_name(name: str, content: bytes) -> str:
    path = Path(name)
    return f"{path.stem}.{hashlib.sha256(content).hexdigest()[:8]}{path.suffix}"


def write(name: str, content: bytes) -> None:
    """Put a file in place at once, so that a running server never reads half of one."""
    unfinished = VENDOR / f".{name}.{os.getpid()}"
    unfinished.write_bytes(content)
    unfinished.replace(VENDOR / name)


def read_module(path: str) -> bytes:
    source = MODULES / path
    if not source.is_file():
        raise BuildFailed(f"node_modules/{path} is missing; run: make clean setup")
    return SOURCE_MAP.sub(b"\n", source.read_bytes())


def icon_names() -> list[str]:
    lines = (line.split("#")[0].strip() for line in ICON_NAMES.read_text().splitlines())
    return sorted({line for line in lines if line})


def icon_symbol(name: str) -> str:
    source = MODULES / "bootstrap-icons" / "icons" / f"{name}.svg"
    if not source.is_file():
        raise BuildFailed(f"tools/icons.txt names '{name}', and bootstrap-icons has no such icon")
    found = SVG.search(source.read_text())
    if found is None:
        raise BuildFailed(f"the icon '{name}' is not drawn as expected")
    box, drawing = found.groups()
    drawing = BETWEEN_TAGS.sub("><", drawing.strip())
    return f'<symbol id="{name}" viewBox="{box}">{drawing}</symbol>'


def icon_sprite() -> bytes:
    symbols = "\n".join(icon_symbol(name) for name in icon_names())
    head = '<svg xmlns="http://www.w3.org/2000/svg">\n<!-- Bootstrap Icons (MIT), a picked subset -->\n'
    return f"{head}{symbols}\n</svg>\n".encode()


def build() -> dict[str, str]:
    """Write every file, then the manifest last; return the manifest."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    contents = {name: read_module(path) for name, path in PICKED.items()}
    font_file = hashed_name("plus-jakarta-sans.woff2", contents["plus-jakarta-sans.woff2"])
    contents["fonts.css"] = FONT_FACE.format(file=font_file, latin=LATIN).encode()
    contents["icons.svg"] = icon_sprite()
    manifest = {name: hashed_name(name, content) for name, content in sorted(contents.items())}
    for name, content in contents.items():
        write(manifest[name], content)
    for name, path in LICENCES.items():
        write(name, read_module(path))
    write("manifest.json", (json.dumps(manifest, indent=2) + "\n").encode())
    return manifest


if __name__ == "__main__":
    try:
        build()
    except BuildFailed as problem:
        sys.exit(f"front end: {problem}")
