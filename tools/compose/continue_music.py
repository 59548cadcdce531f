"""Go on from where a score ends: its own bars in new runs and on new steps, its theme again, and a close."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from tools.compose import _desk as desk
from tools.compose.weaver.bars import BarView, ChordAt, Chords, bar_views, laid
from tools.compose.weaver.recast import stepped
from tools.compose.weaver.runs import Material, choose
from tools.compose.weaver.typical import figures, freedoms, nearest
from tools.contract import Score as ScoreRef
from tools.contract import ToolArgs, ToolContext, ToolResult, tool
from tools.errors import UserError
from tools.kit.region import select
from tools.kit.score import MOST_BARS, Note, Score
from tools.kit.settle import settled
from tools.kit.theory.chord import Chord
from tools.kit.theory.naming import symbol_in
from tools.kit.theory.pitch import Key

Ending = Literal["close", "open"]
_USUAL = 8  # bars written when no length is asked for
_PHRASE = 4  # bars
_FRESH = 4  # last bars of the piece that are not repeated at once
_STEPS = (0, 1, -1, 2, -2)  # of the scale, by which a run may be sequenced
_CLOSING, _TOGETHER = 1.0, 0.05  # quarters: least length of a last note; notes of one stroke
_LONGEST_S = 3600.0


class ContinueMusicArgs(ToolArgs):
    """Arguments of :func:`continue_music`."""

    music: ScoreRef = Field(description="The score to go on from.")
    bars: int | None = Field(None, ge=1, le=MOST_BARS, description="How many bars to add; 8 when no length is said.")
    duration_s: float | None = Field(
        None, gt=0, le=_LONGEST_S, description="How many seconds to add, instead of bars; the nearest whole bars."
    )
    theme: bool = Field(True, description="Whether the piece's opening theme comes back before the end.")
    ending: Ending = Field("close", description="'close' with a cadence on the tonic, or 'open', to be gone on from.")


class Continued(desk.Written):
    """What was added."""

    bars_added: int = Field(description="Bars added.")
    from_bar: int = Field(description="First new bar, counted from 1.")
    theme_bar: int | None = Field(description="Bar at which the theme comes back; None when it does not.")
    sources: list[int] = Field(description="For each new bar the bar of the piece that it was made from.")
    chords: list[str] = Field(description="The chord that each new bar begins with; N.C. under a single line.")


@dataclass(frozen=True)
class _Bar:
    """A new bar: where, made from which, moved by how many steps of the scale, and onto which chord if any."""

    at: float
    length: float
    donor: int
    steps: int = 0
    chord: Chord | None = None
    last: bool = False


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    random=True,
    cost="seconds",
    timeout_s=180,
    asks=(
        r"\b(?:write|add|compose|make|give me|need|want)\b[^,.;]{0,8}\b(?:bridge|outro|ending|coda|second verse|middle "
        r"eight|b[- ]section|interlude|next section|next verse)\b"
        r"(?! (?:a bit |a little |much )?(?:slower|faster|louder|quieter|softer|longer|shorter"
        r"|higher|lower|up|down)\b)(?: (?:for|to) (?:this|it|the \w+))?",
        r"\bcontinu(?:e|es|ing|ation)\b",
        r"\b(?:write|add|compose|give me|make)\b[^,.;]{0,8}\b(?:another|more) (?:\w+ )?(?:more )?(?:bars|measures)\b",
        r"\bwhat (?:could|would|might|should) (?:come|happen|follow|go) (?:next|after|on)\b",
        r"\b(?:go|carry|keep|write) on(?: from)?\b",
        r"\bkeep going\b",
        r"\bwhat (?:comes|would come|happens) next\b",
        r"\b(?:finish|complete)\b[^,.;]{0,12}\b(?:it|this|piece|song|tune|sketch|idea|phrase|melody)\b",
        r"\bextend\b(?: (?:it|this|the (?:piece|score|tune|song|midi)))?(?: (?:by|for|to|another))?",
        r"\b(?:another|more) (?:\w+ )?bars (?:of this|after)\b",
        "续写",
        "接着(?:往下)?写",
        "往下写",
        "写下去",
        "继续(?:写)?(?:下去)?",
        "补完",
        "延长",
    ),
)
def continue_music(args: ContinueMusicArgs, ctx: ToolContext) -> ToolResult:
    """Go on from where a score ends, in its texture and key: its material in new runs, its theme again, a close."""
    source = desk.load(args.music, ctx)
    score = source.score.copied()
    views = bar_views(score)
    key = desk.key_of(score, nameable=False)
    lead, _ = desk.melody_of(score, select(score))
    material = _material(views, Chords.of(score), lead)
    ctx.progress(0.3, "choosing what to go on with")
    count = _count(args, score, views[-1])
    rng = random.Random(ctx.seed)
    drafts = [_plan(material, count, args, key, rng, freedom) for freedom in freedoms(material, count)]
    pitched = [i for i, t in enumerate(score.tracks) if not t.is_drum]
    own = figures((_of(views[d].notes, pitched) for d in material.donors), key.pitch_classes())
    ctx.progress(0.5, "choosing the draft that is most like the piece")
    new, theme_at = nearest(
        drafts, lambda d: (_of(_laid(score, b, material, key), pitched) for b in d[0]), own, key.pitch_classes()
    )
    _write(score, new, material, key)
    facts = {
        "key": str(key),
        "bars_added": count,
        "from_bar": len(views) + 1,
        "theme_bar": None if theme_at is None else len(views) + theme_at + 1,
        "sources": [b.donor + 1 for b in new],
        "chords": [_named(b, material, key, pitched) for b in new],
    }
    back = f", the theme again in bar {facts['theme_bar']}" if theme_at is not None else ""
    close = "a close" if args.ending == "close" else "an open end"
    summary = f"Went on for {count} bars in {key} from bar {len(views) + 1}{back}, to {close}."
    return desk.written(source, score, "continued", summary, ctx, Continued, facts)


def _material(views: Sequence[BarView], chords: Chords, lead: int) -> Material:
    """The bars that may give: full ones of the last meter, no upbeat, and not the final one where there are others."""
    length = views[-1].length
    full = [v.number for v in views if v.notes and abs(v.length - length) < 1e-6 and not _is_upbeat(v)]
    inner = [n for n in full if n != views[-1].number]
    donors = inner or full
    if not donors:
        raise UserError("The score has no full bar to go on from; attach one with some music in it.")
    return Material(views, chords, lead, donors)


def _is_upbeat(view: BarView) -> bool:
    """Whether a first bar begins with more than a quarter of silence."""
    return view.number == 0 and min(n.start for ns in view.notes.values() for n in ns) > view.length / 4


def _count(args: ContinueMusicArgs, score: Score, last: BarView) -> int:
    if args.duration_s is None:
        return args.bars or _USUAL
    seconds = last.length * 60.0 / score.tempi[-1][1]
    if args.bars is not None and abs(args.bars * seconds - args.duration_s) > seconds:
        raise UserError(
            f"{args.bars} bars last {args.bars * seconds:.1f} s, not {args.duration_s:g} s; say bars or duration_s."
        )
    return args.bars or max(1, round(args.duration_s / seconds))


def _plan(
    material: Material, count: int, args: ContinueMusicArgs, key: Key, rng: random.Random, freedom: float
) -> tuple[list[_Bar], int | None]:
    """The new bars, and the index of the one with which the theme comes back."""
    last = material.views[-1]
    theme = _theme(material)
    theme_at = _theme_place(count) if args.theme else None
    wanted: dict[int, int] = {}
    if theme_at is not None:
        length = min(len(theme), count - theme_at - (args.ending == "close" and count > 1))
        wanted = {theme_at + i: theme[i] for i in range(max(1, length))}
    places = list(range(last.number + 1, last.number + 1 + count))
    fresh = {d for d in material.donors if d > last.number - _FRESH}
    donors = choose(material, places, last.number, None, rng, wanted, fresh, freedom=freedom)
    steps = _sequenced(donors, set(wanted), _compasses(material), material, key, rng)
    end = last.start + last.length
    new = [_Bar(end + i * last.length, last.length, d, s) for i, (d, s) in enumerate(zip(donors, steps, strict=True))]
    return (_closed(new, key, set(wanted), material) if args.ending == "close" else new), theme_at


def _theme(material: Material) -> list[int]:
    """The bars of the opening phrase: from the first that the leading line sings in."""
    first = next((d for d in material.donors if material.views[d].notes.get(material.lead)), material.donors[0])
    return [d for d in material.donors if first <= d < first + _PHRASE]


def _theme_place(count: int) -> int:
    """The theme opens the last phrase of three bars or more; at once in a short continuation."""
    last = (count - 1) // _PHRASE * _PHRASE
    return last if count - last > 2 else max(0, last - _PHRASE)


_Compasses = dict[int, tuple[int, int]]


def _compasses(material: Material) -> _Compasses:
    """Lowest and highest pitch of each track."""
    pitches: dict[int, list[int]] = {}
    for view in material.views:
        for track, notes in view.notes.items():
            pitches.setdefault(track, []).extend(n.pitch for n in notes)
    return {track: (min(found), max(found)) for track, found in pitches.items()}


def _fits(view: BarView, steps: int, compasses: _Compasses, key: Key) -> bool:
    """Whether a bar moved by steps of the scale stays in the compass that each track has in the piece."""
    return all(
        compasses[track][0] - 1 <= stepped(n.pitch, steps, key) <= compasses[track][1] + 1
        for track, notes in view.notes.items()
        for n in notes
    )


def _sequenced(
    donors: Sequence[int],
    fixed: set[int],
    compasses: _Compasses,
    material: Material,
    key: Key,
    rng: random.Random,
) -> list[int]:
    """Steps of the scale for each bar: a run that follows itself in the piece moves as one."""
    steps: list[int] = []
    for index, donor in enumerate(donors):
        if index in fixed:
            steps.append(0)
        elif index and index - 1 not in fixed and donor == donors[index - 1] + 1:
            steps.append(steps[-1] if _fits(material.views[donor], steps[-1], compasses, key) else 0)
        else:
            able = [s for s in _STEPS if s == 0 or _fits(material.views[donor], s, compasses, key)]
            steps.append(rng.choice(able))
    return steps


def _closed(new: list[_Bar], key: Key, fixed: set[int], material: Material) -> list[_Bar]:
    """The last bar as the piece closes, or held on the tonic; the one before on the dominant unless it is the theme."""
    tonic = Chord(key.tonic, "m" if key.is_minor else "")
    dominant = Chord((key.tonic + 7) % 12, "7")
    closed = list(new)
    end = new[-1]
    if _closes(material, key):
        closed[-1] = _Bar(end.at, end.length, material.views[-1].number)
    else:
        closed[-1] = _Bar(end.at, end.length, end.donor, 0, tonic, last=True)
    if len(new) > 2 or (len(new) == 2 and 0 not in fixed):
        before = new[-2]
        closed[-2] = _Bar(before.at, before.length, before.donor, 0, dominant)
    return closed


def _last_stroke(material: Material) -> tuple[float, float, bool]:
    """What is struck last in the piece's last bar: where, how long it is held, and whether it is the longest there."""
    notes = [n for ns in material.views[-1].notes.values() for n in ns]
    final = max((n.start for n in notes), default=0.0)
    held = min((n.duration for n in notes if n.start > final - _TOGETHER), default=0.0)
    return final, held, all(n.duration <= held + _TOGETHER for n in notes)


