"""Tempo of a piece whose source gives no metronome mark: by its tempo word, else by the habit of its dance.

Beats per minute are of the meter's beat, as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.kit.theory.meter import Meter

_WORDS: tuple[tuple[str, float], ...] = (  # the first that is found in the words wins; English first, then Italian
    (r"very slow", 50),
    (r"rather slow|moderately slow|not too slow", 72),
    (r"slow", 60),
    (r"plaintive|mournful|sad", 63),
    (r"tender|with feeling|expression|pathetic", 69),
    (r"very (fast|lively|quick)", 144),
    (r"moderat", 88),
    (r"not too fast|rather fast", 108),
    (r"with spirit|spirited|bold|marked", 112),
    (r"animated|lively|quick|fast|gay|playful|joyful|brisk|cheerful", 120),
    (r"graceful|smooth|gentl", 80),
    (r"march", 108),
    (r"grave|largo|lento", 50),
    (r"adagio", 60),
    (r"larghetto", 63),
    (r"andantino", 84),
    (r"andante", 76),
    (r"allegretto", 108),
    (r"allegro", 126),
    (r"vivace", 144),
    (r"presto", 168),
    (r"maestoso", 84),
    (r"tranquillo", 69),
)
_DANCES = {  # beats a minute at which each is usually played for dancing
    "reel": 112,
    "hornpipe": 84,
    "clog": 80,
    "jig": 116,
    "slip jig": 116,
    "strathspey": 126,
    "highland fling": 126,
    "march": 108,
    "waltz": 132,
    "polka": 128,
    "set dance": 92,
    "quickstep": 116,
    "walkaround": 112,
    "country dance": 112,
    "air": 72,
    "harp tune": 96,
    "song": 84,
    "hymn": 84,
    "polonaise": 96,
    "madrigal": 80,
    "mass movement": 72,
    "canon": 80,
}
_DEFAULT = 96.0


def bpm_of_words(words: str) -> float | None:
    """The tempo a tempo word stands for, None when no word is known."""
    return next((float(bpm) for pattern, bpm in _WORDS if re.search(pattern, words.lower())), None)


def typical_bpm(genres: Sequence[str], meter: Meter) -> float:
    """The usual tempo of the first genre that has one.

    A dance counted in two that is printed in common time goes by the quarter, twice as fast.
    """
    for genre in genres:
        if genre in _DANCES:
            in_two = genre in ("reel", "hornpipe", "clog") and (meter.numerator, meter.denominator) == (4, 4)
            return float(_DANCES[genre] * (2 if in_two else 1))
    return _DEFAULT


def felt_bpm(bpm: float) -> float:
    """The pulse one taps: a beat faster than 180 a minute is felt by twos."""
    return bpm / 2 if bpm > 180 else bpm
