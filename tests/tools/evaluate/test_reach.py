"""Every declared metric is had from a tool at the place that the docs name, or is said to be the library's alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tools.backends import audio_embedding, clap
from tools.evaluate._reach import LIBRARY_ONLY, place, places
from tools.kit.audio import write_wav
from tools.kit.measured import Listener
from tools.kit.metrics.mir import TASKS
from tools.kit.metrics.registry import metrics
from tools.kit.score import Note, Score, Track, read_midi, write_midi

MEDIA = Path(__file__).parents[2] / "goldens" / "metrics" / "media"
RATE = 22050
ANNOTATIONS: dict[str, Any] = {
    "beat": [5.0 + n / 2 for n in range(20)],
    "onset": [0.5, 1.0, 1.7],
    "alignment": [0.5, 1.0, 1.7],
    "tempo": [120.0],
    "key": {"key": "C major"},
    "chord": [{"start": 0, "end": 2, "label": "C"}, {"start": 2, "end": 4, "label": "Am7"}],
    "segment": [{"start": 0, "end": 2, "label": "A"}, {"start": 2, "end": 4, "label": "B"}],
    "melody": {"time": [0.0, 0.1, 0.2], "frequency": [440.0, 440.0, 0.0]},
    "multipitch": {"time": [0.0, 0.1], "frequencies": [[440.0, 660.0], [440.0]]},
    "transcription": [{"start": 0, "end": 1, "pitch": 60}, {"start": 1, "end": 2, "pitch": 64}],
    "transcription_velocity": [
        {"start": 0, "end": 1, "pitch": 60, "velocity": 70},
        {"start": 1, "end": 2, "pitch": 64, "velocity": 90},
    ],
    "hierarchy": [[[[0, 4], [4, 8]], [[0, 2], [2, 4], [4, 6], [6, 8]]], [["A", "B"], ["a", "b", "a", "c"]]],
    "pattern": [[[[0.0, 60], [1.0, 62]], [[4.0, 60], [5.0, 62]]]],
}
HEAR = """
import numpy as np

def hear(path):
    rows = np.arange(24.0).reshape(12, 2) + len(path.name)
    return {"embedding:codec": rows, "tokens:codec": np.arange(8.0)}
"""


def found_in(data: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Every value at a path of names, ``*`` standing for any."""
    if not path:
        yield data
    elif isinstance(data, list):
        for one in data:
            yield from found_in(one, path[1:] if path[0] == "*" else path)
    elif isinstance(data, dict):
        for name, value in data.items():
            if fnmatchcase(name, path[0]):
                yield from found_in(value, path[1:])


def sound(path: Path, hz: float, seed: int, seconds: float = 4.0) -> Path:
    time = np.arange(round(RATE * seconds)) / RATE
    wave = 0.3 * np.sin(2 * np.pi * hz * time) * np.exp(-8 * (time % 0.5))
    noise = np.random.default_rng(seed).normal(0, 0.01, len(time))
    write_wav(path, (wave + noise)[:, None].astype(np.float32), RATE)
    return path


def tune(path: Path, shift: int) -> Path:
    track = Track("Piano", 0)
    track.notes += [Note(n / 2, 0.5, 60 + (n * n + shift) % 13, 60 + n % 5) for n in range(32)]
    write_midi(Score(tracks=[track], tempi=[(0.0, 120.0)]), path)
    return path


@pytest.fixture
def given(call_tool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_film: Any) -> dict[str, list[Any]]:
    """Tool and root to everything that the tools gave, on one or two real inputs each."""
    made: dict[str, list[Any]] = {"data": [], "report.json": []}

    def call(tool: str, args: dict[str, Any], *attach: Path) -> None:
        result = call_tool(tool, args, attach=list(attach))
        made["data"].append((tool, result.data))
        for report in (a.file for a in result.artifacts if a.media_type == "application/json"):
            made["report.json"].append((tool, json.loads(report.read_text())))

    _pieces(call, tmp_path, monkeypatch, make_film)
    _sets(call, tmp_path, monkeypatch)
    _annotations(call, tmp_path)
    return made