def _closes(material: Material, key: Key) -> bool:
    """Whether the piece's last bar is a close: what is struck last in it is its tonic, and the longest there."""
    final, held, is_longest = _last_stroke(material)
    chord = material.chords.at(final)
    return chord is not None and chord.root == key.tonic and is_longest and held >= _CLOSING


def _target(bar: _Bar, material: Material, key: Key) -> ChordAt:
    """The chord at a place of a new bar: the one it must have, or the donor's moved by its steps."""
    origin = material.views[bar.donor].start

    def at(quarter: float) -> Chord | None:
        if bar.chord is not None:
            return bar.chord
        return _stepped_chord(material.chords.at(quarter - bar.at + origin), bar.steps, key)

    return at


def _named(bar: _Bar, material: Material, key: Key, pitched: Sequence[int]) -> str:
    """The symbol of the chord that a bar begins with; a fifth heard in a line that is alone is no chord."""
    chord = _target(bar, material, key)(bar.at)
    lone = chord is not None and chord.quality == "5" and bar.chord is None
    lone = lone and _is_single(_of(material.views[bar.donor].notes, pitched))
    return "N.C." if chord is None or lone else symbol_in(chord, key)


def _is_single(notes: Sequence[Note]) -> bool:
    """Whether no two notes are struck together."""
    starts = [round(n.start, 3) for n in notes]
    return len(set(starts)) == len(starts)


