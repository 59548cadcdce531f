"""MusicXML to pages of notation by Verovio, and from its SVG to PDF and PNG by Typst.

Both are used as their wheels bring them. Text is set in STIX (a Times, from matplotlib's wheel) and Verovio's own
music font, so that a page looks the same on every machine; other scripts than Latin take a font of the system.
"""

from __future__ import annotations

import functools
import re
import tempfile
from base64 import b64decode
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

from tools.errors import ToolFailed, UserError

PAPER: dict[str, tuple[int, int]] = {  # tenths of a millimetre
    "a4": (2100, 2970),
    "a4 landscape": (2970, 2100),
    "letter": (2159, 2794),
    "letter landscape": (2794, 2159),
    "a3": (2970, 4200),
}
_MARGIN = 140  # tenths of a millimetre
_LAST_ASCII = 126
_NUMBER = "{page}"  # where a page's foot has its number
_TEXT = "STIXGeneral"
_SIZES = ((3, 8.0), (5, 7.0), (8, 6.0), (12, 5.0))  # staves a system has at most, an eighth of a staff's height
_SMALLEST = 4.5


@dataclass(frozen=True)
class Heading:
    """What is printed above the first page and under every page."""

    title: str = ""
    composer: str = ""
    footer: str = ""


@dataclass(frozen=True)
class Sheets:
    """Pages as SVG documents, and how wide and high each is in tenths of a millimetre."""

    svg: tuple[str, ...]
    paper: tuple[int, int]


def engrave(musicxml: str, heading: Heading, *, paper: str, staves: int, breaks: bool) -> Sheets:
    """Set a MusicXML document on pages.

    Parameters
    ----------
    staves
        How many staves a system has: many are set smaller.
    breaks
        Whether the document says where systems begin; otherwise as many bars as fit.

    Raises
    ------
    UserError
        When not even one system fits on the paper.
    """
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    width, height = PAPER[paper]
    toolkit.setOptions(
        {
            "pageWidth": width, "pageHeight": height, "scale": 100,
            "unit": next((size for most, size in _SIZES if staves <= most), _SMALLEST),
            **{f"pageMargin{side}": _MARGIN for side in ("Left", "Right", "Top", "Bottom")},
            "breaks": "line" if breaks else "auto", "condense": "none", "breaksNoWidow": True,
            "header": "encoded", "footer": "encoded", "usePgFooterForAll": True,
            "svgViewBox": True, "smuflTextFont": "embedded", "xmlIdSeed": 1,
        }
    )  # fmt: skip
    if not toolkit.loadData(musicxml) or not toolkit.loadData(_headed(toolkit.getMEI(), heading)):
        raise ToolFailed(
            "Verovio could not lay this score out; convert it to MusicXML and set it in a notation editor."
        )
    pages = tuple(toolkit.renderToSVG(n).replace(_NUMBER, str(n)) for n in range(1, toolkit.getPageCount() + 1))
    if not pages:
        raise UserError(f"The score does not fit on {paper} paper; choose larger paper, or fewer tracks.")
    return Sheets(pages, (width, height))


def _headed(mei: str, heading: Heading) -> str:
    """The score with its title page's head and the foot of every page."""
    head = (
        f'<rend halign="center" valign="top" fontsize="20pt">{escape(heading.title)}</rend>'
        f'<rend halign="right" valign="bottom" fontsize="11pt">{escape(heading.composer)}</rend>'
    )
    said = f"{escape(heading.footer)} · {_NUMBER}" if heading.footer else _NUMBER
    foot = f'<rend halign="center" valign="bottom" fontsize="8pt">{said}</rend>'
    first = f'<pgHead func="first">{head}</pgHead>' if heading.title or heading.composer else ""
    set_on_page = f'{first}<pgFoot func="first">{foot}</pgFoot><pgFoot func="all">{foot}</pgFoot>'
    return re.sub(r"(<scoreDef\b[^>]*>)", lambda m: m[1] + set_on_page, mei, count=1)


def as_pdf(sheets: Sheets, title: str, folder: Path) -> bytes:
    """All pages as one PDF document with vector graphics and text that can be searched."""
    made = _compiled(sheets, range(len(sheets.svg)), title, folder, ppi=None)
    assert isinstance(made, bytes)
    return made


def as_png(sheets: Sheets, folder: Path, ppi: int) -> list[bytes]:
    """Every page as a PNG picture of ``ppi`` pixels an inch."""
    made = _compiled(sheets, range(len(sheets.svg)), "", folder, ppi=ppi)
    return [made] if isinstance(made, bytes) else list(made)


def _compiled(sheets: Sheets, pages: range, title: str, folder: Path, *, ppi: int | None) -> bytes | list[bytes]:
    import matplotlib
    import typst

    width, height = (side / 10 for side in sheets.paper)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        work = Path(name)
        (work / "music.ttf").write_bytes(_music_font())
        for index in pages:
            page = sheets.svg[index].replace("Times, serif", _TEXT)
            (work / f"{index}.svg").write_text(re.sub(r"<style[^>]*>@font-face.*?</style>", "", page, flags=re.DOTALL))
        quoted = title.replace("\\", "\\\\").replace('"', '\\"')
        lines = [
            f'#set document(title: "{quoted}", date: none)',
            f"#set page(width: {width}mm, height: {height}mm, margin: 0pt)",
            *(f'#image("{index}.svg", width: 100%)' for index in pages),
        ]
        (work / "pages.typ").write_text("\n".join(lines), encoding="utf-8")
        fonts = [work, Path(matplotlib.get_data_path()) / "fonts" / "ttf"]
        kind: Literal["pdf", "png"] = "pdf" if ppi is None else "png"
        return typst.compile(work / "pages.typ", root=work, font_paths=fonts, format=kind, ppi=float(ppi or 144))


def without_glyph(text: str) -> str:
    """The characters of a text that no font has here: neither those that pages are set in nor the system's."""
    import matplotlib
    from matplotlib.font_manager import findSystemFonts

    own = (Path(matplotlib.get_data_path()) / "fonts" / "ttf").glob("DejaVu*.ttf")
    missing = {c for c in text if c.isprintable() and not c.isspace() and ord(c) > _LAST_ASCII}
    for path in (*map(str, own), *findSystemFonts()) if missing else ():
        missing -= {chr(code) for code in _codes(path)}
        if not missing:
            break
    return "".join(sorted(missing))


@functools.cache
def _codes(path: str) -> frozenset[int]:
    """The code points that a font file has glyphs for; none when it is no font that can be read."""
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(path, fontNumber=0, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (TTLibError, OSError):
        return frozenset()


@functools.cache
def _music_font() -> bytes:
    """Verovio's music font as a TrueType font, from the web font in its wheel."""
    from fontTools.ttLib import TTFont

    css = (_verovio_data() / "Leipzig.css").read_text(encoding="utf-8")
    packed = re.search(r"base64,([^)]+)\)", css)
    assert packed is not None
    font = TTFont(BytesIO(b64decode(packed[1])))
    font.flavor = None
    out = BytesIO()
    font.save(out, reorderTables=False)
    return out.getvalue()


def _verovio_data() -> Path:
    import verovio

    return Path(verovio.__file__).parent / "data"
