"""What a comparative changes in the facets of a piece: "more like the second one, but calmer"."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from retrieval.facets import Facets
from retrieval.record import Record
from tools.brief import TempoRange
from tools.kit.theory.pitch import Key

_STEP = 0.4  # in the plane of valence and arousal
_HEARD = 0.12  # least difference of valence or arousal that is heard as one
_PACE = 1.12  # least change of tempo that is heard as another


@dataclass(frozen=True)
class Shift:
    """What is to be different: steps of valence and arousal, of pace (1 faster, -1 slower), and the mode."""

    valence: float = 0.0
    arousal: float = 0.0
    pace: int = 0
    mode: str | None = None

    def __bool__(self) -> bool:
        """Whether anything is to be different."""
        return self != Shift()


_WORDS: tuple[tuple[str, Shift], ...] = (
    (r"calmer|quieter|gentler|softer|more (?:calm|peaceful|relax\w+|gentle|restful)|less (?:busy|energetic|lively|"
     r"intense|wild)|更?(?:平静|安静|柔和|舒缓)(?:一点|一些|点|些)?", Shift(arousal=-_STEP)),
    (r"livelier|wilder|bolder|more (?:energetic|lively|exciting|intense|upbeat|energy|driving)|less (?:calm|sleepy|"
     r"boring)|更?(?:活泼|激烈|有活力)(?:一点|一些|点|些)?", Shift(arousal=_STEP)),
    (r"happier|brighter|cheerier|merrier|warmer|more (?:cheerful|happy|joyful|hopeful)|less (?:sad|gloomy|dark)|"
     r"更?(?:欢快|明亮|快乐|开心)(?:一点|一些|点|些)?", Shift(valence=_STEP)),
    (r"sadder|darker|gloomier|more (?:sad|melanchol\w+|wistful|sombre|serious)|less (?:happy|cheerful|bright)|"
     r"更?(?:悲伤|忧郁|暗)(?:一点|一些|点|些)?", Shift(valence=-_STEP)),
    (r"slower|less fast|not (?:so|as|that) fast|更?慢(?:一点|一些|点|些)", Shift(pace=-1)),
    (r"faster|quicker|less slow|not (?:so|as|that) slow|更?(?<!欢)快(?:一点|一些|点|些)", Shift(pace=1)),
    (r"(?:but |and )?in (?:a )?minor(?: key)?|小调", Shift(mode="minor")),
    (r"(?:but |and )?in (?:a )?major(?: key)?|大调", Shift(mode="major")),
)  # fmt: skip


def shift_of(text: str) -> Shift:
    """What the comparatives of a text ask to be different; several add up."""
    total = Shift()
    for pattern, shift in _WORDS:
        if re.search(rf"(?<![a-z])(?:{pattern})(?![a-z])", text, flags=re.IGNORECASE):
            total = Shift(
                total.valence + shift.valence,
                total.arousal + shift.arousal,
                total.pace + shift.pace,
                shift.mode or total.mode,
            )
    return total


def shifted(facets: Facets, shift: Shift) -> Facets:
    """The facets of a piece, moved; a tempo becomes the range on its other side."""
    changed = facets
    if facets.affect is not None and (shift.valence or shift.arousal):
        valence, arousal = facets.affect
        changed = replace(changed, affect=(_within(valence + shift.valence), _within(arousal + shift.arousal)))
    if isinstance(facets.tempo_bpm, float | int) and shift.pace:
        bound = float(facets.tempo_bpm) * _PACE**shift.pace
        changed = replace(changed, tempo_bpm=TempoRange(max=bound) if shift.pace < 0 else TempoRange(min=bound))
    if shift.mode:
        key = Key.parse(facets.key) if facets.key else None
        changed = replace(changed, mode=shift.mode, key=str(Key(key.tonic, shift.mode)) if key else None)
    return changed


def differs(record: Record, model: Record, shift: Shift) -> bool:
    """Whether a piece is on the side of another that a comparative asks for: calmer, brighter, slower, in minor."""
    if shift.mode and record.mode != shift.mode:
        return False
    if shift.pace and (record.tempo_bpm is None or model.tempo_bpm is None):
        return False
    pace = math.log(record.tempo_bpm / model.tempo_bpm) if record.tempo_bpm and model.tempo_bpm else 0.0
    pairs = (
        (shift.valence, record.valence - model.valence, _HEARD),
        (shift.arousal, record.arousal - model.arousal, _HEARD),
        (shift.pace, pace, math.log(_PACE)),
    )
    return all(not asked or math.copysign(1, asked) * change >= least - 1e-9 for asked, change, least in pairs)


def _within(value: float) -> float:
    return max(-1.0, min(1.0, value))
