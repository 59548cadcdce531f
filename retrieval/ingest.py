"""From a piece to its record: everything the library knows is measured here, once."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.affect import mood_words, valence_arousal
from retrieval.describe import describe
from retrieval.harmony import bar_edges_of, chords_of, key_of
from retrieval.melody import interval_letters, top_line
from retrieval.piece import Piece
from retrieval.record import Record, TempoFrom
from retrieval.rhythm import groove_of
from retrieval.tempo import bpm_of_words, felt_bpm, typical_bpm
from tools.errors import UserError

LEAST_NOTES = 8
LONGEST_MELODY = 1_000  # intervals of a top line that are kept


@dataclass(frozen=True)
class Origin:
    """Where a piece comes from and what one may do with it."""

    id: str
    collection: str
    source: str
    words: str  # how the description names the collection
    licence: str
    licence_why: str
    year: int | None = None


def record_of(piece: Piece, origin: Origin) -> Record:
    """Measure a piece; ``UserError`` when it has too few notes to measure anything."""
    line = top_line(piece.score)
    if len(line) < LEAST_NOTES or not piece.bar_starts:
        raise UserError(f"{origin.source} has {len(line)} notes; a library piece needs {LEAST_NOTES}.")
    key, is_marked = key_of(piece)
    bpm, tempo_from = _tempo(piece)
    duration = float(bar_edges_of(piece)[-1]) / piece.meter.beat_quarters * 60.0 / bpm
    groove = groove_of(line, piece.bar_starts, piece.meter, duration)
    chords, are_implied = chords_of(piece, key)
    pitches = [n.pitch for n in line]
    piece.score.tempi = [(0.0, bpm * piece.meter.beat_quarters)]
    valence, arousal = valence_arousal(piece.score, felt_bpm(bpm), key)
    record = Record(
        id=origin.id,
        title=piece.title,
        composer=piece.composer or "traditional",
        collection=origin.collection,
        source=origin.source,
        year=origin.year,
        licence=origin.licence,
        licence_why=origin.licence_why,
        tempo_bpm=round(bpm, 1),
        tempo_from=tempo_from,
        key=str(key),
        key_from="marked" if is_marked else "estimated",
        mode=key.mode,
        meter=str(piece.meter),
        bars=len(piece.bar_starts),
        duration_s=round(duration, 1),
        instruments=piece.instruments,
        instruments_from=piece.instruments_from,
        genre=piece.genre,
        mood=mood_words(valence, arousal),
        valence=valence,
        arousal=arousal,
        low=min(n.pitch for t in piece.score.tracks for n in t.notes),
        high=max(n.pitch for t in piece.score.tracks for n in t.notes),
        chords=chords,
        chords_from="implied" if are_implied else "recognised",
        groove=groove,
        sections=_sections(piece),
        melody=interval_letters(pitches)[:LONGEST_MELODY],
        description="",
    )
    return record.model_copy(update={"description": describe(record, origin.words)})


def _sections(piece: Piece) -> list[str]:
    """The labels of the piece's sections in order."""
    from tools.kit.analysis.notes import notes_of
    from tools.kit.analysis.structure import score_sections

    return [section.label for section in score_sections(piece.score, notes_of(piece.score))]


def _tempo(piece: Piece) -> tuple[float, TempoFrom]:
    """Beats a minute and where they come from."""
    if piece.marked_bpm is not None:
        return piece.marked_bpm, "marked"
    by_word = bpm_of_words(piece.tempo_words)
    if by_word is not None:
        return by_word, "tempo word"
    return typical_bpm(piece.genre, piece.meter), "typical"
