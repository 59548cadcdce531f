"""What each editor was asked, looked for in its result: the half of locality that says something did change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tools.evaluate.diff_music import Diffed, DiffMusicArgs, compared
from tools.kit.region import Region
from tools.kit.score import Note, Score
from tools.kit.splice import spliced
from tools.kit.theory.instruments import instrument, instrument_of_program
from tools.kit.theory.meter import Meter

_TICK = 1 / 480
_STEP = {"1/4": 1.0, "1/8 triplet": 1 / 3}


@dataclass(frozen=True)
class Edit:
    """One edit that was made: its arguments, the score before and after, the region meant and the typed result."""

    args: dict[str, Any]
    before: Score
    after: Score
    region: Region
    data: dict[str, Any]

    @property
    def meant(self) -> list[Note]:
        """The notes of the region in the score before, drums included."""
        return [n for _, notes in self.region.notes() for n in notes]


def diffed(before: Score, after: Score) -> Diffed:
    """What ``diff_music`` says of two scores."""
    return compared(DiffMusicArgs(before="a1", after="a2"), before, after)[0]


def _found(edit: Edit) -> list[tuple[Any, Any]]:
    """Pairs of notes before and after that ``diff_music`` makes, of notes that differ."""
    return [(c.before, c.after) for c in diffed(edit.before, edit.after).changes]


def transposed(edit: Edit) -> str:
    """Every pitched note of the region is there again, so many semitones on."""
    pitched = [n for _, notes in edit.region.notes(drums=False) for n in notes]
    shift = edit.data["semitones"]
    wanted = Counter((round(n.start * 960), n.pitch + shift) for n in pitched if 0 <= n.pitch + shift <= 127)
    missing = wanted - Counter((round(n.start * 960), n.pitch) for t in edit.after.tracks for n in t.notes)
    return f"{missing.total()} of {len(pitched)} notes are not where the shift puts them" if missing else ""


def quantized(edit: Edit) -> str:
    """Every note of the region is there again, the asked share of the way to the grid of its bar.

    One halfway may go either way; one that the grid would carry out of the region stays.
    """
    step, strength = _STEP[edit.args["grid"]], edit.args.get("strength", 1.0)
    there: dict[int, list[float]] = {}
    for note in (n for t in edit.after.tracks for n in t.notes):
        there.setdefault(note.pitch, []).append(note.start)
    starts, strayed = edit.before.bar_starts(), 0
    for note in edit.meant:
        bar = max((s for s in starts if s <= note.start + _TICK), default=0.0)
        low = bar + (note.start - bar) // step * step
        near = [g for g in (low, low + step) if abs(g - note.start) <= step / 2 + 2 * _TICK]
        inside = [edit.region.start - 1e-6 <= g < edit.region.end - 1e-6 for g in near]
        aims = [note.start + strength * (g - note.start) * stays for g, stays in zip(near, inside, strict=True)]
        strayed += not any(abs(s - aim) <= 2 * _TICK for aim in aims for s in there.get(note.pitch, ()))
    return f"{strayed} of {len(edit.meant)} notes went elsewhere" if strayed else ""


def humanized(edit: Edit) -> str:
    """Most notes differ a little in start or velocity, none in pitch or by more than an eighth."""
    pairs = _found(edit)
    if any(a is None or b is None or a.pitch != b.pitch or abs(a.start - b.start) > 0.5 for a, b in pairs):
        return "a note moved farther than a player's looseness"
    return "" if len(pairs) >= 0.5 * len(edit.meant) else f"only {len(pairs)} of {len(edit.meant)} notes differ"


def dynamics_set(edit: Edit) -> str:
    """Velocities alone differ, all towards the level asked or all softer."""
    pairs = _found(edit)
    if any(a is None or b is None or (a.start, a.pitch) != (b.start, b.pitch) for a, b in pairs):
        return "more than velocities differ"
    if "gain_db" in edit.args:
        wrong = sum(b.velocity >= a.velocity for a, b in pairs)
        still = len(edit.meant) - len(pairs) - sum(n.velocity == 1 for n in edit.meant)
    else:
        wrong, still = 0, 0 if abs(edit.data["velocity_after"] - 114) < 13 else len(edit.meant)
    return f"{wrong} notes went the other way, {still} stayed" if wrong or still > 0 else ""


def instrument_changed(edit: Edit) -> str:
    """The region's pitched notes are played by the new instrument, less those it left out."""
    program = edit.data["program"]
    start, end = edit.region.start, edit.region.end
    pitched = [n for _, notes in edit.region.notes(drums=False) for n in notes]
    there = [n for t in edit.after.tracks if t.program == program and not t.is_drum for n in t.notes]
    there = [n for n in there if start - 1e-6 <= n.start < end - 1e-6]
    missing = len(pitched) - edit.data["notes_left_out"] - len(there)
    kind = instrument(edit.args["instrument"])
    outside = sum(not kind.low <= n.pitch <= kind.high for n in there)
    return f"{missing} notes missing, {outside} out of range" if missing > 0 or outside else ""


