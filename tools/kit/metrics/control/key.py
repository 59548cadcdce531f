"""Key asked and key heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tools.errors import UserError
from tools.kit.analysis.key import (
    CHURCH_MODES,
    CUE_WEIGHT,
    PLAIN_MODES,
    KeyFit,
    plain_mode,
    rank_chroma_keys,
    rank_note_keys,
)
from tools.kit.analysis.notes import Notes, phrase_starts
from tools.kit.metrics.audio.clip import Clip
from tools.kit.metrics.registry import metric
from tools.kit.score import Score
from tools.kit.theory.pitch import Key

TIE = 0.02
"""Keys whose fits differ by less cannot be told apart."""
FIT = f"profile correlation, plus up to {CUE_WEIGHT} where the bass comes home"
"""What the fit of a key to notes is, in words; to sound it is the correlation alone."""
_RARE = "locrian"  # hardly ever written in; a piece that fits it hovers over the third of its major key


@dataclass(frozen=True)
class KeyAnswer:
    """The key a piece is in, and the best one among those that were asked for."""

    best: KeyFit
    asked: KeyFit

    @property
    def deficit(self) -> float:
        """How much better the prevailing key fits than the asked one, at least 0."""
        return max(0.0, self.best.score - self.asked.score)

    @property
    def met(self) -> bool:
        """Whether the asked key cannot be told from the one the piece is in."""
        return self.deficit <= TIE

    @property
    def is_tie(self) -> bool:
        """Whether the asked key is taken for heard although another one fits a little better."""
        return self.met and self.asked.key != self.best.key


def note_keys(score: Score, notes: Notes) -> list[KeyFit]:
    """Every major, minor and church key of a score, best fit first; empty when it has no pitched note."""
    return rank_note_keys(notes, CHURCH_MODES, phrase_starts(score))


def sound_keys(clip: Clip) -> list[KeyFit]:
    """Every major, minor and church key of a recording, best correlation first."""
    return rank_chroma_keys(clip.chroma, CHURCH_MODES)


def has_profile(key: Key) -> bool:
    """Whether a key's mode, or the major or minor it is a form of, can be ranked; whole-tone and the like cannot."""
    return plain_mode(key) != "major" or key.mode in (*CHURCH_MODES, "major pentatonic")


def prevailing_key(fits: Sequence[KeyFit]) -> KeyFit | None:
    """The key a piece is in, whatever is asked of it, from the ranked fits of major, minor and the church modes.

    A church mode is named only where every major and minor key can be told from it.
    """
    plain = next((fit for fit in fits if fit.key.mode in PLAIN_MODES), None)
    best = next((fit for fit in fits if fit.key.mode != _RARE), None)
    return best if plain is None or best is None or best.score >= plain.score + TIE else plain


def key_heard(fits: Sequence[KeyFit], asked: Key) -> KeyAnswer | None:
    """Whether a piece is in a key, given every key of every mode ranked; None when nothing was ranked.

    Harmonic and melodic minor are minor, major pentatonic is major (:func:`~tools.kit.analysis.key.plain_mode`), and a
    church mode on the same tonic counts as the major or minor that shares its third.
    """
    told = Key(asked.tonic, plain_mode(asked))
    return _answer(fits, lambda key: key.tonic == told.tonic and _counts_as(key, told.mode), told.mode)


def mode_heard(fits: Sequence[KeyFit], mode: str) -> KeyAnswer | None:
    """Whether a piece is in a mode, whatever its tonic; ``ValueError`` for what is no mode.

    A church mode counts as the major or minor that shares its third.
    """
    told = plain_mode(Key(0, mode))
    return _answer(fits, lambda key: _counts_as(key, told), told)


def _counts_as(key: Key, mode: str) -> bool:
    return key.mode == mode or (mode in PLAIN_MODES and key.is_minor == (mode == "minor"))


def _answer(fits: Sequence[KeyFit], counts: Callable[[Key], bool], mode: str) -> KeyAnswer | None:
    """The prevailing key against the asked: itself where it counts as asked, else the best in just that mode."""
    best = prevailing_key(fits)
    if best is None:
        return None
    if counts(best.key):
        return KeyAnswer(best, best)
    return KeyAnswer(best, next(fit for fit in fits if fit.key.mode == mode and counts(fit.key)))


