"""Sentences about what is seen, for a musician: every word stands for a measured fact or is named a suggestion."""

from __future__ import annotations

from collections.abc import Sequence

from tools.backends.image_labels import CLAIM
from tools.kit.affect import suggested_styles, suggested_tempo
from tools.see._facts import Colour, Look, Seen

Steps = tuple[tuple[float, str] | str, ...]  # (bound, word) pairs in rising order, and the word beyond them

_LIGHT: Steps = ((0.15, "very dark"), (0.33, "dim"), (0.55, "evenly lit"), (0.75, "bright"), "very bright")
_SATURATION: Steps = ((0.02, "without colour"), (0.12, "muted"), (0.28, "moderately coloured"), "vivid")
_MOTION: Steps = (
    (0.05, "almost no motion"),
    (0.25, "slow motion"),
    (0.5, "moderate motion"),
    (0.7, "lively motion"),
    "restless motion",
)
_VALENCE: Steps = ((-0.5, "dark"), (-0.15, "subdued"), (0.15, "neutral in tone"), (0.5, "pleasant"), "radiant")
_AROUSAL: Steps = ((-0.5, "very calm"), (-0.15, "calm"), (0.15, "of medium energy"), (0.5, "energetic"), "intense")


def subject_words(look: Look) -> str | None:
    """What it is of, as far as the classifier is sure: 'street and traffic', 'an animal (tabby)'."""
    subject = _sure(look.subjects)
    label = _sure(look.labels)
    if subject and label:
        return f"{subject} ({label})"
    return subject or (f"a {label}" if label else None)


def guess_words(look: Look) -> str | None:
    """The best guess below what is stated, as 'perhaps street and traffic (0.38)'."""
    if subject_words(look) or not look.subjects:
        return None
    best = look.subjects[0]
    return f"perhaps {best.name} ({best.confidence:.2f})" if best.confidence >= CLAIM / 2 else None


def colour_words(colours: Sequence[Colour]) -> str:
    """The colours that fill most of the picture: 'dark grey, olive and pale blue'."""
    main = [c.name for c in colours if c.share >= 0.12][:3] or [c.name for c in colours[:1]]
    return join_words(main)


def light_words(look: Look) -> str:
    """Brightness, saturation and contrast in plain words: 'dim, muted, high contrast'."""
    words = [_scale(look.brightness, *_LIGHT), _scale(look.saturation, *_SATURATION)]
    if look.contrast >= 0.26:
        words.append("high in contrast")
    elif look.contrast < 0.1:
        words.append("flat")
    return ", ".join(words)


def motion_words(energy: float) -> str:
    """Motion energy in [0, 1] in plain words."""
    return _scale(energy, *_MOTION)


def affect_words(valence: float, arousal: float) -> str:
    """Where an affect lies: 'pleasant and calm'."""
    return f"{_scale(valence, *_VALENCE)} and {_scale(arousal, *_AROUSAL)}"


def suggestion(valence: float, arousal: float, mood: str | None) -> str:
    """The sentence that suggests music."""
    low, high = suggested_tempo(arousal)
    mode = _scale(valence, (-0.15, "a minor or dorian colour"), (0.15, "either mode"), "a major or lydian colour")
    styles = join_words(suggested_styles(valence, arousal), "or")
    feel = f", {mood} in mood" if mood else ""
    return f"Suggested music{feel}: {low} to {high} BPM, {mode}; {styles}."


def join_words(words: Sequence[str], last: str = "and") -> str:
    """'a', 'a and b', 'a, b and c'."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def clock(seconds: float) -> str:
    """A moment as '0:07.48' or '1:02:07.5'."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{rest:04.1f}" if hours else f"{minutes}:{rest:05.2f}"


def capital(sentence: str) -> str:
    """The sentence with its first letter large, the others as they are."""
    return sentence[:1].upper() + sentence[1:]


def _sure(seen: Sequence[Seen]) -> str | None:
    return seen[0].name if seen and seen[0].confidence >= CLAIM else None


def _scale(value: float, *steps: tuple[float, str] | str) -> str:
    """The word of the first step whose bound exceeds the value; the last step has no bound."""
    for step in steps:
        if isinstance(step, str):
            return step
        if value < step[0]:
            return step[1]
    raise ValueError("the last step has no bound")
