"""Tracks and the MIDI channel they share: what is set there belongs to all of them, wherever it is written."""

from __future__ import annotations

from collections import defaultdict

from tools.kit.score import Bend, Control, Score, Track
from tools.kit.score.midi import channels_of
from tools.kit.score.model import PROGRAM_CHANGE


def controls_heard(score: Score, track: Track) -> list[Control]:
    """The controllers set on a track's channel by whichever track, in order."""
    found = {(c.time, c.number, c.value): c for t in _sharing(score, track) for c in t.controls}
    return sorted(found.values(), key=lambda c: c.time)


def bends_heard(score: Score, track: Track) -> list[Bend]:
    """The pitch bends on a track's channel by whichever track, in order."""
    found = {(b.time, b.value): b for t in _sharing(score, track) for b in t.bends}
    return sorted(found.values(), key=lambda b: b.time)


def leave_channel(score: Score, track: Track) -> None:
    """Take a track off a channel on which another sound is played; what was set there is set for both from then on."""
    others = [t for t in _sharing(score, track) if t is not track and t.notes]
    if all(t.program == track.program for t in others):
        return
    controls, bends = controls_heard(score, track), bends_heard(score, track)
    for staying in (track, others[0]):
        staying.controls, staying.bends = list(controls), list(bends)
    track.raw = [r for r in track.raw if r.data[0] != PROGRAM_CHANGE]
    track.origin = track.channel = None


def crowded(score: Score, tracks: list[Track]) -> int:
    """How many of some tracks find no channel of their own when the score is written, and share another sound's."""
    channels = channels_of(score.tracks)
    sounds: dict[int, set[int]] = defaultdict(set)
    for track, channel in zip(score.tracks, channels, strict=True):
        sounds[channel] |= {track.program} if track.notes else set()
    meant = {id(t) for t in tracks}
    return sum(id(t) in meant and len(sounds[c]) > 1 for t, c in zip(score.tracks, channels, strict=True))


def _sharing(score: Score, track: Track) -> list[Track]:
    """A track and those of its channel."""
    return [t for t in score.tracks if t is track or (track.channel is not None and t.channel == track.channel)]
