"""The sentence that stands for a piece in the description index, built from its facts alone."""

from __future__ import annotations

from retrieval.record import Record
from retrieval.tempo import felt_bpm

_SPEEDS = ((58, "very slow"), (80, "slow"), (100, "moderate"), (124, "lively"), (160, "fast"))
_LENGTHS = ((40, "short"), (120, ""), (300, "long"))


def speed_word(bpm: float) -> str:
    """A plain word for a tempo in beats a minute."""
    return next((word for limit, word in _SPEEDS if bpm < limit), "very fast")


def describe(record: Record, origin: str) -> str:
    """One natural sentence: mood, speed, genre, instruments, key, meter, motion, length, title and origin."""
    length = next((word for limit, word in _LENGTHS if record.duration_s < limit), "very long")
    speed = "" if record.tempo_bpm is None else speed_word(felt_bpm(record.tempo_bpm))
    kind = " ".join(w for w in (length, speed, *(record.genre[:1] or ["piece"])) if w)
    mood = _listed(record.mood[:2])
    article = "An" if mood[:1] in "aeiou" else "A"
    players = (
        "" if record.bars == 0 and not record.instruments else f" for {_listed(record.instruments) or 'one voice'}"
    )
    by = "" if record.composer in ("traditional", "") else f" by {record.composer}"
    facts = [
        f"in {record.key}",
        record.meter,
        "" if record.tempo_bpm is None else f"about {record.tempo_bpm:.0f} beats per minute",
        _motion(record),
        f"{record.bars} bars" if record.bars else "",
    ]
    return f"{article} {mood} {kind}{players} {', '.join(f for f in facts if f)}: “{record.title}”{by}, {origin}."


def _motion(record: Record) -> str:
    """How densely the top line moves; nothing for a recording."""
    if record.groove is None:
        return ""
    density = record.groove.onsets_per_beat
    motion = "flowing" if density >= 2.5 else "steady" if density >= 1.3 else "spacious"
    return f"{motion}, syncopated" if record.groove.syncopation > 0.08 else motion


def _listed(words: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
