"""Arrange a score for other forces: a piano reduction, a quartet, a band, an orchestra; from one line to full."""

from __future__ import annotations

import itertools
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import Field

from tools.compose import _desk as desk
from tools.compose.engine.drums import groove_bar
from tools.compose.engine.grid import Bar
from tools.compose.engine.harmony import Span
from tools.compose.engine.textures import accompany
from tools.compose.engine.voicing import lead_bass, lead_voices
from tools.compose.harmonizer.changes import choose_chords
from tools.compose.harmonizer.slots import meter_at, slots_of
from tools.compose.weaver.bars import Chords
from tools.contract import Score as ScoreRef
from tools.contract import ToolArgs, ToolContext, ToolResult, tool
from tools.errors import UserError
from tools.kit.region import select
from tools.kit.score import Note, Score, Track
from tools.kit.settle import folded, settled
from tools.kit.theory.chord import Chord
from tools.kit.theory.instruments import Instrument, canonical, ensembles, instrument, is_a
from tools.kit.theory.pitch import Key
from tools.kit.voices import voices_of

_CHORDAL = ("keyboards", "guitar", "harp", "accordion")
_GROUPS: dict[str, str] = {
    "band": "pop band",
    "quartet": "string quartet",
    "orchestral": "orchestra",
    "solo piano": "piano",
    "piano solo": "piano",
    "piano reduction": "piano",
}
_UNSAID = "orchestra"
_CHOIR = (("Soprano", 60, 81), ("Alto", 53, 74), ("Tenor", 48, 69), ("Bass", 40, 62))
_MOST_LINES = 6  # above this the players beyond the core double it, four bars on, four bars off
_BLOCK = 4  # bars
_HAND = 14  # semitones a hand spans
_FINGERS = 4  # notes a hand strikes at once in a reduction
_INNER = (50, 70)  # where generated inner lines lie
_SPLIT = 60


class ArrangeArgs(ToolArgs):
    """Arguments of :func:`arrange`."""

    music: ScoreRef = Field(description="The score to arrange, a single line or a full score.")
    style: str | None = Field(
        None,
        description="The forces by one name: 'string quartet', 'piano', 'band'; an orchestra if not said.",
    )
    instruments: list[str] = Field(default_factory=list, description="The players one by one, or an ensemble's name.")


class Arranged(desk.Written):
    """The arrangement."""

    instruments: list[str] = Field(description="The players, one a track.")
    melody: str = Field(description="The track that has the melody.")