def ranges_fixed(edit: Edit) -> str:
    """Every note of the region lies in the range of its track's instrument, at its pitch class."""
    for was, now in _found(edit):
        if was is None or now is None or (was.pitch - now.pitch) % 12 or was.start != now.start:
            return "a note did more than change its octave"
    outside = 0
    for index in edit.region.picked:
        track = edit.after.tracks[index]
        kind = instrument_of_program(track.program, track.is_drum)
        inside = [n for n in track.notes if edit.region.start - 1e-6 <= n.start < edit.region.end - 1e-6]
        outside += 0 if track.is_drum else sum(not kind.low <= n.pitch <= kind.high for n in inside)
    return f"{outside} notes are still out of range" if outside and edit.region.all_tracks() else ""


def bars_removed(edit: Edit) -> str:
    """Every note of the region is gone."""
    gone = diffed(edit.before, edit.after).removed
    return "" if gone == len(edit.meant) else f"{len(edit.meant)} notes were to go, {gone} did"


def tracks_split(edit: Edit) -> str:
    """All notes are kept; by pitch, no new track holds notes of both sides in the region."""
    if sum(len(t.notes) for t in edit.before.tracks) != sum(len(t.notes) for t in edit.after.tracks):
        return "notes were lost"
    if edit.args["by"] != "pitch" or not edit.region.all_tracks() or not edit.region.whole:
        return ""
    sides = [{n.pitch >= edit.args["split_pitch"] for n in t.notes} for t in edit.after.tracks if not t.is_drum]
    return "a track holds both sides" if any(len(s) > 1 for s in sides) else ""


def tempo_changed(edit: Edit) -> str:
    """No note differs; each bar of the range is so many times as fast, every other as it was."""
    if diffed(edit.before, edit.after).changes:
        return "notes differ"
    starts = [*edit.before.bar_starts(), edit.before.end]
    for bar, (start, end) in enumerate(pairwise(starts), start=1):
        times = edit.args["factor"] if edit.region.bars[0] <= bar <= edit.region.bars[1] else 1.0
        was, now = (s.seconds(end) - s.seconds(start) for s in (edit.before, edit.after))
        if abs(now * times - was) > 1e-3 + 1e-4 * was:
            return f"bar {bar} is {was / now:.4f} times as fast, not {times}"
    return ""


def meter_changed(edit: Edit) -> str:
    """Bars of the range have the meter, the stretches before and after it are the same."""
    bars = edit.before.bar_starts()
    first, last = edit.data["from_bar"], edit.data["to_bar"]
    pickup = first == 1 and last > 1 and edit.before.meters[0][1].bar_quarters < edit.before.meters[-1][1].bar_quarters
    start = bars[first - 1 + pickup]
    end = bars[last] if last < len(bars) else float("inf")
    meter = Meter.parse(edit.args["meter"])
    until = start + (last - first + 1 - pickup) * meter.bar_quarters
    inside = [m for t, m in edit.after.meters if start - 1e-6 <= t < until - 1e-6]
    if set(inside) != {meter}:
        return f"the range has the meters {inside}"
    return _same(edit, (0.0, start), (0.0, start)) or _same(edit, (end, float("inf")), (until, float("inf")))


