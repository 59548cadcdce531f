"""Choosing and inferring keys."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tools.errors import UserError
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import MODES, Key

_COMMON = {"major": (0, 7, 2, 5, 9, 10, 3, 4), "minor": (9, 2, 4, 7, 0, 11, 5, 6)}
_MODE_WORDS = {
    "maj": "major",
    "min": "minor",
    "natural minor": "minor",
    "aeolian": "minor",
    "ionian": "major",
    "pentatonic": "major pentatonic",
    "大调": "major",
    "小调": "minor",
}
_STABILITY = {
    "major": (1.0, 0.0, 0.6, 0.0, 0.85, 0.5, 0.0, 1.0, 0.0, 0.35, 0.0, 0.3),
    "minor": (1.0, 0.0, 0.6, 0.85, 0.0, 0.6, 0.0, 0.95, 0.35, 0.2, 0.35, 0.3),
}
NEITHER = 0.2  # valence under which a piece is neither bright nor dark
_BRIGHT = {"major", "lydian", "mixolydian", "major pentatonic"}


def stability(key: Key) -> tuple[float, ...]:
    """How settled each pitch class is in a key, 0 to 1.

    The mean of two probe-tone and corpus profiles, scaled to 1 (Krumhansl and Kessler 1982; Aarden 2003).
    """
    profile = _STABILITY["minor" if key.is_minor else "major"]
    return tuple(profile[(pc - key.tonic) % 12] for pc in range(12))


def read_mode(text: str) -> str:
    """The canonical mode of a word; ``UserError`` when there is none."""
    mode = text.strip().lower()
    mode = _MODE_WORDS.get(mode, mode)
    if mode not in MODES:
        raise UserError(f"{text!r} is no mode known here; one of: {', '.join(MODES)}.")
    return mode


def read_key(text: str) -> Key:
    """The key of a canonical text; ``UserError`` when it is none."""
    try:
        name, _, mode = text.strip().partition(" ")
        return Key.parse(f"{name} {read_mode(mode) if mode else 'major'}")
    except ValueError as err:
        raise UserError(f"{text!r} is no key; write it as 'D minor' or 'F# major' ({err}).") from err


def choose_key(mode: str | None, valence: float | None, usual: str, rng: random.Random) -> Key:
    """A key when none was asked: the asked mode or the one that valence suggests, a tonic players like.

    Major is heard as happier than minor (Hevner 1935; Gabrielsson and Lindström 2010, table 14.2), dorian as lying
    between them (Temperley and Tan 2013). A style's own mode stands where valence (None: nobody asked for one) does
    not speak against it.
    """
    if mode is None:
        mode = usual if valence is None else _mode_of(valence, usual)
    tonics = _COMMON["minor" if Key(0, mode).is_minor else "major"]
    return Key(tonics[min(len(tonics) - 1, int(rng.expovariate(0.45)))], mode)


def _mode_of(valence: float, usual: str) -> str:
    """The mode of a valence, a style's own where it is bright or dark enough."""
    pentatonic = " pentatonic" if "pentatonic" in usual else ""
    if (valence > 0 and usual in _BRIGHT) or (valence < 0 and usual not in (*_BRIGHT, "dorian")):
        return usual
    if abs(valence) < NEITHER and not pentatonic:
        return "dorian"
    return f"major{pentatonic}" if valence >= 0 else f"minor{pentatonic}"


def infer_key(chords: Sequence[Chord], mode: str | None = None) -> Key:
    """The key of a progression: scale membership of its tones, its tonic's place, dominants that resolve.

    Ties go to a key whose tonic chord opens or closes the progression.
    """
    candidates = [Key(t, m) for m in ([mode] if mode else ["major", "minor"]) for t in range(12)]
    return max(candidates, key=lambda key: (_fit(key, chords), key.mode == "major"))


def _fit(key: Key, chords: Sequence[Chord]) -> float:
    scale = set(key.pitch_classes())
    scale_v = scale | {(key.tonic + 11) % 12} if key.mode == "minor" else scale
    score = 0.0
    for chord in chords:
        allowed = scale_v if chord.root == (key.tonic + 7) % 12 else scale
        tones = chord.pitch_classes()
        score += sum(1.0 if t in allowed else -1.5 for t in tones) / len(tones)
    for index, chord in enumerate(chords):
        is_tonic = chord.root == key.tonic and (3 in chord.intervals) == key.is_minor
        score += (
            0.35 * is_tonic
            + (0.9 if is_tonic and index == 0 else 0)
            + (0.7 if is_tonic and index == len(chords) - 1 else 0)
        )
        after = chords[(index + 1) % len(chords)]
        if chord.root == (key.tonic + 7) % 12 and 4 in chord.intervals and after.root == key.tonic:
            score += 0.6
    return score


def denied_by(chords: Sequence[Chord], key: Key) -> str:
    """Why chords do not sound in a key, for the person to read; empty when they do or when there are none.

    They do not when a quarter of their tones lie outside its scale (a minor key's leading tone is inside), or when
    its tonic chord is not among them.
    """
    if not chords:
        return ""
    scale = set(key.pitch_classes()) | ({(key.tonic + 11) % 12} if key.is_minor else set())
    tones = [tone for chord in chords for tone in chord.pitch_classes()]
    outside = sum(tone not in scale for tone in tones) / len(tones)
    if outside > 0.25:
        return f"{outside:.0%} of their tones lie outside {key}; they sound more like {infer_key(chords)}"
    third = (key.tonic + (3 if key.is_minor else 4)) % 12
    if not any(c.root == key.tonic and third in c.pitch_classes() for c in chords):
        return f"the tonic chord of {key} is not among them; they sound more like {infer_key(chords)}"
    return ""
