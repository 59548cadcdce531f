"""The sets that ``bench composer`` holds against real music: ours on the same terms, and two baselines fitted on it.

Ours has the meter, key and number of bars of a real piece, whole, and is cut to the same bars; it is measured as it is
engraved, on note values, like the real one. The baselines have as many parts as the real pieces: notes at random from
the training half's pitches and lengths, and a first-order Markov chain over its pitches and over its lengths.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise

from bench._composer_corpus import MOST_BARS, Excerpt, Style, window
from tools.brief import MusicFields
from tools.compose.engine.composer import compose_score
from tools.compose.engine.request import read_wish
from tools.kit.score import Note, Score, Track
from tools.kit.score.legible import legible
from tools.kit.theory.pitch import Key

LONGEST = 2 * MOST_BARS  # bars composed for an excerpt of a movement of any length


def ours(style: Style, like: Sequence[Excerpt], seed: int) -> list[Score]:
    """For each real excerpt one of our own in its meter and key, cut from a piece as long as the real one."""
    made = []
    for number, real in enumerate(like):
        meter, key = real.score.meters[0][1], real.score.keys[0][1]
        bars = min(max(real.whole_bars, real.first_bar + real.bars), LONGEST)
        fields = MusicFields(bars=bars, meter=str(meter), key=str(key), tempo_bpm=100, **style.request)
        score = compose_score(read_wish(fields, None, None, None), seed * 1000 + number).score
        made.append(written(score, real))
    return [m for m in made if m is not None]


def written(score: Score, real: Excerpt) -> Score | None:
    """A performed score as it would be engraved, cut to the bars of a real excerpt; None when nothing sounds there."""
    meter = score.meters[0][1]
    begin = real.first_bar * meter.bar_quarters
    tidy = legible(score).score
    return window(tidy, begin, begin + real.score.end, meter)


def at_random(like: Sequence[Score], training: Sequence[Score], seed: int) -> list[Score]:
    """Pitches and lengths of the training pieces' parts, transposed to each key, each drawn by itself."""
    return _baseline(like, training, seed, order=0)


def markov(like: Sequence[Score], training: Sequence[Score], seed: int) -> list[Score]:
    """Each part a first-order Markov chain over pitches relative to the tonic, and one over lengths."""
    return _baseline(like, training, seed, order=1)


def _baseline(like: Sequence[Score], training: Sequence[Score], seed: int, order: int) -> list[Score]:
    count = len(like[0].tracks)
    pitches = [_chain(training, part, _pitches, order) for part in range(count)]
    lengths = [_chain(training, part, _lengths, order) for part in range(count)]
    made = []
    for number, score in enumerate(like):
        rng = random.Random(f"{seed} {order} {number}")
        tonic = score.keys[0][1].tonic
        tracks = [_part(pitches[part], lengths[part], score, part, tonic, rng) for part in range(count)]
        made.append(Score(tracks, list(score.tempi), list(score.meters), list(score.keys)))
    return made


def _pitches(track: Track, key: Key) -> list[float]:
    return [n.pitch - (key.tonic + 6) % 12 for n in sorted(track.notes, key=lambda n: n.start)]


def _lengths(track: Track, key: Key) -> list[float]:
    return [round(n.duration, 4) for n in sorted(track.notes, key=lambda n: n.start)]


Chain = dict[tuple[float, ...], list[float]]


def _chain(training: Sequence[Score], part: int, what: Callable[[Track, Key], list[float]], order: int) -> Chain:
    """What follows each state, as often as it does; the empty state holds all values."""
    follows: Chain = defaultdict(list)
    for score in training:
        values = what(score.tracks[part], score.keys[0][1])
        follows[()] += values
        if order:
            for before, after in pairwise(values):
                follows[(before,)].append(after)
    return follows


def _part(pitches: Chain, lengths: Chain, like: Score, part: int, tonic: int, rng: random.Random) -> Track:
    """One part of a baseline, as long as the piece."""
    track, at = Track(like.tracks[part].name, like.tracks[part].program), 0.0
    last_pitch: tuple[float, ...] = ()
    last_length: tuple[float, ...] = ()
    while at < like.end - 1e-6:
        pitch = rng.choice(pitches.get(last_pitch) or pitches[()])
        length = rng.choice(lengths.get(last_length) or lengths[()])
        track.notes.append(Note(at, min(length, like.end - at), int(pitch) + (tonic + 6) % 12, 80))
        at += length
        last_pitch, last_length = (pitch,), (length,)
    return track
