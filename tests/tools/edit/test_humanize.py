"""humanize: small, correlated, seeded; pitches and the number of notes stay."""

from __future__ import annotations

import numpy as np
import pytest

from tools.errors import UserError


def shifts_ms(before, after):
    """Starts later than before, in milliseconds, note by note of every track."""
    return [
        np.array(
            [
                1000 * (after.seconds(b.start) - before.seconds(a.start))
                for a, b in zip(
                    sorted(old.notes, key=lambda n: (n.pitch, n.start)),
                    sorted(new.notes, key=lambda n: (n.pitch, n.start)),
                    strict=True,
                )
            ]
        )
        for old, new in zip(before.tracks, after.tracks, strict=True)
    ]


def test_starts_move_a_little_and_not_all_alike(edit, chorale):
    before, after, call = edit("humanize", chorale, strength=1)
    late = np.concatenate(shifts_ms(before, after))
    assert 5 < np.abs(late).mean() < 25
    assert np.abs(late).max() < 80
    assert late.std() > 5
    assert call.data["shift_ms"] == pytest.approx(np.abs(late).mean(), abs=1)


def test_strength_scales_it(edit, chorale):
    little = edit("humanize", chorale, strength=0.2)[2].data["shift_ms"]
    much = edit("humanize", chorale, strength=1)[2].data["shift_ms"]
    assert 3.5 < much / little < 6.5


def test_the_seed_decides(call_tool, chorale):
    def made(seed):
        return call_tool("humanize", {"music": "a1"}, attach=[chorale], seed=seed).file("midi").read_bytes()

    assert made(1) == made(1) != made(2)


def test_pitches_and_counts_stay_and_velocities_stay_playable(edit, band):
    before, after, _ = edit("humanize", band, strength=1)
    for old, new in zip(before.tracks, after.tracks, strict=True):
        assert sorted(n.pitch for n in new.notes) == sorted(n.pitch for n in old.notes)
        assert all(1 <= n.velocity <= 127 and n.duration > 0 and n.start >= 0 for n in new.notes)
    assert (before.tempi, before.meters, before.keys, before.markers) == (
        after.tempi,
        after.meters,
        after.keys,
        after.markers,
    )


def test_nothing_to_do_is_said(edit, chorale):
    with pytest.raises(UserError, match="strength 0 changes nothing"):
        edit("humanize", chorale, strength=0)
