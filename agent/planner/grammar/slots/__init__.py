"""The rooms that read a request, one a topic, in the order in which they read.

A word is read once, so the order decides what an ambiguous one means: a range of bars before a length in bars,
"no strings attached" before instruments, chords before keys, accents in time before times.
"""

from __future__ import annotations

from collections.abc import Callable

from agent.planner.grammar.reading import Reading
from agent.planner.grammar.slots import (
    chords,
    deliverables,
    delivery,
    duration,
    dynamics,
    feel,
    form,
    genre,
    hits,
    instruments,
    intervals,
    key,
    meter,
    mood,
    parts,
    picture,
    ranges,
    refused,
    sound,
    tempo,
    text,
    tidy,
)

ROOMS: tuple[Callable[[Reading], None], ...] = (
    text.read,
    hits.read,
    delivery.read_licence,
    deliverables.read,
    refused.read,
    sound.read,
    picture.read,
    chords.read,
    form.read,
    dynamics.read_by_bar,
    ranges.read,
    intervals.read,
    parts.read,
    meter.read,
    feel.read,
    tempo.read,
    duration.read,
    key.read,
    chords.read_numerals,
    delivery.read,
    instruments.read,
    dynamics.read,
    genre.read,
    mood.read,
    text.read_references,
    tidy.read,
)