def bars_repeated(edit: Edit) -> str:
    """What came up to the range's end and what came from its start on are the same, and every time it is."""
    bars = edit.before.bar_starts()
    first, last = edit.data["from_bar"], edit.data["to_bar"]
    start = bars[first - 1]
    end = bars[last] if last < len(bars) else bars[-1] + edit.before.meters[-1][1].bar_quarters
    length = end - start
    times = edit.args["times"]
    later = start + length * (times - 1)
    wrong = _same(edit, (0.0, end), (0.0, end)) or _same(edit, (start, float("inf")), (later, float("inf")))
    for time in range(1, times):
        at = start + length * time
        wrong = wrong or _same(edit, (start, end), (at, at + length))
    return wrong


def _same(edit: Edit, old: tuple[float, float], new: tuple[float, float]) -> str:
    """What differs between a stretch before and a stretch after."""
    if old[0] >= old[1] or old[0] == float("inf"):
        return ""
    found = diffed(spliced(edit.before, [old]), spliced(edit.after, [new]))
    notes = [f"{len(found.changes)} notes" for _ in found.changes[:1]]
    said = [*notes, *(o for o in found.other if "program changes" not in o)]  # what sounds is compared by track
    return f"from quarter {old[0]:g} to {old[1]:g} differ {said[0]}" if said else ""


def scores_merged(scores: list[Score], after: Score, how: dict[str, Any]) -> str:
    """Every note of both scores is there, over one another or one after the other, under the maps that then hold."""
    first, second = scores
    bars = first.bar_starts() or [0.0]
    last = next(m for t, m in reversed(first.meters) if t <= bars[-1] + 1e-6)
    later = bars[-1] + last.bar_quarters if how["how"] == "in_sequence" else 0.0
    wanted, got = sorted(_heard(first) + _heard(second, later)), sorted(_heard(after))
    near = len(got) == len(wanted) and all(
        a[:2] == b[:2] and max(abs(x - y) for x, y in zip(a[2:], b[2:], strict=True)) <= _COARSE
        for a, b in zip(got, wanted, strict=True)
    )
    if not near:
        return f"{len(wanted)} notes were given, {len(got)} came out or lie elsewhere"
    if later:
        return "" if _maps(after, later) == _maps(second, 0.0, later) else "the second score's maps differ"
    return "" if _maps(after, 0.0) == _maps(first, 0.0) else "the first score's maps differ"


def score_converted(scores: list[Score], after: Score, how: dict[str, Any]) -> str:
    """The file that was written holds every note and the maps; tempi to the hundredth of a beat a minute."""
    before = scores[0]
    wanted, got = (Counter((round(n.start * 24), n.pitch) for t in s.tracks for n in t.notes) for s in (before, after))
    if wanted != got:
        return f"{(wanted - got).total()} notes are not given back by {how['format']}"
    return "" if _maps(after, 0.0) == _maps(before, 0.0) else f"{how['format']} holds other maps"


_COARSE = 1e-3  # quarters: two files' grids may have no common one


def _heard(score: Score, later: float = 0.0) -> list[tuple[int, int, float, float]]:
    """Pitch, velocity, start and length of every note."""
    return [(n.pitch, n.velocity, n.start + later, n.duration) for t in score.tracks for n in t.notes]


def _maps(score: Score, since: float, later: float = 0.0) -> list[Any]:
    """The maps from a place on, moved."""
    tempi = [(round(t + later, 3), f"{bpm:.2f}") for t, bpm in score.tempi if t >= since - 1e-6]
    rest = [(round(t + later, 3), str(v)) for m in (score.meters, score.keys) for t, v in m if t >= since - 1e-6]
    return [*tempi, *rest]


ASKED: dict[str, Callable[[Edit], str]] = {
    "transpose": transposed,
    "quantize": quantized,
    "humanize": humanized,
    "set_dynamics": dynamics_set,
    "change_instrument": instrument_changed,
    "fix_ranges": ranges_fixed,
    "crop_bars": bars_removed,
    "split_tracks": tracks_split,
    "change_tempo": tempo_changed,
    "change_meter": meter_changed,
    "repeat_bars": bars_repeated,
}
IN_TIME = frozenset({"change_tempo", "change_meter", "repeat_bars"})  # whole bars of all tracks, maps included
WHOLE: dict[str, Callable[[list[Score], Score, dict[str, Any]], str]] = {
    "merge_scores": scores_merged,
    "convert_score": score_converted,
}
