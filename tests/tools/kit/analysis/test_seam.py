"""The join of real renders: loops pass wherever they start; gaps, clicks, cuts and fades do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import soundfile

from tools.contract import ToolSettings
from tools.kit import synth
from tools.kit.analysis.seam import Seam, loop_seam
from tools.kit.score import read_midi

GENRES = {
    "bossa nova": {"tempo_bpm": 132, "instruments": ["flute", "guitar"], "chords": ["Am7", "D7", "Gmaj7", "Cmaj7"]},
    "string quartet": {"tempo_bpm": 96, "instruments": ["violin", "viola", "cello"]},
}


@pytest.fixture(params=list(GENRES))
def render(request: pytest.FixtureRequest, call_tool: Callable[..., Any]) -> Callable[[bool], tuple[np.ndarray, int]]:
    """A loop of eight bars, rendered as a loop or not."""
    made = call_tool("compose", {"genre": request.param, "bars": 8, "loop": True, **GENRES[request.param]})

    def rendered(loop: bool) -> tuple[np.ndarray, int]:
        path = call_tool("render_audio", {"music": made.artifacts[0].id, "loop": loop}).file("audio")
        return soundfile.read(path, dtype="float32")

    return rendered


def seam_of(samples: np.ndarray, rate: int) -> Seam:
    found = loop_seam(samples, rate)
    assert found is not None
    return found


def test_a_rendered_loop_is_smooth_wherever_it_starts(render: Any) -> None:
    samples, rate = render(True)
    starts = np.random.default_rng(0).integers(0, len(samples), 8).tolist()
    for start in (0, *starts):
        assert seam_of(np.roll(samples, -start, axis=0), rate).faults == (), start


def test_the_same_render_that_ends_in_a_fade_is_heard_to_end(render: Any) -> None:
    samples, rate = render(False)
    assert any("fade" in fault for fault in seam_of(samples, rate).faults)


def test_silence_added_to_a_loop_is_a_gap(render: Any) -> None:
    samples, rate = render(True)
    longer = np.concatenate([samples, np.zeros((rate // 5, 2), np.float32)])
    seam = seam_of(longer, rate)
    assert seam.gap_s == pytest.approx(0.2, abs=0.01)
    assert any("gap" in fault for fault in seam.faults)


@pytest.mark.parametrize("at", [0, -1])
def test_one_wrong_sample_at_the_join_is_a_click(render: Any, at: int) -> None:
    samples, rate = render(True)
    samples[at] += 0.3 * np.abs(samples).max()
    assert any("click" in fault for fault in seam_of(samples, rate).faults)


@pytest.mark.parametrize("seconds", [0.06, 1.0, 3.0])
def test_a_fade_out_is_heard_however_long(render: Any, seconds: float) -> None:
    samples, rate = render(True)
    count = round(seconds * rate)
    samples[-count:] *= np.linspace(1, 0, count, dtype=np.float32)[:, None]
    assert not seam_of(samples, rate).is_smooth


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_tail_cut_off_at_the_last_barline_is_heard_and_one_that_flows_over_is_not(call_tool: Any, seed: int) -> None:
    made = call_tool("compose", {**GENRES["string quartet"], "bars": 8, "loop": True}, seed=seed)
    score = read_midi(made.file("midi"))
    sound = synth.synthesise_mix(score, synth.load_soundfont(ToolSettings().soundfont))
    count = round(score.seconds(score.bar_starts()[-1] + score.meters[-1][1].bar_quarters) * synth.RATE)
    cut, tail = sound[:count], sound[count : 2 * count]
    whole = cut.copy()
    whole[: len(tail)] += tail
    assert seam_of(whole, synth.RATE).faults == ()
    assert any("cut off" in fault or "click" in fault for fault in seam_of(cut, synth.RATE).faults)