def _stepped_chord(chord: Chord | None, steps: int, key: Key) -> Chord | None:
    """A chord moved along the scale: the triad that the scale has there."""
    if chord is None or not steps:
        return chord
    root, third, fifth = (stepped(60 + chord.root + above, steps, key) for above in (0, chord.intervals[1], 7))
    quality = {(4, 7): "", (3, 7): "m", (3, 6): "dim"}.get(((third - root) % 12, (fifth - root) % 12))
    return Chord(root % 12, quality if quality is not None else "m" if (third - root) % 12 == 3 else "")


def _of(notes: Mapping[int, Sequence[Note]], tracks: Sequence[int]) -> list[Note]:
    return [n for t in tracks for n in notes.get(t, ())]


def _laid(score: Score, bar: _Bar, material: Material, key: Key) -> dict[int, list[Note]]:
    """The notes of a new bar, by track."""
    view, end = material.views[bar.donor], bar.at + bar.length
    length = min(bar.length, max(bar.length / 2, _last_stroke(material)[1]))
    made: dict[int, list[Note]] = {}
    for index, notes in view.notes.items():
        is_drum = score.tracks[index].is_drum
        if is_drum:
            played = laid(notes, view.start, bar.at, end, _silent, _silent, key)
        else:
            played = laid(_moved(notes, bar.steps, key), view.start, bar.at, end, *_chords(bar, material, key), key)
        made[index] = _held(played, bar, length, is_drum) if bar.last else played
    return made


