"""Every editor at once, on random bars and tracks of real scores: outside of them nothing differs, to the tick."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from tools.errors import UserError
from tools.kit.score import read_midi

EDITS = {
    "transpose": ({"semitones": 5}, {"semitones": -11}, {"mode": "dorian"}),
    "quantize": ({"grid": "1/4"}, {"grid": "1/8 triplet", "strength": 0.6, "lengths": True}),
    "humanize": ({"strength": 1.0}, {"strength": 0.3}),
    "set_dynamics": ({"level": 0.9}, {"gain_db": -9}),
    "change_instrument": ({"instrument": "oboe"}, {"instrument": "tuba"}),
    "fix_ranges": ({},),
}


def notes_outside(score, names, start, end):
    """Exact notes in ticks that do not start in the range, and those of tracks that are not named."""
    ticks = score.ticks_per_quarter
    return {
        (t.name, i): sorted(
            (round(n.start * ticks), round(n.duration * ticks), n.pitch, n.velocity)
            for n in t.notes
            if t.name not in names or not start - 1e-6 <= n.start < end - 1e-6
        )
        for i, t in enumerate(score.tracks)
    }


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("piece", ["band", "chorale", "clash", "rag"])
@pytest.mark.parametrize("name", EDITS)
def test_nothing_outside_differs(call_tool, request, name, piece, seed):
    path = request.getfixturevalue(piece)
    before = read_midi(path)
    starts = before.bar_starts()
    rng = random.Random(f"{name} {piece} {seed}")
    first = rng.randint(1, len(starts))
    last = rng.randint(first, len(starts))
    pitched = [t.name for t in before.tracks if not t.is_drum and t.notes]
    names = rng.sample(pitched, rng.randint(1, len(pitched)))
    args = {"music": "a1", "from_bar": first, "to_bar": last, "tracks": names, **rng.choice(EDITS[name])}
    try:
        call = call_tool(name, args, attach=[path], seed=seed)
    except UserError as err:
        if "starts there" in err.msg:
            pytest.skip("no note of the tracks drawn starts in the bars drawn")
        raise
    after = read_midi(call.file("midi"))
    end = starts[last] if last < len(starts) else float("inf")
    was, now = (notes_outside(s, names, starts[first - 1], end) for s in (before, after))
    assert {k: v for k, v in now.items() if k in was and v} == {k: v for k, v in was.items() if v}
    assert (before.tempi, before.meters, before.markers) == (after.tempi, after.meters, after.markers)
    assert [(t.controls, t.bends) for t in after.tracks[: len(before.tracks)]] == [
        (t.controls, t.bends) for t in before.tracks
    ]
    assert set(call.data["bars_changed"]) <= set(range(first, last + 1))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("piece", ["band", "chorale"])
def test_a_tempo_of_some_bars_leaves_notes_and_the_other_bars_seconds(call_tool, request, piece, seed):
    path = request.getfixturevalue(piece)
    before = read_midi(path)
    starts = [*before.bar_starts(), before.end]
    rng = random.Random(seed)
    first = rng.randint(1, len(starts) - 1)
    last = rng.randint(first, len(starts) - 1)
    args = {"music": "a1", "from_bar": first, "to_bar": last, "factor": 1.5}
    after = read_midi(call_tool("change_tempo", args, attach=[path]).file("midi"))
    assert after.tracks == before.tracks
    for bar, (a, b) in enumerate(pairwise(starts), start=1):
        by = 1.5 if first <= bar <= last else 1.0
        was = before.seconds(b) - before.seconds(a)
        assert after.seconds(b) - after.seconds(a) == pytest.approx(was / by, abs=1e-4)