@dataclass(frozen=True)
class _Layers:
    """A score as an arranger hears it: the melody, the lines below it, the bass, the drums and the chords."""

    melody: list[Note]
    inner: list[list[Note]]
    bass: list[Note]
    drums: list[Note]
    spans: list[Span]
    bars: list[Bar]


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    random=True,
    cost="seconds",
    timeout_s=180,
    asks=(
        r"(?:\bmake\b[^,.;]{0,15} )?\bplayable (?:by|for|on) (?:one|a single|a|an|two) "
        r"(?=(?:pianist|guitarist|organist|harpist|player|piano|guitar)s?\b)",
        r"\bas an? (?=(?:piano solo|solo|string quartet|duet|trio|quartet|quintet|big band|choir|orchestra|ban"
        r"d|lead sheet))",
        r"\bwhat (?:would|might|could) (?:this|it) sound like (?:as|for|on|with|if)\b",
        r"\b(?:turn|make) (?:this|it) into an? (?=[\w -]{0,20}(?:quartet|quintet|trio|duet|orchestra|band|choi"
        r"r|solo)\b)",
        r"\b(?:re-?)?arrang(?:e|es|ed|ing|ement)\b(?! (?:something|some music|a (?:new|similar)\b))"
        r"(?: (?:it|this|that|the (?:piece|song|tune|melody)))?(?: fo"
        r"r\b)?",
        r"\b(?:re-?)?orchestrat(?:e|es|ed|ing|ion)\b",
        r"\b(?:piano|guitar) reduction\b",
        r"\b(?:score|adapt|set) (?:it|this|that) (?:out )?for (?:them|us|my|our)\b"
        r"(?! (?:film|video|clip|movie|footage|scene))",
        r"\breduce\b(?= [^,.;]{0,30}\b(?:to|for) (?:(?:a|one|solo) )*(?:piano|guitar|two))",
        r"\b(?:orchestral|piano|guitar|big[- ]band|string quartet|brass|chamber|lead[- ]sheet|choir|choral|jaz"
        r"z|rock|acoustic|synth) (?:version|cover|arrangement)\b(?: of (?:this|it))?",
        r"\b(?:turn|make|adapt|set|rework|rescore)\b[^,.;]{0,15}\b(?:for|into) (?=(?:an? )?(?:[\w-]+ )?(?:stri"
        r"ng quartet|quartet|quintet|trio|duet|orchestra|band|big band|choir|ensemble|lead sheet)\b)",
        r"改编(?:成|为)?",
        r"编曲",
        r"配器",
        r"(?:管弦乐|弦乐四重奏|钢琴|吉他|爵士|摇滚|合唱|乐队)版",
    ),
)
def arrange(args: ArrangeArgs, ctx: ToolContext) -> ToolResult:
    """Arrange a score for other forces, from one line to full: piano, string quartet, band, orchestra or any players.

    The melody stays note for note but for octaves; drums are kept where the new forces have them.
    """
    source = desk.load(args.music, ctx)
    players = _players(args)
    key = desk.key_of(source.score)
    layers = _layers(source.score, key)
    ctx.progress(0.4, f"arranging for {len(players)}")
    alone = _is_piano_alone(players)
    tracks = _reduction(layers, players[0]) if alone else _parts(layers, players, random.Random(ctx.seed))
    tracks = [t for t in tracks if t.notes]
    score = source.score.copied()
    score.tracks = _told_apart(tracks)
    for track in score.tracks:
        track.notes.sort(key=lambda n: (n.start, n.pitch))
        settled(track, set(map(id, track.notes)))
    names = [t.name for t in score.tracks]
    silent = [p.name for p in players if not any(t.name.startswith(_title(p)) for t in score.tracks)]
    facts = {"key": str(key), "instruments": names, "melody": names[0]}
    said = [f"{', '.join(silent)} had nothing to play." if silent else ""]
    if not args.instruments and not args.style:
        said.append(f"No forces were named, so it was arranged for {_UNSAID}.")
    if any(t.controls or t.bends for t in source.score.tracks):
        said.append("Controllers and bends of the old tracks belong to their players and were left out.")
    summary = f"Arranged for {', '.join(names)}, in {key}; the melody is in {names[0]}."
    return desk.written(source, score, "arranged", summary, ctx, Arranged, facts, said)


def _players(args: ArrangeArgs) -> list[Instrument]:
    named = args.instruments or [args.style or _UNSAID]
    found: list[Instrument] = []
    for name in named:
        text = _GROUPS.get(name.strip().lower(), name)
        for end in ("", " band", " quartet"):
            try:
                known = canonical(text + end)
            except ValueError:
                continue
            found += [instrument(m) for m in ensembles()[known]] if known in ensembles() else [instrument(known)]
            break
        else:
            raise UserError(
                f"{name!r} is no instrument or ensemble known here; say one as 'string quartet' or 'cello'."
            )
    return _sung(found[0]) if [p.name for p in found] == ["choir"] else found


def _sung(choir: Instrument) -> list[Instrument]:
    """A choir as its four voices."""
    return [replace(choir, low=low, high=high, english=(name,)) for name, low, high in _CHOIR]


def _is_piano_alone(players: Sequence[Instrument]) -> bool:
    return len(players) == 1 and is_a(players[0].name, "keyboards")


def _layers(score: Score, key: Key) -> _Layers:
    region = select(score)
    _, melody = desk.melody_of(score, region)
    leading = set(map(id, melody))
    rest = [n for t in score.tracks if not t.is_drum for n in t.notes if id(n) not in leading]
    drums = [n for t in score.tracks if t.is_drum for n in t.notes]
    bars = [Bar(s, meter_at(score, s)) for s in score.bar_starts()]
    spans = _heard(score, bars) if rest else _invented(score, melody, key, bars)
    bass = _bottom(rest)
    low = set(map(id, bass))
    inner = voices_of([n for n in rest if id(n) not in low])
    if not rest:
        chords = [s.chord for s in spans if s.chord is not None]
        sounding = [s for s in spans if s.chord is not None]
        roots = lead_bass(chords, 36, 55)
        bass = [Note(s.start, s.end - s.start, p, 76) for s, p in zip(sounding, roots, strict=True)]
    return _Layers(melody, inner, bass, drums, spans, bars)


