"""The collections of music21's corpus that the default library is built from, and how their tunes are read.

Which are in, why they may be used commercially and what was left out is told in ``retrieval/library/README.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from retrieval.ingest import Origin
from retrieval.piece import Piece, first_score, piece_of_music21, read_piece
from tools.kit.theory.meter import Meter

_PRINT = "public domain"
_PLAIN_COPY = (
    "The print of {year} is in the public domain; the transcription copies its notes, states no terms and is"
    " distributed with its makers' permission. Only facts about the tune are kept here."
)


@dataclass(frozen=True)
class Tune:
    """One tune's text and where it was found."""

    origin: Origin
    text: str
    number: int


@dataclass(frozen=True)
class Tunebook:
    """A printed tune collection transcribed in ABC."""

    folder: str
    words: str
    year: int

    def origin(self, file: Path, number: int) -> Origin:
        """Where tune ``number`` of a file comes from."""
        stem = file.stem if self.folder == "ryansMammoth" else str(number)
        return Origin(
            id=f"{self.folder}/{stem}",
            collection=self.folder,
            source=f"music21 corpus: {self.folder}/{file.name} #{number}",
            words=self.words,
            licence=_PRINT,
            licence_why=_PLAIN_COPY.format(year=self.year),
            year=self.year,
        )


@dataclass(frozen=True)
class Work:
    """One score whose encoder declares its terms in the file."""

    path: str
    title: str
    composer: str
    year: int
    genre: tuple[str, ...]
    instruments: tuple[str, ...]
    licence: str
    declared: str  # the encoder's own words

    def origin(self) -> Origin:
        """Where the work comes from; its file says how it may be used."""
        why = f"The composition ({self.year}) is in the public domain; the encoding's file says: {self.declared}"
        return Origin(
            id=self.path.rsplit(".", 1)[0],
            collection=self.path.split("/")[0],
            source=f"music21 corpus: {self.path}",
            words=f"composed about {self.year}" if self.year < 1700 else f"composed {self.year}",
            licence=self.licence,
            licence_why=why,
            year=self.year,
        )


TUNEBOOKS = (
    Tunebook("oneills1850", "from O'Neill's Music of Ireland, 1903", 1903),
    Tunebook("ryansMammoth", "from Ryan's Mammoth Collection of fiddle tunes, 1883", 1883),
)
_CYPRESS = "Typeset by Cypressdome for IMSLP and released under the CC BY-SA 4.0 license."
_POLONAISE = (1831, ("polonaise", "romantic"), ("piano",), "CC BY-SA 4.0", _CYPRESS)
WORKS = (
    *(
        Work(f"schumann_clara/polonaise_op1n{n}.mxl", f"Polonaise op. 1 no. {n}", "Clara Schumann", *_POLONAISE)
        for n in (1, 2, 3, 4)
    ),
    Work(
        "corelli/opus3no1/1grave.xml",
        "Trio sonata op. 3 no. 1: Grave",
        "Arcangelo Corelli",
        1689,
        ("trio sonata", "baroque"),
        ("violin", "cello", "church organ"),
        "CC BY",
        "Creative Commons License (CC-BY)",
    ),
    Work(
        "ciconia/quod_jactatur.xml",
        "Quod jactatur",
        "Johannes Ciconia",
        1400,
        ("canon", "medieval"),
        ("voice",),
        "CC BY-SA 3.0",
        "freely distributed under a CC-BY-SA 3.0 license",
    ),
    Work(
        "luca/gloria.xml",
        "Gloria",
        "Luca",
        1420,
        ("mass movement", "medieval"),
        ("voice",),
        "CC BY-SA 3.0",
        "freely distributed under a CC-BY-SA 3.0 license",
    ),
    Work(
        "lusitano/allor_che_ignuda.mxl",
        "Allor che ignuda",
        "Vicente Lusitano",
        1562,
        ("madrigal", "renaissance"),
        ("voice",),
        "CC0",
        "released as CC0/Public Domain",
    ),
    Work(
        "beach/prayer_of_a_tired_child.musicxml",
        "Prayer of a Tired Child",
        "Amy Beach",
        1914,
        ("song", "romantic"),
        ("voice", "piano"),
        "CC BY-SA",
        "most uses allowed for free (CC-SA-BY)",
    ),
    Work(
        "johnson_j_r/lift_every_voice.mxl",
        "Lift Every Voice and Sing",
        "J. Rosamond Johnson",
        1900,
        ("hymn", "song"),
        ("voice", "piano"),
        "CC0",
        "Public Domain (Encoding by MSAC: CC0)",
    ),
    Work(
        "liliuokalani/aloha_oe.mxl",
        "Aloha ʻOe",
        "Queen Liliʻuokalani",
        1884,
        ("song",),
        ("voice", "piano"),
        "CC0",
        "Now, Public Domain; Encoding by MSAC, CC0",
    ),
    Work(
        "leadSheet/fosterBrownHair.mxl",
        "Jeanie with the Light Brown Hair",
        "Stephen Foster",
        1854,
        ("song", "ballad"),
        ("voice",),
        "public domain",
        "Public Domain",
    ),
    Work(
        "weber/concertino_clarinet.mxl",
        "Concertino for clarinet op. 26",
        "Carl Maria von Weber",
        1811,
        ("concerto", "classical"),
        ("clarinet", "piano"),
        "public domain",
        "Released to Public Domain in 1998",
    ),
)

