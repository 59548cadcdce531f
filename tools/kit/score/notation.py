"""Scores in any notation as the one score model: MIDI directly; JSON; MusicXML, ABC and kern by way of music21."""

from __future__ import annotations

import io
import json
import re
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

from tools.contract import Artifact
from tools.errors import UserError
from tools.kit.score import MOST_BARS, Bend, Control, Note, Raw, Score, Track, read_midi
from tools.kit.score.from_abc import read_abc
from tools.kit.score.from_music21 import score_of
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

_LARGEST = 200 << 20  # bytes of a document inside a compressed file


def read_notation(artifact: Artifact) -> Score:
    """The score of a MIDI file, or of MusicXML, ABC, kern and JSON (``UserError`` names what cannot be read)."""
    return read_midi(artifact.file) if artifact.kind == "midi" else read_score(artifact.file)


def read_score(path: Path) -> Score:
    """The score in a file of notation or JSON."""
    try:
        score = _from_json(path) if path.suffix.lower() == ".json" else _by_music21(path)
    except Exception as err:  # music21 raises whatever a damaged file makes it stumble over
        first = str(err).splitlines()[0] if str(err) else type(err).__name__
        msg = f"{path.name} cannot be read as a score ({first[:200]}); export it again as MusicXML or MIDI."
        raise UserError(msg) from err
    if score.end / min(m.bar_quarters for _, m in score.meters) > MOST_BARS:
        raise UserError(f"{path.name} would have more than {MOST_BARS} bars; export it again.")
    return score


def _by_music21(path: Path) -> Score:
    from music21 import converter

    with warnings.catch_warnings(action="ignore"):  # music21 warns of every voice tag it has to guess
        if path.suffix.lower() != ".abc":
            return score_of(converter.parse(path, forceSource=True), _drum_keys(path))
        first, more = _first_tune(path.read_text(encoding="utf-8", errors="replace"))
        score = read_abc(first)
        score.faults += (f"{more} more tunes in the file; the first one was read",) if more else ()
        return score


def _drum_keys(path: Path) -> list[list[int]]:
    """For each part of a MusicXML file the MIDI keys of its unpitched notes, in the order of the file."""
    if path.suffix.lower() not in (".xml", ".musicxml", ".mxl"):
        return []
    text = _document(path)
    if b"<!ENTITY" in text:
        raise ValueError("it defines XML entities, which MusicXML has no use for")
    document = ElementTree.fromstring(text)  # noqa: S314 -- entities are refused above, nothing is fetched
    keys = {
        player.get("id"): int(player.findtext("midi-unpitched") or 0) - 1
        for player in document.iter("midi-instrument")
        if (player.findtext("midi-unpitched") or "").strip().isdigit()
    }
    parts = []
    for part in document.iter("part"):
        named = [n.find("instrument") for n in part.iter("note") if n.find("unpitched") is not None]
        parts.append([keys[n.get("id")] for n in named if n is not None and n.get("id") in keys])
    return parts


def _document(path: Path) -> bytes:
    """The MusicXML document in a file, compressed or not."""
    if path.suffix.lower() != ".mxl":
        return path.read_bytes()
    with ZipFile(path) as archive:
        names = [n for n in archive.namelist() if not n.startswith("META-INF") and n.endswith(("xml", "musicxml"))]
        inside = archive.getinfo(names[0])
        if inside.file_size > _LARGEST:
            raise ValueError(f"its document would be {inside.file_size >> 20} MB")
        return archive.read(inside)


def _first_tune(text: str) -> tuple[str, int]:
    """The first tune of an ABC file with the lines before it, and how many more there are."""
    starts = [m.start() for m in re.finditer(r"^X:", text, re.MULTILINE)]
    return (text[: starts[1]], len(starts) - 1) if len(starts) > 1 else (text, 0)


