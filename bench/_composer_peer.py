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

from bench._composer_corpus import Excerpt, Style
from bench._composer_sets import LONGEST, written
from bench._environment import interpreter
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