_ONEILL_SECTIONS = (  # last number of each part of the book
    (625, "air"),
    (700, "harp tune"),
    (1115, "jig"),
    (1175, "slip jig"),
    (1555, "reel"),
    (1780, "hornpipe"),
)
_KINDS = (  # what R: fields, titles and meters call a dance, most particular first
    (r"slip ?jig|hop jig", "slip jig"),
    (r"jig", "jig"),
    (r"strathspey", "strathspey"),
    (r"fling", "highland fling"),
    (r"hornpipe", "hornpipe"),
    (r"clog", "clog"),
    (r"walk ?around|essence", "walkaround"),
    (r"reel", "reel"),
    (r"waltz", "waltz"),
    (r"march|quick ?step", "march"),
    (r"\bair\b", "air"),
    (r"polka", "polka"),
)
_BY_METER = {"6/8": "jig", "9/8": "slip jig", "2/2": "reel", "2/4": "reel", "4/4": "reel", "3/4": "waltz"}


def corpus_folder() -> Path:
    """Where the installed music21 keeps its corpus."""
    import music21

    return Path(music21.__path__[0]) / "corpus"


def tunes(book: Tunebook, corpus: Path) -> Iterator[Tune]:
    """Every tune of a book; of several transcriptions of one number the first."""
    seen: set[str] = set()
    for file in sorted((corpus / book.folder).glob("*.abc")):
        text = file.read_text(encoding="utf-8", errors="replace").replace("\r", "")
        for part in re.split(r"(?m)^(?=X:)", text)[1:]:
            number = int(re.match(r"X:\s*(\d+)", part)[1])  # type: ignore[index]  # every part begins with X:
            origin = book.origin(file, number)
            if number > 0 and origin.id not in seen:
                seen.add(origin.id)
                yield Tune(origin, part, number)


def piece_of_tune(tune: Tune) -> Piece:
    """Parse a tune with music21 and name what its header says."""
    from music21 import converter

    piece = piece_of_music21(first_score(converter.parse(tune.text, format="abc")))
    kinds = " ".join(_fields(tune.text, "R") + _fields(tune.text, "T"))
    titles = _fields(tune.text, "T")
    return replace(
        piece,
        title=_title(titles[0]) if titles else "Untitled",
        composer=_composer(tune),
        tempo_words=" ".join(_fields(tune.text, "N") + _fields(tune.text, "Q")),
        marked_bpm=_metronome(tune.text, piece.meter),
        genre=_genres(tune, kinds, piece.meter),
        instruments=["violin"],
        instruments_from="typical",
    )


def piece_of_work(work: Work, corpus: Path) -> Piece:
    """Read a score and name it as its catalogue does."""
    piece = read_piece(corpus / work.path)
    return replace(
        piece,
        title=work.title,
        composer=work.composer,
        genre=list(work.genre),
        instruments=list(work.instruments),
        tempo_words=f"{piece.tempo_words} {work.title}",
        instruments_from="scored",
    )


def _fields(text: str, letter: str) -> list[str]:
    """Values of an ABC information field, quotes and line noise removed."""
    return [v.replace('"', "").strip(" .\\") for v in re.findall(rf"(?m)^{letter}:(.*)$", text) if v.strip(' "')]


def _title(raw: str) -> str:
    """A title without shouting or line noise, its dance's name joined, its article in front."""
    text = re.sub(r"\s+--\s+", " ", re.sub(r"(?i)(?<=at):(?=\w|\s)", "", raw.removeprefix("T:")))
    text = re.sub(r"\b(?![IVX]+(?:[\s.,]|$))[A-Z][A-Z'’]+", lambda m: _capitalised(m[0]), text)
    text = re.sub(r"\bMc([a-z])", lambda m: "Mc" + m[1].upper(), text)
    moved = re.fullmatch(r"(.*), (The|A|An)", text, flags=re.IGNORECASE)
    return (f"{moved[2].title()} {moved[1]}" if moved else text).strip(" .")


def _capitalised(word: str) -> str:
    """A word in capitals as it stands in a title: ``O'NEILL'S`` becomes ``O'Neill's``."""
    first, *rest = re.split(r"['’]", word)
    is_name = len(first) == 1 and first != "I"
    parts = [p.capitalize() if is_name and n == 0 else p.lower() for n, p in enumerate(rest)]
    return "'".join([first.capitalize(), *parts])


def _composer(tune: Tune) -> str:
    """The composer a C: field names; in O'Neill's it names the collector of all tunes but O'Carolan's."""
    for value in _fields(tune.text, "C"):
        if "carolan" in value.lower():
            return "Turlough O'Carolan"
        if tune.origin.collection != "oneills1850" and not re.search(r"collect|scotch|irish|trad", value.lower()):
            return value.title() if value.isupper() else value
    return "traditional"


def _metronome(text: str, meter: Meter) -> float | None:
    """Beats a minute of a full metronome mark (``Q:1/4=96``); older forms leave the unit open."""
    match = re.search(r"(?m)^Q:.*?(\d+)/(\d+)\s*=\s*(\d+)", text)
    if match is None:
        return None
    return int(match[3]) * 4 * int(match[1]) / int(match[2]) / meter.beat_quarters


def _genres(tune: Tune, kinds: str, meter: Meter) -> list[str]:
    """The dance first, then the tradition."""
    tradition = ["irish", "folk"] if tune.origin.collection == "oneills1850" else ["fiddle tune", "folk"]
    named = next((kind for pattern, kind in _KINDS if re.search(pattern, kinds, flags=re.IGNORECASE)), None)
    if tune.origin.collection == "oneills1850":
        section = next((kind for last, kind in _ONEILL_SECTIONS if tune.number <= last), None)
        return [section or named or "set dance", *tradition]
    return [named or _BY_METER.get(str(meter), "reel"), *tradition]
