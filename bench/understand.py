"""What the hearing tools hear, beside the truth and beside plain peers, in one run.

Recordings are pieces of the corpus and of our composer, none of which the ears were trained on, played by every
SoundFont that is installed and worn as recordings are (tuning, room, noise, MP3, late start); hummed lines are folk
songs with vibrato, scoops, glides and drift. Truth is what the scores say; of chords, what our composer wrote and what
analysts wrote under Bach's chorales. Marks are mir_eval's. ``SCOREWRIGHT_PEERS`` names a Python in which librosa and
basic-pitch are installed, for the peers' column; music21 is always there.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from bench import _understand_cases as cases
from bench import _understand_marks as marks
from bench._heard import RATE, Excerpt
from tools.kit.audio import write_wav
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import Key

ASKED = {
    "tempo, accuracy 1": 0.85, "tempo, accuracy 2": 0.95, "beat F": 0.90, "downbeat F": 0.75,
    "key of sound, MIREX": 0.85, "key of notes, MIREX": 0.92, "chords of sound, majmin": 0.75,
    "chords of notes, majmin": 0.90, "sections, F at 3 s": 0.60, "notes of a piano, onset F": 0.93,
    "notes of all else, onset F": 0.70, "hummed melody, note F": 0.85, "hummed melody, overall accuracy": 0.90,
    "families of instruments, macro F": 0.70, "beats, key, chords and players, x real time": 20.0,
    "notes, x real time": 10.0,
}  # fmt: skip
Marks = dict[str, list[float]]


class Sheet:
    """Marks of ours and of peers, by measure; and the jobs that peers are given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ours: Marks = defaultdict(list)
        self.peers: Marks = defaultdict(list)
        self.jobs: list[dict[str, str]] = []
        self.checks: list[Any] = []

    def ask_peers(self, samples: Any, rate: int, what: str, check: Any) -> None:
        """Write a WAV for the peers; ``check`` takes what they heard and adds their marks."""
        name = f"{len(self.jobs):04d}.wav"
        write_wav(self.folder / name, np.clip(samples, -1, 1)[:, None], rate)
        self.jobs.append({"file": name, "what": what})
        self.checks.append(check)

    def hear_peers(self, python: str | None) -> None:
        """Run them, when there is an interpreter for them."""
        if python is None:
            return
        (self.folder / "jobs.json").write_text(json.dumps(self.jobs))
        script = Path(__file__).with_name("_peers.py")
        subprocess.run(
            [python, str(script), str(self.folder)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        heard = json.loads((self.folder / "peers.json").read_text())
        for job, check in zip(self.jobs, self.checks, strict=True):
            check(heard[job["file"]])


def _add(to: Marks, name: str, value: float | None) -> None:
    if value is not None:
        to[name].append(value)


def hear_recordings(sheet: Sheet, n: int, seed: int) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Tempo, beats, key, chords and players of ``n`` recordings; and what was heard of players, with the truth."""
    from tools.hear._sound import facts_of_recording

    players = []
    for excerpt in cases.recordings(n, seed):
        started = time.perf_counter()
        facts = facts_of_recording(excerpt.samples[:, None], RATE)
        sheet.ours["beats, key, chords and players, x real time"].append(
            len(excerpt.samples) / RATE / (time.perf_counter() - started)
        )
        key = Key.parse(facts["key"]) if facts["key"] else None
        chords = [(c["start_s"], c["end_s"], _chord(c["label"])) for c in facts["chords"]]
        _mark_whole(
            sheet.ours, excerpt, facts["tempo_bpm"], facts.get("beats_s", []), facts.get("downbeats_s", []), key, chords
        )
        _mark_notes_facts(sheet, excerpt)
        players.append((frozenset(facts["instruments"]), excerpt.truth.families))

        def check(heard: dict[str, Any], excerpt: Excerpt = excerpt) -> None:
            spans = [(s, e, Chord(c % 12, "m" if c >= 12 else "")) for s, e, c in heard["chords"]]
            found = Key(heard["key"] % 12, "minor" if heard["key"] >= 12 else "major")
            per_bar = int(excerpt.truth.meter.split("/")[0]) if excerpt.truth.meter.endswith("/4") else 4
            _mark_whole(sheet.peers, excerpt, heard["tempo"], heard["beats"], heard["beats"][::per_bar], found, spans)
            sheet.peers["beats, key, chords and players, x real time"].append(
                len(excerpt.samples) / RATE / max(heard["seconds"], 1e-6)
            )

        sheet.ask_peers(excerpt.samples, RATE, "whole", check)
    return players


def _chord(label: str) -> Chord | None:
    return None if label == "N.C." else Chord.parse(label)


def _mark_whole(
    to: Marks, excerpt: Excerpt, tempo: float | None, beats: Any, downbeats: Any, key: Key | None, chords: Any
) -> None:
    truth = excerpt.truth
    first, second = marks.tempo_marks(tempo, truth.tempo_bpm)
    _add(to, "tempo, accuracy 1", first)
    _add(to, "tempo, accuracy 2", second)
    _add(to, "beat F", marks.beat_f(beats, truth.beats_s))
    _add(to, "downbeat F", marks.beat_f(downbeats, truth.downbeats_s))
    if truth.key is not None:
        _add(to, "key of sound, MIREX", marks.key_mark(key, truth.key))
    if truth.chords:
        _add(to, "chords of sound, majmin", marks.chord_mark(chords, truth.chords))


def _mark_notes_facts(sheet: Sheet, excerpt: Excerpt) -> None:
    """Key and chords of the score itself, ours beside music21's."""
    from tools.kit.analysis.harmony import chord_sequence
    from tools.kit.analysis.key import rank_note_keys
    from tools.kit.analysis.notes import notes_of, phrase_starts

    piece = excerpt.piece
    if piece.key is not None:
        found = rank_note_keys(notes_of(piece.score), phrase_starts_q=phrase_starts(piece.score))
        _add(sheet.ours, "key of notes, MIREX", marks.key_mark(found[0].key if found else None, piece.key))
        _add(sheet.peers, "key of notes, MIREX", marks.key_mark(_music21_key(piece.score), piece.key))
    if piece.chords:
        seconds = piece.score.seconds
        heard = [(seconds(r.start_q), seconds(r.end_q), r.chord) for r in chord_sequence(piece.score)]
        _add(sheet.ours, "chords of notes, majmin", marks.chord_mark(heard, piece.chords))


def _music21_key(score: Any) -> Key | None:
    from music21 import note, stream

    line = stream.Stream()
    for track in score.tracks:
        for n in track.notes if not track.is_drum else ():
            made = note.Note(n.pitch)
            made.quarterLength = max(n.duration, 0.05)
            line.insert(n.start, made)
    if not len(line):
        return None
    found = line.analyze("key")
    return Key(found.tonic.pitchClass, found.mode)


def hear_sections(sheet: Sheet, n: int, seed: int) -> None:
    """Section boundaries of long pieces."""
    from tools.hear._sound import facts_of_recording

    for excerpt in cases.long_pieces(n, seed):
        length = len(excerpt.samples) / RATE
        truth = [start for start, _, _ in excerpt.truth.sections]
        facts = facts_of_recording(excerpt.samples[:, None], RATE)
        _add(
            sheet.ours, "sections, F at 3 s", marks.boundary_f([s["start_s"] for s in facts["sections"]], truth, length)
        )

        def check(heard: dict[str, Any], truth: list[float] = truth, length: float = length) -> None:
            _add(sheet.peers, "sections, F at 3 s", marks.boundary_f(heard["cuts"], truth, length))

        sheet.ask_peers(excerpt.samples, RATE, "whole", check)


def hear_notes(sheet: Sheet, n: int, seed: int) -> None:
    """Notes of recordings, every third of them of a piano."""
    from tools.backends.note_activity import FRAME_S, LOWEST, note_activity
    from tools.kit.analysis.polyphony import notes_from_activity

    for number, excerpt in enumerate(cases.recordings_of_notes(n, seed)):
        name = "notes of a piano, onset F" if number % 3 == 0 else "notes of all else, onset F"
        started = time.perf_counter()
        activity = note_activity(excerpt.samples / max(float(np.abs(excerpt.samples).max()), 1e-9))
        found = notes_from_activity(activity.onset, activity.sounding, FRAME_S)
        sheet.ours["notes, x real time"].append(len(excerpt.samples) / RATE / (time.perf_counter() - started))
        rows = [(k.start_s, k.end_s, k.key + LOWEST) for k in found]
        _add(sheet.ours, name, marks.note_f(rows, excerpt.truth.notes))

        def check(heard: dict[str, Any], excerpt: Excerpt = excerpt, name: str = name) -> None:
            _add(sheet.peers, name, marks.note_f(heard["notes"], excerpt.truth.notes))
            sheet.peers["notes, x real time"].append(len(excerpt.samples) / RATE / max(heard["seconds"], 1e-6))

        sheet.ask_peers(excerpt.samples, RATE, "notes", check)


def hear_lines(sheet: Sheet, n: int, seed: int) -> None:
    """Notes and pitch of hummed lines; the whole line may stand a semitone off, as its tuning does."""
    from scipy import signal

    from tools.backends import f0
    from tools.kit.analysis.singing import sung_notes

    for sound, hertz, notes in cases.lines(n, seed):
        times = np.arange(len(hertz)) * 0.01
        track = f0.track_pitch(signal.resample_poly(sound, 320, 441).astype(np.float32))
        sung, _ = sung_notes(track.pitch, track.voicing, track.level_db, f0.FRAME_S)
        rows = [(s.start_s, s.end_s, s.pitch) for s in sung]
        at = track.times_s
        voiced: Any = np.where(track.voicing >= 0.5, 440 * 2 ** ((track.pitch - 69) / 12), 0.0)
        _add(sheet.ours, "hummed melody, note F", _moved(rows, notes))
        accuracy = marks.voice_accuracy(at, voiced, np.asarray(times, dtype=np.float64), hertz)
        _add(sheet.ours, "hummed melody, overall accuracy", accuracy)

        def check(heard: dict[str, Any], notes: Any = notes, times: Any = times, hertz: Any = hertz) -> None:
            _add(sheet.peers, "hummed melody, note F", _moved(heard["notes"], notes))
            pitch = np.array(heard["f0"])
            at = np.arange(len(pitch)) * 512 / 22050
            _add(sheet.peers, "hummed melody, overall accuracy", marks.voice_accuracy(at, pitch, times, hertz))

        sheet.ask_peers(sound, cases.VOICE_RATE, "voice", check)


def _moved(rows: Any, truth: Any) -> float:
    table = np.asarray(rows, dtype=np.float64).reshape(-1, 3)
    return max(marks.note_f(table + np.array([0, 0, shift]), truth) for shift in (-1, 0, 1))


def run(n: int = 40, seed: int = 0) -> str:
    """``n`` recordings, ``n // 2`` for notes, ``n // 2`` hummed lines and ``n // 4`` long pieces; a Markdown report."""
    from tools.backends.ears import FAMILIES

    started = time.perf_counter()
    python = os.environ.get("SCOREWRIGHT_PEERS")
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # music21's remarks on its own corpus, mir_eval's on empty estimates
        sheet = Sheet(Path(folder))
        players = hear_recordings(sheet, n, seed)
        found, real = zip(*players, strict=True)
        sheet.ours["families of instruments, macro F"] = [marks.macro_f(found, real, FAMILIES)]
        hear_notes(sheet, max(n // 2, 3), seed)
        hear_lines(sheet, max(n // 2, 2), seed)
        hear_sections(sheet, max(n // 4, 2), seed)
        sheet.hear_peers(python)
    return _report(sheet, n, seed, time.perf_counter() - started, python)


def _report(sheet: Sheet, n: int, seed: int, seconds: float, python: str | None) -> str:
    lines = [
        f"# Understanding music, n {n}, seed {seed}",
        "",
        "| measure | ours | asked | peer | cases |",
        "|---|---|---|---|---|",
    ]
    for name, asked in ASKED.items():
        ours, peer = sheet.ours.get(name, []), sheet.peers.get(name, [])
        unit = "{:.0f}" if "real time" in name else "{:.3f}"
        middle = np.median if "real time" in name else np.mean
        said = unit.format(float(middle(peer))) if peer else "none" if python else "not run"
        lines.append(f"| {name} | {unit.format(float(middle(ours)))} | {asked:g} | {said} | {len(ours)} |")
    return "\n".join([*lines, "", f"{seconds:.0f} s.", ""])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(run(chosen.n, chosen.seed))
