"""Compose bars, tracks or a rectangle of pitch and time inside a score, joined at both edges; the rest stays."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from tools.compose import _desk as desk
from tools.compose.weaver.bars import BarView, Chords, bar_views, laid
from tools.compose.weaver.runs import Material, choose, root_of
from tools.compose.weaver.typical import figures, freedoms, nearest
from tools.contract import Score as ScoreRef
from tools.contract import ToolContext, ToolResult, tool
from tools.errors import UserError
from tools.kit.arguments import RegionArgs, region_of
from tools.kit.region import Region, track_name
from tools.kit.score import Note, Score
from tools.kit.settle import settled
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import Key

_EDGE = 1e-6
_NO_NOTES, _OTHER_CHORD, _OTHER_LENGTH, _AS_IT_WAS = 6.0, 0.7, 20.0, 4.0


class InfillArgs(RegionArgs):
    """Arguments of :func:`infill`."""

    music: ScoreRef = Field(description="The score with the gap, or with bars that are to be written anew.")
    low: int | None = Field(None, ge=0, le=127, description="Lowest MIDI pitch of the rectangle; lower notes stay.")
    high: int | None = Field(None, ge=0, le=127, description="Highest MIDI pitch of the rectangle; higher notes stay.")


class Infilled(desk.Written):
    """What was filled in."""

    from_bar: int = Field(description="First bar filled.")
    to_bar: int = Field(description="Last bar filled.")
    tracks: list[str] = Field(description="Tracks filled.")
    sources: list[int] = Field(description="For each bar filled the bar of the piece that it was made from.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    random=True,
    cost="seconds",
    timeout_s=180,
    asks=(
        r"\b(?:write|compose|do)\b[^,.;]{0,25}\b(?:anew|afresh|from scratch)\b(?=[^.;]{0,20}\b(?:bars?|measures?)\b)",
        r"\bregenerate\b",
        r"\bfill(?:ing)? (?:in |out )?(?:the )?(?:gaps?|holes?|bars?|measures?|missing|empty|blank|rest)\b",
        r"\bfill (?:it |them |this |that |those |these )?in\b",
        r"\binfill(?:ing)?\b",
        r"\b(?:bars?|measures?)\b[^,.;]{0,15}\b(?:are|is|left|stay|were) (?:empty|missing|blank|silent)\b(?:[^.;]{0,12}"
        r"\b(?:write|compose|put|add|invent|make up)\b[^.;]{0,12}\b(?:there|in|here|for (?:it|them))\b)?",
        r"\b(?:they|it)(?:\x27re| are| is|\x27s) (?:empty|missing|blank)\b",
        r"\binpaint\b",
        r"\b(?:parts?|voice|line|section|passage|music)\b[^,.;]{0,20}\b(?:is|are) missing\b(?: (?:in|between|from)\b)?",
        r"\b(?:re-?write|re-?compose|re-?do|regenerate|replace)\b(?= (?:only |just )?(?:the )?(?:bars?|measures?)\b)",
        r"\b(?:re-?write|re-?compose|re-?do|regenerate)\b(?= (?:only |just )?the (?:first|last|opening|final|closing) "
        r"(?:\w+ )?(?:bars?|measures?)\b)",
        r"\b(?:bars?|measures?)\b[^,.;]{0,30}\bneeds? (?:re-?writing|re-?doing|rewritten|redone)\b",
        r"\bneeds? re-?writing\b",
        r"\b(?:missing|empty) bars\b",
        r"\b(?:bridge|connect) (?:the )?(?:two )?(?:parts|sections|halves|gap)\b",
        r"\b(?:bars?|measures?)\b[^.;]{0,40}\b(?:come up with|write|do|try|make|give me|find|compose)\b[^,.;]{0,12}"
        r"\b(?:better|else|new|different|fresh|again|over)\b",
        r"\b(?:bars?|measures?)\b[^.;]{0,40}\b(?:re-?do|re-?write|rework|rethink|replace|regenerate) "
        r"(?:it|them|those|these)\b",
        r"\b(?:has|have|with) (?:nothing|no notes|no music)(?: to (?:play|do|sing))?\b"
        r"(?=[^.;]{0,25}\b(?:bars?|measures?)\b)",
        r"\b(?:another|a (?:new|better|different)) (?:go|try|stab|attempt) at (?:the )?(?:bars?|measures?)\b",
        r"小节[^.;]{0,16}(?:重写|重做|重来|重新写|换一?种?个?写法|换(?:点|个)?(?:别的|新的))",
        "补全",
        "补上",
        "填(?:补|充|上|满)",
        r"重写(?=第?\s*\d+)",
    ),
)
def infill(args: InfillArgs, ctx: ToolContext) -> ToolResult:
    """Compose the missing bars or tracks of a score, or a rectangle of pitch and time; nothing outside changes.

    Without a range the first run of empty bars is filled.
    """
    source = desk.load(args.music, ctx)
    if args.low is not None and args.high is not None and args.high < args.low:
        raise UserError(f"high {args.high} lies below low {args.low}; the rectangle has no pitch in it.")
    gap = _gap(source.score) if _nowhere(args) else None
    args = args.model_copy(update={"from_bar": gap[0], "to_bar": gap[1]}) if gap else args
    score = source.score.copied()
    region = region_of(score, args)
    key = desk.key_of(score, nameable=False)
    _clear(region, args.low, args.high)
    views = bar_views(source.score)
    context = Chords.of(score)
    material, bars, tracks = _material(source.score, views, region)
    ctx.progress(0.4, f"filling {len(bars)} bars")
    rng = random.Random(ctx.seed)
    gap_of = _Gap(region, material, bars, tracks, context, key, args)
    scale = key.pitch_classes()
    own = figures(([n for t in tracks for n in views[d].notes.get(t, ())] for d in material.donors), scale)
    drafts = [_donors(material, bars, tracks, context, rng, f) for f in freedoms(material, len(bars))]
    donors = nearest(drafts, gap_of.bars_of, own, scale)
    gap_of.write(donors)
    names = [track_name(score.tracks[t]) for t in tracks]
    facts = {
        "key": str(key),
        "from_bar": bars[0].number + 1,
        "to_bar": bars[-1].number + 1,
        "tracks": names,
        "sources": [d + 1 for d in donors],
    }
    where = f"bars {facts['from_bar']} to {facts['to_bar']}" if len(bars) > 1 else f"bar {facts['from_bar']}"
    summary = f"Filled {where} of {', '.join(names)} in {key}, from the piece's own bars."
    return desk.written(source, score, "infilled", summary, ctx, Infilled, facts)


def _nowhere(args: InfillArgs) -> bool:
    """Whether no place in time was named."""
    return args.from_bar is None and args.to_bar is None and args.start_s is None and args.end_s is None


def _gap(score: Score) -> tuple[int, int] | None:
    """The first run of bars, 1-based and inclusive, in which no pitched note begins; ``UserError`` if none."""
    pitched = [i for i, t in enumerate(score.tracks) if not t.is_drum]
    empty = [v.number + 1 for v in bar_views(score) if not v.count(pitched)]
    if not empty:
        raise UserError("No bar of the score is empty; say which to write anew with from_bar and to_bar.")
    last = empty[0]
    while last + 1 in empty:
        last += 1
    return empty[0], last


def _clear(region: Region, low: int | None, high: int | None) -> None:
    """Take the region's notes away, those of the rectangle only when there is one."""
    for index in region.picked:
        track = region.score.tracks[index]
        gone = {
            id(n)
            for n in track.notes
            if region.holds(index, n) and (low is None or n.pitch >= low) and (high is None or n.pitch <= high)
        }
        track.notes = [n for n in track.notes if id(n) not in gone]