def _pieces(call: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, make_film: Any) -> None:
    chorale, drums, wave = MEDIA / "bach-bwv269.mid", MEDIA / "edge-drums-only.mid", sound(folder / "a.wav", 220, 1)
    shots = [np.full((48, 64, 3), level, np.uint8) for level in (20, 200, 90) for _ in range(25)]
    film = make_film("film.mp4", shots)
    whole = {"music": "a1", "reference": "a1", "prompt": "calm piano music", "video": "a2"}
    call("score_music", whole, chorale, film)
    call("score_music", {"music": "a3"}, drums)
    monkeypatch.setattr(audio_embedding, "lacking", lambda *_: None)
    monkeypatch.setattr(clap, "load", lambda _: type("Ear", (), {"score": lambda self, samples, text: 0.25})())
    heard = {"music": "a4", "prompt": "a calm tone", "weights": str(folder)}
    call("score_music", heard, wave)
    monkeypatch.undo()
    brief = {
        "tempo_bpm": 120, "meter": "3/4", "chords": ["G", "D"], "instruments": ["piano"], "exclude": ["drums"],
        "bars": 20, "duration_s": 40, "valence": 0.3, "arousal": 0.2, "hit_points_s": [1.0, 2.0],
    }  # fmt: skip
    call("compare", {"items": ["a1", "a5"], "brief": brief | {"key": "G major"}}, MEDIA / "bach-bwv66.6.mid")
    call("compare", {"items": ["a1", "a5"], "brief": brief | {"mode": "major"}})
    _checks(call, folder, brief)


def _checks(call: Any, folder: Path, brief: dict[str, Any]) -> None:
    """A chorale, a recording and a film against everything that a check measures."""
    curve = [{"at": 0, "level": 0.2}, {"at": 1, "level": 0.9}]
    more = {"form": "AB", "sections": ["verse", "chorus"], "loop": True, "dynamics": curve, "mood": "calm"}
    call("check", {"midi": "a1", "audio": "a4", "brief": brief | more | {"key": "G major"}})
    call("check", {"midi": "a1", "brief": {"key": "C whole tone"}})
    marked = read_midi(MEDIA / "bach-bwv269.mid")
    marked.markers = [(0.0, "Verse"), (24.0, "Chorus")]
    write_midi(marked, folder / "marked.mid")
    call("check", {"midi": "a6", "brief": {"sections": ["verse", "chorus"]}}, folder / "marked.mid")
    call("check", {"video": "a7", "brief": {"fit_picture": True}}, film_with_sound(folder / "sounding.mp4"))


def film_with_sound(path: Path) -> Path:
    """Two seconds of grey with a tone."""
    with av.open(str(path), "w") as out:
        video, audio = out.add_stream("mpeg4", rate=25), out.add_stream("aac", rate=RATE, layout="mono")
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        for _ in range(50):
            out.mux(video.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")))
        out.mux(video.encode(None))
        tone = 0.3 * np.sin(np.arange(2 * RATE) * 0.06)[None].astype(np.float32)
        block = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
        block.sample_rate, block.pts = RATE, 0
        out.mux(audio.encode(block))
        out.mux(audio.encode(None))
    return path


def _sets(call: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, first in (("ours", 0), ("theirs", 3)):
        (folder / name).mkdir()
        for number in range(10):
            sound(folder / name / f"{number}.wav", 180 + 40 * number + first, number + first)
        for number in range(4):
            tune(folder / name / f"{number}.mid", number + first)
    both = {"folder": str(folder / "ours"), "reference": str(folder / "theirs")}
    call("score_set", both | {"embedding": "musicnn-msd"})
    (folder / "stand_in_codec.py").write_text(HEAR)
    monkeypatch.syspath_prepend(str(folder))
    from stand_in_codec import hear  # type: ignore[import-not-found]

    monkeypatch.setattr(audio_embedding, "listener", lambda *_: Listener(hear, None))
    call("score_set", both)


def _annotations(call: Any, folder: Path) -> None:
    for task in TASKS:
        here = folder / task
        here.mkdir()
        if task == "separation":
            for number in range(2):
                sound(here / f"{number}.wav", 220 * (1 + number), number, 0.5)
        else:
            (here / "song.json").write_text(json.dumps(ANNOTATIONS[task]))
        call("score_set", {"task": task, "folder": str(here), "reference": str(here)})


def test_every_metric_has_a_place_or_a_reason() -> None:
    assert set(places()) | set(LIBRARY_ONLY) == set(metrics())
    assert not set(places()) & set(LIBRARY_ONLY)
    assert set(LIBRARY_ONLY) == {
        "attribute_density", "attribute_range", "caption_loss", "imagebind_rank", "imsm", "mulan_cycle_consistency",
        "retrieval_rank",
    }  # fmt: skip
    assert all(LIBRARY_ONLY.values())


def test_the_tools_give_every_metric_where_the_docs_say(given: dict[str, list[Any]]) -> None:
    """What people say is tested where listening tests are."""
    absent = {}
    for name, metric in metrics().items():
        there = place(metric)
        if there is None or metric.family == "people":
            continue
        values = [v for tool, data in given[there.root] if tool == there.tool for v in found_in(data, there.path)]
        if all(v is None or (isinstance(v, dict) and v.get("mean") is None) for v in values):
            absent[name] = f"{there}: {values[:3]}"
    assert not absent, absent
