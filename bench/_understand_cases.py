"""The cases of ``bench understand``: recordings, hummed lines and long pieces with known truth, by number and seed."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench._heard import Excerpt, Piece, composed, from_corpus, played, soundfonts
from bench._hum import hummed
from tools.kit.score import Score
from tools.kit.synth import load_soundfont
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import Key

Floats = NDArray[np.float64]
Line = tuple[NDArray[np.float32], Floats, Floats]  # sound at 22.05 kHz, pitch every 10 ms, notes [n, 3]
VOICE_RATE = 22050


def recordings(n: int, seed: int) -> Iterator[Excerpt]:
    """Half composed, half of the corpus, of which every other chorale has chords that analysts wrote down."""
    fonts = [load_soundfont(path) for path in soundfonts()]
    rng = random.Random(f"understand {seed}")
    kinds = [from_corpus(k, "test", seed) for k in ("chorale", "quartet", "dance", "song")]
    written = analysed(seed)
    for number in range(n):
        if number % 2:
            piece = composed(2 * (seed * 100_000 + number) + 1)
        elif number % 8 == 0:
            piece = next(written)
        else:
            piece = replace(next(kinds[number // 2 % 4]), chords=())  # chords found by us are no truth
        yield played(piece, rng.choice(fonts), random.Random(rng.getrandbits(32)))


def analysed(seed: int) -> Iterator[Piece]:
    """Bach chorales whose Roman numerals stand in the corpus, over and over, each time at another tempo."""
    import music21
    from music21 import converter, corpus

    from bench.analysis import _score

    rng = random.Random(f"analysed {seed}")
    known = corpus.chorales.ChoraleList().byRiemenschneider
    files = sorted((Path(music21.__file__).parent / "corpus" / "bach" / "choraleAnalyses").glob("*.rntxt"))
    while True:
        for path in rng.sample(files, len(files)):
            number = int(path.stem.removeprefix("riemenschneider"))
            if number not in known:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                score = _score(corpus.parse(f"bach/bwv{known[number]['bwv']}"))
                analysis = converter.parse(path)
            yield _with_numerals(score, analysis, rng)


def _with_numerals(score: Score, analysis: object, rng: random.Random) -> Piece:
    bpm, program = rng.uniform(56, 104), rng.choice((48, 52, 19, 0, 73, 71))
    score.tempi = [(0.0, bpm)]
    for track in score.tracks:
        track.program = program
    pickup = min(n.start for t in score.tracks for n in t.notes)
    chords, key = [], None
    for numeral in analysis.recurse().getElementsByClass("RomanNumeral"):  # type: ignore[attr-defined]
        start = float(numeral.getOffsetInHierarchy(analysis)) + pickup
        end = start + float(numeral.quarterLength)
        chords.append((score.seconds(start), score.seconds(end), _chord_of(numeral)))
        key = key or Key(numeral.key.tonic.pitchClass, numeral.key.mode)
    return Piece("chorale with numerals", "chorale", score, key, tuple(chords))


def _chord_of(numeral: object) -> Chord:
    root = numeral.root().pitchClass  # type: ignore[attr-defined]
    above = {(p.pitchClass - root) % 12 for p in numeral.pitches}  # type: ignore[attr-defined]
    quality = "dim" if {3, 6} <= above and 7 not in above else "m" if 3 in above else "aug" if {4, 8} <= above else ""
    return Chord(root, quality)


def long_pieces(n: int, seed: int) -> Iterator[Excerpt]:
    """Composed pieces of 70 seconds in sections."""
    fonts = [load_soundfont(path) for path in soundfonts()]
    for number in range(n):
        piece = composed(2 * (seed * 100_000 + number) + 900_001, length_s=70.0)
        yield played(piece, fonts[number % len(fonts)], random.Random(number), longest_s=72.0, wear=0.3)


def lines(n: int, seed: int) -> Iterator[Line]:
    """Folk songs as hummed, sung and whistled, at most 20 s each."""
    songs = from_corpus("song", "test", seed + 1)
    for number in range(n):
        score, rng = next(songs).score, random.Random(f"line {seed} {number}")
        notes: list[tuple[float, float, int]] = []
        for note in sorted(score.tracks[0].notes, key=lambda x: (x.start, -x.pitch)):
            start, end = score.seconds(note.start), score.seconds(note.end)
            if start > 19:
                break
            while notes and start < notes[-1][1]:
                begun, _, pitch = notes.pop()
                if start - begun > 0.08:
                    notes.append((begun, start, pitch))
            notes.append((start, min(end, 20.0), note.pitch - 12 if note.pitch > 74 else note.pitch))
        again = [i + 1 < len(notes) and notes[i + 1][2] == p for i, (_, _, p) in enumerate(notes)]
        notes = [(s, min(e, notes[i + 1][0] - 0.05) if again[i] else e, p) for i, (s, e, p) in enumerate(notes)]
        manner = rng.choice(("hum", "voice", "whistle"))
        up = 12 if manner == "whistle" else 0
        notes = [(s, max(e, s + 0.06), p + up) for s, e, p in notes]
        sound, hertz = hummed(notes, VOICE_RATE, rng, manner=manner)
        yield sound, hertz, np.array(notes, dtype=np.float64)


def recordings_of_notes(n: int, seed: int) -> Iterator[Excerpt]:
    """Recordings of 20 s for transcribers: every third played by a piano alone, without its drums."""
    fonts = [load_soundfont(path) for path in soundfonts()]
    rng = random.Random(f"notes {seed}")
    kinds = [from_corpus(k, "test", seed + 7) for k in ("chorale", "quartet", "song")]
    for number in range(n):
        piece = composed(2 * (seed * 100_000 + number) + 500_001) if number % 2 else next(kinds[number // 2 % 3])
        if number % 3 == 0:
            for track in piece.score.tracks:
                track.program = 0
            piece.score.tracks = [t for t in piece.score.tracks if not t.is_drum] or piece.score.tracks
        yield played(piece, rng.choice(fonts), random.Random(rng.getrandbits(32)), longest_s=20.0, wear=0.3)
