"""One function an attribute: what was asked against what the score has, in [0, 1]; None when it cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.brief import TOLERANCES
from tools.errors import UserError
from tools.kit.analysis.key import plain_mode
from tools.kit.analysis.notes import Notes
from tools.kit.analysis.portrait import main_tempo
from tools.kit.metrics.attributes.forces import plays, read_instruments, sounding_tracks
from tools.kit.metrics.attributes.measures import density, emotion, pitch_span, quadrant, within
from tools.kit.metrics.control.key import key_heard, mode_heard, note_keys, read_key
from tools.kit.metrics.control.meter import count_bars, meter_heard
from tools.kit.metrics.control.tempo import in_range
from tools.kit.metrics.registry import metric
from tools.kit.score import Score
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

_DENSITY_SHARE = 0.25
_SOURCE = "an attribute of Lu et al. 2023 (MuseCoco); "


@dataclass(frozen=True)
class Heard:
    """A score and its notes as arrays."""

    score: Score
    notes: Notes


@metric(
    "attribute_instruments",
    family="control",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="|asked instruments that have a note| / |asked instruments|",
    meaning="How many of the instruments asked for play, an ensemble counting as its members and a kind as its family. "
    "A single note is enough, and instruments nobody asked for cost nothing.",
    source=_SOURCE + "read from General MIDI programs and drum keys instead of predicted",
)
def instruments(asked: Sequence[str], heard: Heard) -> float | None:
    """Share of the asked instruments that play; None when nothing plays; ``UserError`` for an unknown name."""
    names, tracks = _instruments(asked), sounding_tracks(heard.score)
    return sum(plays(name, tracks) for name in names) / len(names) if tracks and names else None


@metric(
    "attribute_exclude",
    family="control",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="|refused instruments without a note| / |refused instruments|",
    meaning="How many of the instruments that must not play are silent. An empty piece has no value.",
    source=_SOURCE + "its 'instrument: no' answers",
)
def exclude(asked: Sequence[str], heard: Heard) -> float | None:
    """Share of the refused instruments that are silent; None when nothing plays; ``UserError`` for an unknown name."""
    names, tracks = _instruments(asked), sounding_tracks(heard.score)
    return sum(not plays(name, tracks) for name in names) / len(names) if tracks and names else None


def _instruments(asked: Sequence[str]) -> list[str]:
    known, unknown = read_instruments(asked)
    if unknown:
        raise UserError(f"no instrument is known as {', '.join(unknown)}; use an everyday or General MIDI name.")
    return known


@metric(
    "attribute_key",
    family="control",
    unit="0 or 1",
    low=0,
    high=1,
    better="higher",
    formula="1 if key_deficit <= 0.02, else 0",
    meaning="Whether the notes are in the key asked for, judged by how long each pitch class sounds and by the bass. "
    "In a piece that modulates it hears the key that prevails.",
    source=_SOURCE + "key found as Krumhansl and Schmuckler (1990) do, with the profiles of Aarden (2003)",
)
def key(asked: str, heard: Heard) -> float | None:
    """1 when the piece is in the asked key, else 0; None without pitched notes; ``UserError`` for no key."""
    answer = key_heard(note_keys(heard.score, heard.notes), read_key(asked))
    return None if answer is None else float(answer.met)


@metric(
    "attribute_mode",
    family="control",
    unit="0 or 1",
    low=0,
    high=1,
    better="higher",
    formula="1 if key_deficit <= 0.02 for the best key of the asked mode, else 0",
    meaning="Whether the piece is major, minor or in the church mode asked for, whatever its home note. "
    "Music that hovers between a key and its relative is easily taken for either.",
    source=_SOURCE + "as attribute_key",
)
def mode(asked: str, heard: Heard) -> float | None:
    """1 when the piece is in the asked mode, else 0; None without pitched notes; ``UserError`` for no mode."""
    try:
        told = plain_mode(Key(0, asked.strip().lower()))
    except ValueError as err:
        raise UserError(f"{err}.") from err
    answer = mode_heard(note_keys(heard.score, heard.notes), told)
    return None if answer is None else float(answer.met)


@metric(
    "attribute_meter",
    family="control",
    unit="0 or 1",
    low=0,
    high=1,
    better="higher",
    formula="1 if every time signature in use is the asked one and no unrelated bar clearly fits the accents better",
    meaning="Whether the bars are written and accented as asked. Even music without accents is believed to be what its "
    "time signature says.",
    source=_SOURCE + "with the accents heard besides",
)
def meter(asked: str, heard: Heard) -> float | None:
    """1 when the meter is the asked one, else 0; None without a note; ``UserError`` for no meter."""
    try:
        want = Meter.parse(asked)
    except ValueError as err:
        raise UserError(f"{asked!r} is no meter; write it as 3/4 or 7/8.") from err
    return float(meter_heard(heard.score, heard.notes, want).met) if len(heard.notes) else None


@metric(
    "attribute_tempo",
    family="control",
    unit="0 or 1",
    low=0,
    high=1,
    better="higher",
    formula="1 if 0.97 low <= tempo <= 1.03 high, tempo being the map's median over time in beats of the meter",
    meaning="Whether the tempo is the one asked for, or in its range, to within 3 %. It reads the tempo map and does "
    "not hear whether the notes move at half or twice its speed.",
    source=_SOURCE + "which has three classes (to 76, to 120, above) instead of a tolerance",
)
def tempo(asked: Any, heard: Heard) -> float | None:
    """1 when the tempo fits, else 0; None without a note."""
    return float(in_range(main_tempo(heard.score), asked, TOLERANCES["tempo_bpm"])) if len(heard.notes) else None


@metric(
    "attribute_bars",
    family="control",
    unit="0 or 1",
    low=0,
    high=1,
    better="higher",
    formula="1 if the bars up to the end of the last note are as many as asked, else 0",
    meaning="Whether the piece has exactly the number of bars asked for. A last note that hangs over the barline by an "
    "eighth adds none.",
    source=_SOURCE + "which has classes of four bars",
)
def bars(asked: int, heard: Heard) -> float | None:
    """1 when the piece has so many bars, else 0; None without a note."""
    return float(count_bars(heard.score, heard.notes) == int(asked)) if len(heard.notes) else None


@metric(
    "attribute_duration",
    family="control",
    unit="0 or 1",
    low=0,
    high=1,
    better="higher",
    formula="1 if |end of the last note - asked| <= 0.5 s, else 0",
    meaning="Whether the piece lasts as long as asked, to half a second. The echo of a rendering is not counted.",
    source=_SOURCE + "which has classes of 15 s",
)
def duration(asked: float, heard: Heard) -> float | None:
    """1 when the last note ends at the asked second, else 0; None without a note."""
    if not len(heard.notes):
        return None
    return float(within(float(heard.notes.end_s.max()), float(asked), TOLERANCES["duration_s"]))


@metric(
    "attribute_range",
    family="control",
    unit="0 or 1",
    low=0,
    high=1,
    better="higher",
    formula="1 if round((highest - lowest) / 12) = round(asked octaves), else 0",
    meaning="Whether the notes span as many octaves as asked, all pitched instruments together. It does not see where "
    "in the compass they lie, and one stray note decides it.",
    source=_SOURCE + "its pitch range in whole octaves",
)
def pitch_range(asked: float, heard: Heard) -> float | None:
    """1 when the pitched notes span so many octaves, else 0; None without a pitched note."""
    span = pitch_span(heard.notes)
    return None if span is None else float(round(span / 12) == round(asked))


@metric(
    "attribute_density",
    family="control",
    unit="0 or 1",
    low=0,
    high=1,
    better="higher",
    formula="1 if 0.75 low <= notes a second <= 1.25 high, else 0",
    meaning="Whether the music is as busy as asked, all instruments together. Chords count by their notes, so a hymn "
    "in four parts is as dense as a fast line.",
    source=_SOURCE + "in the place of its rhythm intensity, whose classes are not published",
)
def note_density(asked: float | Mapping[str, Any], heard: Heard) -> float | None:
    """1 when the notes a second fit the number or range asked, else 0; None without a note."""
    value = density(heard.notes)
    return None if value is None else float(in_range(value, asked, _DENSITY_SHARE))


@metric(
    "attribute_emotion",
    family="control",
    unit="0 or 1",
    low=0,
    high=1,
    better="higher",
    formula="1 if (valence, arousal) lies in the quadrant of the asked point, else 0",
    meaning="Whether the music is on the right side of both sad or happy and calm or excited, by tempo, mode, register "
    "and the like. The estimate knows cues, not listeners, and points near an axis fall to either side.",
    source=_SOURCE + "its four quadrants (Russell 1980), with this program's estimate in the place of a classifier",
)
def emotion_quadrant(asked: tuple[float, float], heard: Heard) -> float | None:
    """1 when the estimated emotion lies in the asked point's quadrant, else 0; None without a note."""
    return float(quadrant(emotion(heard.score, heard.notes)) == quadrant(asked)) if len(heard.notes) else None