def _heard(score: Score, bars: Sequence[Bar]) -> list[Span]:
    return [s for c in Chords.of(score).found if c.chord for s in _cut(c.start_q, c.end_q, c.chord, bars)]


def _invented(score: Score, melody: Sequence[Note], key: Key, bars: Sequence[Bar]) -> list[Span]:
    """Chords for a line alone."""
    slots = slots_of(score, melody, 2)
    chords = choose_chords(slots, key, "pop")
    return [s for slot, chord in zip(slots, chords, strict=True) for s in _cut(slot.start, slot.end, chord, bars)]


def _cut(start: float, end: float, chord: Chord, bars: Sequence[Bar]) -> list[Span]:
    """A chord's span cut at the barlines."""
    starts = [b.start for b in bars]
    edges = [start, *(s for s in starts if start + 1e-6 < s < end - 1e-6), end]
    return [Span(a, b, chord, max(0, bisect_right(starts, a + 1e-6) - 1)) for a, b in itertools.pairwise(edges)]


def _bottom(notes: Sequence[Note]) -> list[Note]:
    """The lowest line: notes below which nothing sounds when they begin."""
    found: list[Note] = []
    for note in sorted(notes, key=lambda n: (n.start, n.pitch)):
        if found and abs(found[-1].start - note.start) < 1e-3:
            continue
        if found and found[-1].end > note.start + 1e-3 and found[-1].pitch <= note.pitch:
            continue
        found.append(note)
    return found


def _reduction(layers: _Layers, player: Instrument) -> list[Track]:
    """Two hands: the melody and what is near it above, the bass and what is near it below; none beyond its reach."""
    program = player.programs[0]
    inner = [n for line in layers.inner for n in line]
    right = _graspable(layers.melody, [n for n in inner if n.pitch >= _SPLIT], top=True)
    left = _graspable(layers.bass, [n for n in inner if n.pitch < _SPLIT], top=False)
    if not inner and layers.spans:
        left += _chord_part(layers, "broken", 50, 64)
    return [Track("Right hand", program, notes=right), Track("Left hand", program, notes=left)]


def _graspable(line: Sequence[Note], others: Sequence[Note], *, top: bool) -> list[Note]:
    """The line and those of the other notes that the same hand can strike with it or under it."""
    kept = [n.copied() for n in line]
    sounding = sorted(line, key=lambda n: n.start)
    starts = [n.start for n in sounding]
    struck: dict[float, list[int]] = {round(n.start, 3): [n.pitch] for n in line}
    for note in sorted(others, key=lambda n: (n.start, -n.pitch if top else n.pitch)):
        index = bisect_right(starts, note.start + 1e-3) - 1
        lead = sounding[index].pitch if index >= 0 and sounding[index].end > note.start else None
        inside = lead is None or (0 < lead - note.pitch <= _HAND if top else 0 < note.pitch - lead <= _HAND)
        chord = struck.setdefault(round(note.start, 3), [])
        reach = [*chord, note.pitch]
        if inside and len(chord) < _FINGERS and max(reach) - min(reach) <= _HAND and note.pitch not in chord:
            chord.append(note.pitch)
            kept.append(note.copied())
    return kept


def _parts(layers: _Layers, players: Sequence[Instrument], rng: random.Random) -> list[Track]:
    drummers = [p for p in players if p.is_drum]
    chordal = [p for p in players if not p.is_drum and len(players) > 1 and any(is_a(p.name, c) for c in _CHORDAL)]
    lined = [p for p in players if p not in drummers and p not in chordal]
    if not lined and chordal:
        lined, chordal = [chordal[0]], chordal[1:] or [chordal[0]]
    ordered = sorted(lined, key=lambda p: -(p.low + p.high))
    core, doubling = ordered, []
    if len(ordered) > _MOST_LINES:
        core = [p for p in ordered if is_a(p.name, "strings")] or _spread(ordered, _MOST_LINES - 1)
        doubling = [p for p in ordered if p not in core]
    lines = _lines(layers, len(core), pitched_bass=len(core) > 1)
    tracks = [_part(player, line) for player, line in zip(core, lines, strict=True)]
    tracks += [_doubled(layers, p, lines, number, rng) for number, p in enumerate(doubling)]
    for player in chordal:
        low, high = max(player.low, 48), min(player.high, 72)
        tracks.append(_part(player, _chord_part(layers, "block", low, max(high, low + 12)), chords=True))
    for player in drummers:
        tracks.append(Track(_title(player), 0, True, _drum_part(layers, player)))
    return tracks


