"""The songbooks of the Essen collection that the default library knows, and how their songs are read.

The songs are old and free, and were taken from prints in the public domain; their encodings may be distributed and
used for non-commercial ends only. Each record says so, and no search shows one that did not ask for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from retrieval.ingest import Origin
from retrieval.piece import Piece, first_score, piece_of_music21

FOLDER = "essenFolksong"
LICENCE = "non-commercial"
_WHY = (
    "The song and the print ({year}) are in the public domain; the encoding of the Essen folk song collection may be"
    " used for non-commercial ends only (E. Dahlig-Turek's permission, in the collection's notice)."
)


@dataclass(frozen=True)
class Songbook:
    """A printed song collection, encoded in Essen, in one or more files."""

    stem: str
    words: str
    year: int


@dataclass(frozen=True)
class Song:
    """One song's text and where it was found."""

    origin: Origin
    text: str


SONGBOOKS = (
    Songbook("altdeu", "from Böhme's Altdeutsches Liederbuch, 1877", 1877),
    Songbook("erk", "from Erk and Böhme's Deutscher Liederhort, 1893", 1893),
    Songbook("kinder", "from Böhme's Deutsches Kinderlied und Kinderspiel, 1897", 1897),
    Songbook("zuccal", "from Zuccalmaglio's Deutsche Volkslieder, 1840", 1840),
)
_KINDS = (  # what R: fields say, most particular first
    (r"Wiegen", "lullaby"),
    (r"Weihnacht", "carol"),
    (r"Kinder|Spiel|Neck|Kose", "children's song"),
    (r"Ballade|Romanze|Sage|Erzaehl", "ballad"),
    (r"Liebes|Kilt|Tage -|Braut", "love song"),
    (r"Hochzeit|Ehestand", "wedding song"),
    (r"Jaeger|Jagd", "hunting song"),
    (r"Trink|Zech|Gesell", "drinking song"),
    (r"Soldat|Krieg|Vaterland|Sieges|Landsknecht", "soldiers' song"),
    (r"geistlich|Marien|Legende|Kirchen|Wallfahrt", "sacred song"),
    (r"Handwerk|Bauern|Berg|Staende|Schiffer", "work song"),
    (r"Tanz|Reigen", "dance song"),
    (r"Fruehling|Sommer|Mai|Jahreszeit|Ansinge", "season song"),
    (r"Klage|Abschied|Trennung|Tod", "lament"),
)


def songs(book: Songbook, corpus: Path) -> Iterator[Song]:
    """Every song of a book, in the order of its files."""
    for file in sorted((corpus / FOLDER).glob(f"{book.stem}[0-9]*.abc")):
        text = file.read_text(encoding="utf-8", errors="replace").replace("\r", "")
        for number, part in enumerate(re.split(r"(?m)^(?=X:)", text)[1:], start=1):
            yield Song(_origin(book, file, number), part)


def piece_of_song(song: Song) -> Piece:
    """Parse a song with music21 and name what its header says."""
    from music21 import converter

    piece = piece_of_music21(first_score(converter.parse(song.text, format="abc")))
    kind = next((k for pattern, k in _KINDS if re.search(pattern, _field(song.text, "R"))), "song")
    return replace(
        piece,
        title=_title(_field(song.text, "T")),
        composer="traditional",
        genre=list(dict.fromkeys([kind, "german", "folk", "song"])),
        instruments=["voice"],
        instruments_from="typical",
    )


def _origin(book: Songbook, file: Path, number: int) -> Origin:
    return Origin(
        id=f"{FOLDER}/{file.stem}-{number}",
        collection=FOLDER,
        source=f"music21 corpus: {FOLDER}/{file.name} #{number}",
        words=book.words,
        licence=LICENCE,
        licence_why=_WHY.format(year=book.year),
        year=book.year,
    )


def _field(text: str, letter: str) -> str:
    found = re.search(rf"(?m)^{letter}:[ \t]*(.*)$", text)
    return found[1].strip() if found else ""


def _title(shouted: str) -> str:
    """A song's first line as a sentence; the source writes capitals only."""
    plain = shouted.strip(' .,;"').lower()
    return plain[:1].upper() + plain[1:] if plain else "Untitled"