@metric(
    "key_fit",
    family="control",
    low=-1,
    high=1 + CUE_WEIGHT,
    better="higher",
    formula="corr(duration of pitch classes, key profile) + 0.2 * share of the bass cues on the tonic (notes alone)",
    meaning="How well the music fits the key asked for: near 1 is plain diatonic music at home, near 0 none of it. "
    "The relative key, with the same notes, fits nearly as well, so it is read beside key_deficit.",
    source="Krumhansl and Schmuckler 1990; profiles of Aarden 2003 (notes) and Temperley 1999 (sound); the bass cues "
    "(first chord, last chord, phrase starts) are Scorewright's, so that this is no correlation above 1",
)
def key_fit(answer: KeyAnswer | None) -> float | None:
    """Fit of the key that counts as asked, in [-1, 1.2]; None without a pitched note."""
    return None if answer is None else answer.asked.score


@metric(
    "key_deficit",
    family="control",
    low=0,
    high=2 + CUE_WEIGHT,
    better="lower",
    formula="max(0, key_fit(prevailing key) - key_fit(asked key)) over major, minor and the church modes",
    meaning="How much better another key fits than the one asked for: 0 is in the key, up to 0.02 cannot be told from "
    "it. In a piece that modulates it hears the key that prevails.",
    source="Krumhansl and Schmuckler 1990, as key_fit; the prevailing key is major or minor unless a church mode other "
    "than locrian leads by 0.02",
)
def key_deficit(answer: KeyAnswer | None) -> float | None:
    """How far the asked key lies behind the prevailing one; None without a pitched note."""
    return None if answer is None else answer.deficit


@metric(
    "scale_share",
    family="control",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="sounding time of pitched notes inside the scale / sounding time of all pitched notes",
    meaning="How much of what sounds belongs to the scale asked for. It knows no home note: every mode of a scale "
    "scores alike.",
    source="the definition of a scale; after the scale consistency of Mogren 2016 (C-RNN-GAN) for a given scale",
)
def scale_share(notes: Notes, key: Key) -> float | None:
    """Share of the pitched notes' sounding time that lies in the scale, in [0, 1]; None without a pitched note."""
    pitched = notes.pitched
    if not len(pitched):
        return None
    inside = np.isin(pitched.pitch % 12, key.pitch_classes())
    return float(np.average(inside, weights=np.maximum(pitched.end_q - pitched.start_q, 1e-6)))


def read_key(key: str | Key) -> Key:
    """A key from ``'D minor'``; ``UserError`` for what is none."""
    try:
        return key if isinstance(key, Key) else Key.parse(key)
    except ValueError as err:
        raise UserError(f"{key!r} is no key ({err}); write it as 'D minor' or 'F# major'.") from err


@metric(
    "CK",
    family="control",
    unit="0 or 1",
    low=0,
    high=1,
    better="higher",
    formula="1 if tonic and mode (major or minor) are those asked, spellings being equal, else 0",
    meaning="Whether the music is in the key that was asked for. The relative key, which has the same notes, is wrong; "
    "church modes count as the major or minor nearer to them.",
    source="Melechovsky et al. 2024 (Mustango), utils/evaluate_control_testB.py: one piece's term",
)
def correct_key(asked: str | Key | None, measured: str | Key | None) -> float | None:
    """Correct key (CK): 1 when the measured key is the asked one, else 0; None when either is unknown."""
    if asked is None or measured is None:
        return None
    return float(_plain(read_key(asked)) == _plain(read_key(measured)))


@metric(
    "CKD",
    family="control",
    unit="0 or 1",
    low=0,
    high=1,
    better="higher",
    formula="1 if the key is the one asked or its relative (C major and A minor), else 0",
    meaning="As CK, but the relative key, which has the same seven notes, is right too. It tells whether the scale is "
    "right, and is blind to which of its notes is home.",
    source="Melechovsky et al. 2024 (Mustango). Differs from its utils/evaluate_control_testB.py, whose sign is "
    "reversed: that takes F# major for the relative of A minor and refuses C major",
)
def correct_key_or_relative(asked: str | Key | None, measured: str | Key | None) -> float | None:
    """Correct key with duplicates (CKD): 1 when the measured key is the asked one or its relative, else 0."""
    if asked is None or measured is None:
        return None
    want, got = _plain(read_key(asked)), _plain(read_key(measured))
    return float(want.relative_major_tonic() == got.relative_major_tonic())


def _plain(key: Key) -> Key:
    return Key(key.tonic, "minor" if key.is_minor else "major")