def _spread(players: Sequence[Instrument], count: int) -> list[Instrument]:
    """So many of the players, evenly from the highest to the lowest."""
    step = (len(players) - 1) / (count - 1)
    return [players[round(i * step)] for i in range(count)]


def _lines(layers: _Layers, count: int, *, pitched_bass: bool) -> list[list[Note]]:
    """The melody, ``count - 2`` inner lines from the top, and the bass."""
    if count == 0:
        return []
    if not pitched_bass:
        return [layers.melody]
    wanted = count - 2
    fullest = sorted(layers.inner, key=lambda line: -len(line))[:wanted]
    inner = sorted(fullest, key=lambda line: -sum(n.pitch for n in line) / len(line))
    missing = wanted - len(inner)
    if missing > 0 and layers.spans:
        sounding = [s for s in layers.spans if s.chord is not None]
        voicings = lead_voices([s.chord for s in sounding if s.chord], *_INNER, max(missing, 2))
        for voice in range(missing):
            inner.append(
                [
                    Note(s.start, (s.end - s.start) * 0.98, v[-1 - voice % len(v)], 66)
                    for s, v in zip(sounding, voicings, strict=True)
                ]
            )
    inner += [[] for _ in range(wanted - len(inner))]
    return [layers.melody, *inner, layers.bass]


def _title(player: Instrument) -> str:
    if player.name == "choir" and len(player.english) == 1:
        return player.english[0]
    return player.name[:1].upper() + player.name[1:]


def _part(player: Instrument, line: Sequence[Note], *, chords: bool = False) -> Track:
    """A line in a player's compass: moved as a whole by octaves first, then the notes that still lie beyond it."""
    notes = [n.copied() for n in line]
    if notes:
        middle = sorted(n.pitch for n in notes)[len(notes) // 2]
        shift = folded(middle, player.low, player.high) - middle
        for note in notes:
            note.pitch = folded(note.pitch + shift, player.low, player.high)
    return Track(_title(player), player.programs[0], notes=notes if chords else _one_at_a_time(notes))


def _one_at_a_time(notes: Sequence[Note]) -> list[Note]:
    """A line whose notes end where the next begins."""
    ordered = sorted(notes, key=lambda n: (n.start, -n.pitch))
    kept = [n for i, n in enumerate(ordered) if i == 0 or n.start - ordered[i - 1].start > 1e-3]
    for note, after in itertools.pairwise(kept):
        note.duration = min(note.duration, after.start - note.start)
    return kept


def _doubled(
    layers: _Layers, player: Instrument, lines: Sequence[Sequence[Note]], number: int, rng: random.Random
) -> Track:
    """A player beyond the core joins the line nearest to its compass, in some blocks of four bars and in the last."""
    centre = (player.low + player.high) / 2
    filled = [line for line in lines if line]
    line = min(filled, key=lambda notes: abs(sum(n.pitch for n in notes) / len(notes) - centre))
    blocks = (len(layers.bars) - 1) // _BLOCK + 1
    starts = [b.start for b in layers.bars]
    offset = rng.randrange(2)

    def joins(note: Note) -> bool:
        block = max(0, bisect_right(starts, note.start + 1e-6) - 1) // _BLOCK
        return block == blocks - 1 or (block + number + offset) % 2 == 0

    return _part(player, [n for n in line if joins(n)])


def _chord_part(layers: _Layers, texture: str, low: int, high: int) -> list[Note]:
    sounding = [s for s in layers.spans if s.chord is not None]
    voicings = lead_voices([s.chord for s in sounding if s.chord], low, high, 3)
    return accompany(sounding, voicings, layers.bars, [texture] * len(sounding), poly=True)


def _drum_part(layers: _Layers, player: Instrument) -> list[Note]:
    """The drums that there were, else a plain groove; a single drum plays its own keys of it."""
    notes = [n.copied() for n in layers.drums]
    if not notes:
        notes = [n for bar in layers.bars for n in groove_bar("pop", bar, 0.7)]
    return [n for n in notes if not player.notes or n.pitch in player.notes]


def _told_apart(tracks: list[Track]) -> list[Track]:
    names = [t.name for t in tracks]
    for index, track in enumerate(tracks):
        if names.count(names[index]) > 1:
            track.name = f"{names[index]} {names[: index + 1].count(names[index])}"
    return tracks