def _material(score: Score, views: Sequence[BarView], region: Region) -> tuple[Material, list[BarView], list[int]]:
    """What the gap may be filled from: its bars, and the tracks that have notes elsewhere."""
    first, last = region.bars
    bars = list(views[first - 1 : last])
    outside = [v for v in views if not first <= v.number + 1 <= last]
    tracks = [i for i in region.picked if any(v.notes.get(i) for v in outside)]
    donors = [v.number for v in outside if v.count(tracks)]
    if not donors:
        raise UserError("There are no other bars of those tracks to take after; leave some of them outside the range.")
    busiest = max(tracks, key=lambda t: (not score.tracks[t].is_drum, _height(score.tracks[t].notes)))
    return Material(views, Chords.of(score), busiest, donors), bars, tracks


def _height(notes: Sequence[Note]) -> float:
    return sum(n.pitch for n in notes) / len(notes) if notes else 0.0


def _donors(
    material: Material,
    bars: Sequence[BarView],
    tracks: Sequence[int],
    context: Chords,
    rng: random.Random,
    freedom: float,
) -> list[int]:
    views = material.views
    usual = sorted(views[d].count(tracks) for d in material.donors)[len(material.donors) // 2]

    def charge(place: int, donor: int) -> float:
        view, target = views[donor], views[place]
        cost = _OTHER_LENGTH * (abs(view.length - target.length) > _EDGE)
        cost += _NO_NOTES * (view.count([material.lead]) == 0) + 0.3 * (view.count(tracks) * 3 < usual)
        cost += _AS_IT_WAS * (_content(view, tracks) == _content(target, tracks))
        heard = context.at(target.start) if _sounds(context, target) else None
        if heard is not None:
            cost += _OTHER_CHORD * (root_of(material.chords.at(view.start)) != heard.root)
        return cost

    before = bars[0].number - 1 if bars[0].number else None
    after = bars[-1].number + 1 if bars[-1].number + 1 < len(views) else None
    return choose(material, [b.number for b in bars], before, after, rng, charge=charge, freedom=freedom)


def _content(view: BarView, tracks: Sequence[int]) -> frozenset[tuple[int, float, int]]:
    """What some tracks play in a bar, wherever the bar is."""
    return frozenset((t, round(n.start - view.start, 3), n.pitch) for t in tracks for n in view.notes.get(t, ()))


def _sounds(chords: Chords, bar: BarView) -> bool:
    """Whether what is left around the gap has a chord in a bar."""
    return any(
        c.chord is not None and c.start_q < bar.start + bar.length - _EDGE and c.end_q > bar.start + _EDGE
        for c in chords.found
    )


@dataclass(frozen=True)
class _Gap:
    """The gap and what it is filled from."""

    region: Region
    material: Material
    bars: Sequence[BarView]
    tracks: Sequence[int]
    context: Chords
    key: Key
    args: InfillArgs

    def notes(self, donors: Sequence[int], index: int) -> list[Note]:
        """A track's new notes: the donors', over the chords that sound around the gap where any do."""
        stop = min(self.region.end, self.bars[-1].start + self.bars[-1].length)
        track, chords = self.region.score.tracks[index], self.material.chords
        fresh: list[Note] = []
        for bar, donor in zip(self.bars, donors, strict=True):
            view = self.material.views[donor]
            sounds = _sounds(self.context, bar) and not track.is_drum
            new = self.context if sounds else _Donors(chords, view, bar)
            fresh += laid(view.notes.get(index, ()), view.start, bar.start, stop, chords.at, new.at, self.key)
        fresh = _inside(fresh, self.args.low, self.args.high)
        return _free([n for n in fresh if self.region.start - _EDGE <= n.start < stop - _EDGE], track.notes)

    def bars_of(self, donors: Sequence[int]) -> list[list[Note]]:
        """The new notes of each bar, all tracks together."""
        made = [n for t in self.tracks for n in self.notes(donors, t)]
        return [[n for n in made if b.start - _EDGE <= n.start < b.start + b.length - _EDGE] for b in self.bars]

    def write(self, donors: Sequence[int]) -> None:
        """Put the new notes into the score, in place."""
        for index in self.tracks:
            track = self.region.score.tracks[index]
            fresh = self.notes(donors, index)
            track.notes = sorted([*track.notes, *fresh], key=lambda n: (n.start, n.pitch))
            settled(track, set(map(id, fresh)))


class _Donors:
    """The donor's own chords, heard at the place where its notes are laid."""

    def __init__(self, chords: Chords, view: BarView, bar: BarView) -> None:
        self._chords, self._shift = chords, view.start - bar.start

    def at(self, quarter: float) -> Chord | None:
        """The chord at a place of the gap."""
        return self._chords.at(quarter + self._shift)


def _inside(notes: Sequence[Note], low: int | None, high: int | None) -> list[Note]:
    """Notes brought into the rectangle's pitches by octaves; those that no octave brings there are left out."""
    floor, ceiling = low or 0, 127 if high is None else high
    kept = []
    for note in notes:
        pitch = next((p for p in (note.pitch, *_octaves(note.pitch)) if floor <= p <= ceiling), None)
        if pitch is not None:
            note.pitch = pitch
            kept.append(note)
    return kept


def _octaves(pitch: int) -> list[int]:
    return [pitch + 12 * k for k in (1, -1, 2, -2, 3, -3, 4, -4, 5, -5)]


def _free(fresh: Sequence[Note], kept: Sequence[Note]) -> list[Note]:
    """New notes that do not strike a pitch while a note outside the gap already sounds it, nor one twice at once."""
    taken: set[tuple[float, int]] = set()
    found = []
    for note in sorted(fresh, key=lambda n: (n.start, n.pitch, -n.duration)):
        place = round(note.start, 4), note.pitch
        held = any(o.pitch == note.pitch and o.start <= note.start + _EDGE < o.end for o in kept)
        if not held and place not in taken:
            taken.add(place)
            found.append(note)
    return found
