"""Notes read from bytes as arrays are those of the score that the event by event reader gives."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from tools.errors import UserError
from tools.kit.score import read_midi
from tools.kit.score.midi_scan import scan
from tools.kit.score.note_table import NoteTable, read_table, table_of

MEDIA = sorted((Path(__file__).parents[3] / "goldens" / "metrics" / "media").glob("*.mid"))
READ_BY_EVENT = {"edge-hanging-note", "edge-program-change"}
HEAD = b"MThd\0\0\0\6\0\1\0\1\x01\xe0MTrk"


def assert_same(found: NoteTable, expected: NoteTable) -> None:
    """Every array and map alike; track numbers may differ in the tracks without notes that they count."""
    for name in ("start", "end", "pitch", "velocity", "is_drum"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name
    parts = [np.unique(table.track, return_inverse=True)[1] for table in (found, expected)]
    assert np.array_equal(*parts)
    for name in ("last_control", "tempi", "meters", "keys", "ticks_per_quarter"):
        assert getattr(found, name) == getattr(expected, name), name


def midi(events: bytes, path: Path) -> Path:
    """A file of one track of these events at 480 ticks a quarter."""
    body = events + b"\0\xff\x2f\0"
    path.write_bytes(HEAD + len(body).to_bytes(4, "big") + body)
    return path


@pytest.mark.parametrize("path", MEDIA, ids=lambda p: p.stem)
def test_a_file_has_the_notes_of_its_score(path: Path) -> None:
    assert_same(read_table(path), table_of(read_midi(path)))


def test_nearly_all_files_are_read_without_going_event_by_event() -> None:
    assert {p.stem for p in MEDIA if scan(p.read_bytes()) is None} == READ_BY_EVENT


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_file_is_refused_or_mended_as_its_score_is(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    small = [p for p in MEDIA if p.stat().st_size < 3000]
    path = tmp_path / "odd.mid"
    for _ in range(150):
        data = bytearray(rng.choice(small).read_bytes())
        for _ in range(rng.choice((1, 1, 2))):
            at = rng.randrange(len(data))
            data[at] = rng.choice((rng.randrange(256), data[at] ^ 0x80, data[at] ^ 1, 0, 0x90, 0xC0))
        path.write_bytes(data)
        try:
            expected = table_of(read_midi(path))
        except UserError:
            with pytest.raises(UserError):
                read_table(path)
        else:
            assert_same(read_table(path), expected)


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("running status", b"\0\x90\x3c\x50\0\x40\x50\x83\x60\x3c\0\0\x40\0"),
        ("running status of a program", b"\0\xc0\x05\0\x06\0\x90\x3c\x50\x60\x3c\0"),
        ("running status after a meta event", b"\0\x90\x3c\x50\0\xff\x01\x01a\x60\x3c\0"),
        ("a note-off before its note-on", b"\0\x80\x3c\0\0\x90\x3c\x50\x60\x90\x40\x50\x60\x80\x40\0"),
        ("a long time before a note", b"\x82\x80\x80\0\x90\x3c\x50\x60\x80\x3c\0"),
        ("a note held twice", b"\0\x90\x3c\x50\x10\x90\x3c\x40\x20\x80\x3c\0\x40\x80\x3c\0"),
        ("system exclusive", b"\0\xf0\x03\x01\x02\xf7\0\x90\x3c\x50\x60\x80\x3c\0"),
        ("two channels in turn", b"\0\x91\x3c\x50\0\x90\x40\x50\x60\x81\x3c\0\0\x80\x40\0\0\x91\x3e\x50\x10\x81\x3e\0"),
    ],
)
def test_odd_orders_of_events_are_read_alike(name: str, events: bytes, tmp_path: Path) -> None:
    path = midi(events, tmp_path / "odd.mid")
    try:
        expected = table_of(read_midi(path))
    except UserError:
        with pytest.raises(UserError):
            read_table(path)
    else:
        assert_same(read_table(path), expected)