def as_json(score: Score) -> dict[str, Any]:
    """The score model as plain JSON, whole; times and lengths in quarters, raw events in hexadecimal."""
    return {
        "title": score.title,
        "ticks_per_quarter": score.ticks_per_quarter,
        "tempi": [[t, bpm] for t, bpm in score.tempi],
        "meters": [[t, str(m)] for t, m in score.meters],
        "keys": [[t, str(k)] for t, k in score.keys],
        "markers": [[t, m] for t, m in score.markers],
        "raw": [[r.time, r.data.hex()] for r in score.raw],
        "tracks": [
            {
                "name": t.name,
                "program": t.program,
                "is_drum": t.is_drum,
                "channel": t.channel,
                "notes": [_note(n) for n in t.notes],
                "controls": [[c.time, c.number, c.value] for c in t.controls],
                "bends": [[b.time, b.value] for b in t.bends],
                "lyrics": [[at, text] for at, text in t.lyrics],
                "dynamics": [[at, mark] for at, mark in t.dynamics],
                "raw": [[r.time, r.data.hex()] for r in t.raw],
            }
            for t in score.tracks
        ],
    }


def as_kern(musicxml: str) -> str:
    """A MusicXML document as Humdrum kern, by converter21."""
    from converter21.humdrum import HumdrumWriter
    from music21 import converter

    out = io.StringIO()
    with warnings.catch_warnings(action="ignore"):  # music21 warns of every voice tag it has to guess
        HumdrumWriter(converter.parse(musicxml, format="musicxml")).write(out)
    return out.getvalue()


def _note(note: Note) -> list[Any]:
    """A note's start, length, pitch and velocity, and what notation says of it when it says anything."""
    said = {k: v for k, v in asdict(note).items() if k in ("spelling", "voice", "marks") and v}
    plain: list[Any] = [note.start, note.duration, note.pitch, note.velocity]
    return [*plain, said] if said else plain


def _note_of(start: float, length: float, pitch: int, velocity: int, said: dict[str, Any] | None = None) -> Note:
    more = said or {}
    spelling, voice, marks = str(more.get("spelling", "")), int(more.get("voice", 0)), tuple(more.get("marks", ()))
    return Note(float(start), float(length), int(pitch), int(velocity), spelling, voice, marks)


def _from_json(path: Path) -> Score:
    data = json.loads(path.read_text(encoding="utf-8"))
    return Score(
        tracks=[_track(t) for t in data["tracks"]],
        tempi=[(float(t), float(bpm)) for t, bpm in data["tempi"]],
        meters=[(float(t), Meter.parse(m)) for t, m in data["meters"]],
        keys=[(float(t), Key.parse(k)) for t, k in data["keys"]],
        markers=[(float(t), str(m)) for t, m in data["markers"]],
        title=str(data.get("title", "")),
        ticks_per_quarter=int(data.get("ticks_per_quarter", 480)),
        raw=[Raw(float(t), bytes.fromhex(h)) for t, h in data.get("raw", [])],
    )


def _track(data: dict[str, Any]) -> Track:
    notes = [_note_of(*row) for row in data["notes"]]
    if any(not (0 <= n.pitch <= 127 and 1 <= n.velocity <= 127 and n.duration > 0 and n.start >= 0) for n in notes):
        raise ValueError("a note lies outside pitch 0 to 127, velocity 1 to 127 or before the start")
    return Track(
        str(data["name"]),
        int(data["program"]) % 128,
        is_drum=bool(data["is_drum"]),
        notes=notes,
        controls=[Control(float(t), int(n) % 128, int(v) % 128) for t, n, v in data["controls"]],
        bends=[Bend(float(t), int(v)) for t, v in data["bends"]],
        channel=data.get("channel"),
        lyrics=[(float(t), str(x)) for t, x in data.get("lyrics", [])],
        dynamics=[(float(t), str(x)) for t, x in data.get("dynamics", [])],
        raw=[Raw(float(t), bytes.fromhex(h)) for t, h in data.get("raw", [])],
    )
