"""Key asked and key heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tools.errors import UserError
from tools.kit.analysis.key import PLAIN_MODES, KeyFit, plain_mode
from tools.kit.analysis.notes import Notes
from tools.kit.metrics.registry import metric
from tools.kit.theory.pitch import Key

TIE = 0.02
"""Keys whose profile correlations differ by less cannot be told apart."""
_RARE = "locrian"  # hardly ever written in; a piece that fits it hovers over the third of its major key


@dataclass(frozen=True)
class KeyAnswer:
    """The best of the keys that were told apart, the best one among those that were asked for, and whether they tie."""

    best: KeyFit
    asked: KeyFit
    met: bool

    @property
    def is_tie(self) -> bool:
        """Whether the asked key is taken for heard although another one fits a little better."""
        return self.met and self.asked.key != self.best.key


def prevailing_key(fits: Sequence[KeyFit]) -> KeyFit | None:
    """The key a piece is in, whatever is asked of it, from the ranked fits of major, minor and the church modes.

    A church mode is named only where every major and minor key can be told from it.
    """
    plain = next((fit for fit in fits if fit.key.mode in PLAIN_MODES), None)
    best = next((fit for fit in fits if fit.key.mode != _RARE), None)
    return best if plain is None or best is None or best.score >= plain.score + TIE else plain


def key_heard(fits: Sequence[KeyFit], asked: Key) -> KeyAnswer | None:
    """Whether a piece is in a key, given all keys ranked; None when nothing was ranked.

    Harmonic and melodic minor are minor, major pentatonic is major (:func:`~tools.kit.analysis.key.plain_mode`).
    """
    told = Key(asked.tonic, plain_mode(asked))
    return _answer(fits, lambda key: key == told)


def mode_heard(fits: Sequence[KeyFit], mode: str) -> KeyAnswer | None:
    """Whether a piece is in a mode, whatever its tonic; ``ValueError`` for what is no mode."""
    told = plain_mode(Key(0, mode))
    return _answer(fits, lambda key: key.mode == told)


def _answer(fits: Sequence[KeyFit], is_asked: Callable[[Key], bool]) -> KeyAnswer | None:
    if not fits:
        return None
    asked = next(fit for fit in fits if is_asked(fit.key))
    return KeyAnswer(fits[0], asked, asked.score >= fits[0].score - TIE)


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