def _write(score: Score, new: Sequence[_Bar], material: Material, key: Key) -> None:
    """Add the new bars' notes to the tracks, in place."""
    edited: dict[int, set[int]] = {}
    for bar in new:
        for index, made in _laid(score, bar, material, key).items():
            score.tracks[index].notes += made
            edited.setdefault(index, set()).update(map(id, made))
    for index, ids in edited.items():
        score.tracks[index].notes.sort(key=lambda n: (n.start, n.pitch))
        settled(score.tracks[index], ids)


def _chords(bar: _Bar, material: Material, key: Key) -> tuple[ChordAt, ChordAt]:
    """What the notes lie on once moved by their steps, and what they shall lie on."""
    return (lambda q: _stepped_chord(material.chords.at(q), bar.steps, key)), _target(bar, material, key)


def _silent(_: float) -> Chord | None:
    return None


def _moved(notes: Sequence[Note], steps: int, key: Key) -> list[Note]:
    if not steps:
        return list(notes)
    made = [n.copied() for n in notes]
    for note in made:
        note.pitch = stepped(note.pitch, steps, key)
    return made


def _held(made: list[Note], bar: _Bar, length: float, is_drum: bool) -> list[Note]:
    """The last bar: what is struck first is held, as long as the piece's last stroke, and nothing comes after it."""
    if not made:
        return []
    first = min(n.start for n in made)
    kept = [n for n in made if n.start < first + _TOGETHER]
    for note in kept:
        note.duration = note.duration if is_drum else max(note.duration, bar.at + length - note.start)
    return kept
