"""``ark-audio-agent``'s offline composer beside ours: the same requests in words, in an environment of its own.

Its offline brain reads a text for the mood and a direction for key, tempo and length; meters and instruments it chooses
itself. Only its MIDI is taken (its synthesizer is skipped), and where a style has one part, its lead line alone.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench._briefs import random_brief
from bench._composer_corpus import Excerpt, Style
from bench._composer_sets import LONGEST, written
from bench._environment import interpreter
from bench._fidelity_measures import MEASURES, NEEDS_SOUND
from bench._fidelity_piece import Piece
from tools.errors import UserError
from tools.kit.score import Score, read_midi

PEER = "ark-audio-agent==0.1.11"
_WORKER = """
import json, sys
from ark_audio_agent import orchestrator
orchestrator.render_audio = lambda *given, **named: None
from ark_audio_agent import compose
for text, direction, seed, folder in json.load(sys.stdin):
    compose(text, folder, direction=direction, seed=seed, offline=True, auto_reference=False, make_mp3=False)
"""


def peers(style: Style, like: Sequence[Excerpt], seed: int) -> list[Score]:
    """For each real excerpt a piece of the peer's in its key and length, cut to the same bars."""
    asked = []
    for real in like:
        meter, key = real.score.meters[0][1], real.score.keys[0][1]
        bars = min(max(real.whole_bars, real.first_bar + real.bars), LONGEST)
        seconds = round(bars * meter.bar_quarters * 0.6)
        asked.append((style.words, f"in {key}, 100 bpm, {seconds} seconds long"))
    made = []
    for score, real in zip(composed(asked, seed), like, strict=True):
        if style.parts == 1:
            score.tracks = [t for t in score.tracks if t.name == "lead"] or score.tracks[:1]
        made.append(written(score, real))
    return [m for m in made if m is not None]


def composed(asked: Sequence[tuple[str, str]], seed: int) -> list[Score]:
    """The peer's scores for pairs of text and direction."""
    with tempfile.TemporaryDirectory() as folder:
        return [read_midi(path) for path in midi_files(asked, seed, Path(folder))]


def fidelity(n: int, seed: int) -> list[str]:
    """Share of each constraint of random Briefs that the peer's MIDI meets, by the measures of ``bench fidelity``.

    Its direction is told key, tempo, length and sections in the words it documents; the rest stands in the text.
    """
    briefs = [random_brief(seed, number) for number in range(n)]
    met: dict[str, list[bool]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for brief, path in zip(briefs, midi_files([told(b) for b in briefs], seed, Path(folder)), strict=True):
            piece = Piece(path)
            for name in brief.keys() & MEASURES.keys() - NEEDS_SOUND:
                met.setdefault(name, []).append(bool(MEASURES[name](brief[name], piece)))
    lines = ["| constraint | Briefs | met by the peer |", "|---|---|---|"]
    return [*lines, *(f"| {name} | {len(v)} | {sum(v) / len(v):.2f} |" for name, v in sorted(met.items()))]


def told(brief: dict[str, Any]) -> tuple[str, str]:
    """A Brief as text and direction."""
    players = ", ".join(brief.get("instruments", ()))
    text = f"a piece of {brief.get('genre', 'music')}" + (f" for {players}" if players else "")
    text += f", without {', '.join(brief['exclude'])}" if "exclude" in brief else ""
    words = [f"in {brief['key']}"] if "key" in brief else []
    words += [f"{brief['mode']} key"] if "mode" in brief else []
    tempo = brief.get("tempo_bpm")
    bpm = (tempo["min"] + tempo["max"]) // 2 if isinstance(tempo, dict) else tempo
    words += [f"{bpm} bpm"] if bpm else []
    words += [f"in {brief['meter']}"] if "meter" in brief else []
    words += [f"{brief['duration_s']:g} seconds long"] if "duration_s" in brief else []
    words += [f"{brief['bars']} bars long"] if "bars" in brief else []
    words += [f"chords {' '.join(brief['chords'])}"] if "chords" in brief else []
    return text, ", ".join([*words, *brief.get("sections", ())])


def midi_files(asked: Sequence[tuple[str, str]], seed: int, folder: Path) -> list[Path]:
    """The peer's MIDI files for pairs of text and direction, written under a folder.

    Raises
    ------
    UserError
        When its environment cannot be made or it fails.
    """
    rows: list[list[Any]] = [[*pair, seed * 1000 + k, str(folder / str(k))] for k, pair in enumerate(asked)]
    python = interpreter(PEER.replace("==", "-"), [PEER], "ARK_PYTHON")
    done = subprocess.run([python, "-c", _WORKER], input=json.dumps(rows), capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"{PEER} failed: {done.stderr.strip().splitlines()[-1]}")
    return [folder / str(k) / "song.mid" for k in range(len(rows))]
