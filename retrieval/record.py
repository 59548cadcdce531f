"""What the library knows of one piece: facts measured from its notes, its licence, and one sentence in words."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from retrieval.melody import commonest
from tools.errors import UserError

TempoFrom = Literal["marked", "tempo word", "typical", "heard"]
SCHEMA = 2  # raised whenever a field of Record changes its meaning


class Groove(BaseModel):
    """The rhythm of a piece's top line.

    ``pattern`` is its commonest bar, one character a sixteenth: ``x`` where a note starts in at least half
    of the bars, ``.`` elsewhere; a bar of 6/8 has 12, one of 4/4 has 16.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pattern: str
    onsets_per_beat: float = Field(description="Note starts a beat of the meter.")
    notes_per_s: float = Field(description="Note starts a second at the record's tempo.")
    syncopation: float = Field(description="Share of notes that start off the beat and sound through the next one.")


class Record(BaseModel):
    """One piece of a library. Fields named as in a Brief have the Brief's unit and meaning.

    A ``..._from`` field says where a value comes from, so that a guess is never read as a measurement.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    composer: str
    collection: str
    source: str = Field(description="File, and the tune's number in it.")
    year: int | None = Field(None, description="Year of the print or of the composition.")
    licence: str
    licence_why: str
    tempo_bpm: float | None = Field(description="Beats of the meter a minute; None where no pulse is heard.")
    tempo_from: TempoFrom
    key: str
    key_from: Literal["marked", "estimated"]
    mode: str
    meter: str = Field(description="Empty for a recording, whose meter is not read.")
    bars: int = Field(description="0 for a recording.")
    duration_s: float = Field(description="Once through, repeats not taken, in seconds.")
    instruments: list[str]
    instruments_from: Literal["scored", "typical", "heard"]
    genre: list[str]
    mood: list[str]
    valence: float
    arousal: float
    low: int | None = Field(None, description="Lowest MIDI pitch; None for a recording.")
    high: int | None = Field(None, description="Highest MIDI pitch; None for a recording.")
    chords: list[str] = Field(description="One a bar; N.C. where nothing sounds.")
    chords_from: Literal["recognised", "implied", "unread"] = Field(
        description="From the harmony, or guessed under one line."
    )
    groove: Groove | None = Field(None, description="None for a recording.")
    sections: list[str] = Field(default_factory=list, description="Sections in order: letters by likeness, or names.")
    melody: str = Field("", description="Intervals of the top line as letters; see retrieval.melody.")
    path: str | None = Field(None, description="The file of one's own library; None in the default library.")
    description: str

    @property
    def ngrams(self) -> list[str]:
        """The commonest melodic interval trigrams."""
        return commonest(self.melody)


def save_records(records: Iterable[Record], path: Path) -> None:
    """Write records as gzipped JSON lines; the same records give the same bytes."""
    lines = "".join(r.model_dump_json(exclude_none=True) + "\n" for r in records)
    path.write_bytes(gzip.compress(lines.encode("utf-8"), compresslevel=9, mtime=0))


def load_records(path: Path) -> list[Record]:
    """Read records; ``UserError`` names a file that is missing or broken and the mend."""
    try:
        lines = gzip.decompress(path.read_bytes()).splitlines()
        return [Record.model_validate_json(line) for line in lines]
    except (OSError, EOFError, ValueError) as err:
        msg = f"The library's records in {path} cannot be read ({err}); restore the file or reinstall the package."
        raise UserError(msg) from err


def records_sha(path: Path) -> str:
    """SHA-256 of a records file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
