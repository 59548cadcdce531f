"""apply_effects: each effect does to the sound what its name says, and nothing to length or loudness."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pyloudnorm
import pytest
import soundfile

from tools.mix._effects import EFFECTS
from tools.mix.apply_effects import Name


def _bands(samples: np.ndarray, rate: int) -> tuple[float, float, float]:
    """Shares of the power under 250 Hz, from there to 4 kHz, and above."""
    power = np.square(np.abs(np.fft.rfft(samples.mean(axis=1))))
    hertz = np.fft.rfftfreq(len(samples), 1 / rate)
    total = power.sum()
    return tuple(float(power[m].sum() / total) for m in (hertz < 250, (hertz >= 250) & (hertz < 4000), hertz >= 4000))


@pytest.fixture
def dry_and_wet(call_tool, recording, heard):
    def run(effect: str, strength: float = 0.7, **kind):
        path = recording(**kind)
        args = {"audio": "a1", "effects": [effect], "strength": strength}
        samples, rate = heard(call_tool("apply_effects", args, attach=[path]))
        return soundfile.read(path, always_2d=True)[0], samples, rate

    return run


def test_every_name_has_an_effect():
    assert {*EFFECTS, "fade_in", "fade_out"} == set(get_args(Name))


@pytest.mark.parametrize("effect", list(EFFECTS))
@pytest.mark.parametrize("channels", [1, 2])
def test_length_and_loudness_are_kept_and_the_sound_is_not(dry_and_wet, effect, channels):
    dry, wet, rate = dry_and_wet(effect, channels=channels)
    assert len(wet) == len(dry)
    meter = pyloudnorm.Meter(rate)
    assert meter.integrated_loudness(wet) == pytest.approx(meter.integrated_loudness(dry), abs=0.6)
    if wet.shape == dry.shape:
        assert np.abs(wet - dry).max() > 0.01


@pytest.mark.parametrize(
    ("effect", "band", "more"),
    [
        ("warmer", 0, True),
        ("warmer", 2, False),
        ("brighter", 2, True),
        ("bassier", 0, True),
        ("muffled", 2, False),
        ("thinner", 0, False),
        ("radio", 0, False),
        ("radio", 2, False),
    ],
)
def test_tone_moves_the_way_the_word_says(dry_and_wet, effect, band, more):
    noise = 0.1 * np.random.default_rng(0).standard_normal((88200, 2))
    dry, wet, rate = dry_and_wet(effect, samples=noise)
    before, after = (share / (1 - share) for share in (_bands(dry, rate)[band], _bands(wet, rate)[band]))
    assert after > 1.3 * before if more else after < before / 1.3


@pytest.mark.parametrize("effect", ["reverb", "echo"])
def test_sound_goes_on_after_it_stopped(dry_and_wet, effect):
    burst = np.zeros((44100 * 2, 2))
    burst[4410:8820] = 0.5 * np.sin(np.arange(4410) * 0.1)[:, None]
    _, wet, rate = dry_and_wet(effect, samples=burst)
    assert np.square(wet[round(0.4 * rate) : round(1.0 * rate)]).mean() > 1e-6


def test_wider_widens_and_compressed_evens_out(dry_and_wet):
    dry, wet, _ = dry_and_wet("wider", samples=0.1 * np.random.default_rng(0).standard_normal((88200, 2)))
    side = [np.square(s[:, 0] - s[:, 1]).sum() / np.square(s.sum(axis=1)).sum() for s in (dry, wet)]
    assert side[1] > 2 * side[0]
    swell = np.linspace(0.05, 0.8, 176400) * np.sin(np.arange(176400) * 0.05)
    dry, wet, rate = dry_and_wet("compressed", strength=1.0, samples=swell[:, None])
    contrast = [np.square(s[-rate:]).mean() / np.square(s[rate : 2 * rate]).mean() for s in (dry, wet)]
    assert contrast[1] < 0.5 * contrast[0]


def test_fades_begin_and_end_in_silence(call_tool, recording, heard):
    args = {"audio": "a1", "effects": ["fade_in", "fade_out"], "fade_s": 1.0}
    samples, rate = heard(call_tool("apply_effects", args, attach=[recording()]))
    assert np.abs(samples[:5]).max() < 1e-3
    assert np.abs(samples[-5:]).max() < 1e-3
    assert np.square(samples[rate : 3 * rate]).mean() > 1e-3


def test_effects_chain_and_strength_scales(call_tool, recording):
    path = recording()
    both = call_tool("apply_effects", {"audio": "a1", "effects": ["warmer", "reverb"]}, attach=[path])
    assert both.data["effects"] == ["warmer", "reverb"]
    weak = call_tool("apply_effects", {"audio": "a1", "effects": ["muffled"], "strength": 0.1})
    strong = call_tool("apply_effects", {"audio": "a1", "effects": ["muffled"], "strength": 1.0})
    shares = [_bands(*soundfile.read(c.file("audio"), always_2d=True))[2] for c in (weak, strong)]
    assert shares[1] < shares[0] / 2
