"""The inner voices of an ensemble of lines: led together, in the style's textures, with a phrase of rest at times."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from tools.compose.engine.orchestration import Player
from tools.compose.engine.ornament import varied
from tools.compose.engine.partwriting import MOST_LINES, Frame, lead_inner
from tools.compose.engine.piece import Piece, folded_into, size_of_chords, texture_names, voicings_of
from tools.compose.engine.rhythm import divisions
from tools.compose.engine.textures import figure
from tools.kit.score import Note

_RESTS = 0.45  # share of the phrases in which one of several lines rests


def inner_voices(
    piece: Piece, lines: Sequence[Player], basses: Sequence[int], lead: Sequence[Note], under: Sequence[Note]
) -> list[list[Note]]:
    """One-line players share the chord: each leads a voice of it; one alone breaks several."""
    if not lines:
        return []
    parts: list[list[Note]] = [[] for _ in lines]
    order = sorted(range(len(lines)), key=lambda i: lines[i].low + lines[i].high)
    if len(lines) > 1:
        frames = _frames(piece, basses, lead, under)
        led = min(len(order), MOST_LINES)
        groups = [k * led // len(order) for k in range(len(order))]  # which voice each line plays, low to high
        ranges = [(lines[i].low, lines[i].high) for i in (order[groups.index(g)] for g in range(led))]
        ways = lead_inner(frames, ranges, (piece.key.tonic + 11) % 12)
        dealt = [
            _completed([way[g] for g in groups], f) if piece.strict else [(way[g],) for g in groups]
            for way, f in zip(ways, frames, strict=True)
        ]
    else:
        dealt = [[tuple(v)] for v in voicings_of(piece, 52, 74, size_of_chords(piece), basses)]
    names = line_textures(piece)
    tacet = _resting(piece, len(lines)) if names and piece.style.flow else {}
    for number, (span, shares) in enumerate(zip(piece.spans, dealt, strict=True)):
        if span.chord is None:
            continue
        bar = piece.grid.bars[span.bar]
        for index, share in zip(order, shares, strict=True):
            if index in tacet.get(span.bar, ()):
                continue
            pitches = [folded_into(v, lines[index].low, lines[index].high) for v in share]
            if names and len(pitches) == 1:
                parts[index] += figure(names[number], span, bar, pitches[0], order.index(index), piece.strict)
                continue
            inside = [p for p in divisions(bar.meter, 1) if span.start - 1e-6 <= bar.start + p < span.end - 1e-6]
            pulses = max(len(pitches), len(inside) if piece.energies[span.bar] > 0.62 else 1)
            step = (span.end - span.start) / pulses
            parts[index] += [
                Note(span.start + k * step, step * 0.96, pitches[k % len(pitches)], 72) for k in range(pulses)
            ]
    for index in order:
        others = [lead, under, *(p for i, p in enumerate(parts) if i != index)]
        parts[index] = flowing(piece, parts[index], f"inner {index}", others)
    return parts


def flowing(piece: Piece, part: list[Note], name: str, others: Sequence[Sequence[Note]]) -> list[Note]:
    """A line with passing and neighbour notes, as often as the style lets it flow; the melody only fills its thirds."""
    if not piece.style.flow or piece.strict or not part:
        return part
    starts = [s.start for s in piece.spans]
    chords = piece.chords
    under = [chords[max(0, bisect.bisect_right(starts, n.start + 1e-6) - 1)] for n in part]
    rng = piece.rng(f"flow {name}")
    return varied(part, under, piece.key, piece.style.flow, rng, neighbours=name != "melody", others=others)


def line_textures(piece: Piece) -> list[str]:
    """The texture of each span for lines that must carry the accompaniment; empty where a player of chords does."""
    if any(p.role == "harmony" or p.is_drum or (p.covers and p.role != "inner") for p in piece.players):
        return []
    return texture_names(piece, 0)


def _resting(piece: Piece, lines: int) -> dict[int, set[int]]:
    """Lines that rest in a bar: now and then one for a phrase, as in chamber music; nobody where chords are given.

    Neither the first nor the last phrase, nor those of great energy, and the same where material comes again.
    """
    rng = piece.rng("rests")
    found: dict[int, set[int]] = {}
    drawn: dict[tuple[str, int], int | None] = {}
    for phrase in piece.form.phrases:
        if phrase.opens_piece or phrase.cadence == "final" or piece.strict:
            continue
        slot = (phrase.letter, phrase.index)
        if slot not in drawn:
            drawn[slot] = rng.randrange(lines) if rng.random() < _RESTS else None
        line = drawn[slot]
        for bar in range(phrase.start, phrase.end):
            if line is not None and piece.energies[bar] < 0.8:
                found[bar] = {line}
    return found


def _completed(voices: Sequence[int], frame: Frame) -> list[tuple[int, ...]]:
    """What each line plays in turn, so that every tone of a given chord sounds: its own voice, and a missing tone."""
    missing = set(frame.chord.pitch_classes()) - {frame.bass % 12, *(v % 12 for v in voices)}
    shares: list[tuple[int, ...]] = [(v,) for v in voices]
    for number, tone in enumerate(sorted(missing)):
        line = number % len(voices)
        above = voices[line] + (tone - voices[line]) % 12
        shares[line] = (*shares[line], above if above - voices[line] <= 6 else above - 12)
    return shares


def _frames(piece: Piece, basses: Sequence[int], lead: Sequence[Note], under: Sequence[Note]) -> list[Frame]:
    """What bass and melody do at the start and the end of each chord."""
    starts, ends = [s.start for s in piece.spans], [s.end - 0.12 for s in piece.spans]
    tops, last_tops, last_basses = _sounding_at(lead, starts), _sounding_at(lead, ends), _sounding_at(under, ends)
    return [Frame(*row) for row in zip(piece.chords, basses, tops, last_basses, last_tops, strict=True)]


def _sounding_at(line: Sequence[Note], places: Sequence[float]) -> list[int | None]:
    """Pitch of a line at each of some ascending places, None where it rests."""
    notes = sorted(line, key=lambda n: (n.start, n.pitch))
    found: list[int | None] = []
    at = 0
    for place in places:
        while at + 1 < len(notes) and notes[at + 1].start <= place + 0.05:
            at += 1
        sounds = notes and notes[at].start <= place + 0.05 and notes[at].end > place - 0.25
        found.append(notes[at].pitch if sounds else None)
    return found
