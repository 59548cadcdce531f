"""Make the MIDI files that the symbolic goldens are measured on.

Thirty-six pieces of music21's corpus by composers long dead (chorales, madrigals, masses, fiddle tunes, a rag,
quartets, songs), written at six resolutions, and the edge cases a reader of MIDI meets. It runs in the project's
own environment; the goldens are then made by ``make_symbolic.py`` in an environment of the reference packages.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path

import mido

ROOT = Path(__file__).resolve().parents[3]
MEDIA = Path(__file__).parent / "media"
RESOLUTIONS = (480, 220, 96, 1024, 384, 24)
PIECES: tuple[tuple[str, int | None], ...] = (
    *((f"bach/bwv{n}", None) for n in ("66.6", "1.6", "113.8", "269", "377", "244.3", "846", "10.7", "101.7")),
    ("monteverdi/madrigal.3.1", None),
    ("monteverdi/madrigal.3.10", None),
    ("palestrina/Agnus_00", None),
    ("palestrina/Agnus_01", None),
    ("palestrina/Agnus", None),
    ("ryansMammoth/7thRegimentReel", None),
    ("ryansMammoth/42dHighlandRegimentStrathspey", None),
    ("ryansMammoth/AWillieWeHaveMissdYouStrathspey", None),
    *(("airdsAirs/book1", number) for number in (1, 5, 12, 20)),
    *(("oneills1850/0001-0050", number) for number in (2, 33)),
    ("ciconia/quod_jactatur", None),
    ("trecento/Fava_Dicant_nunc_iudei", None),
    ("trecento/PMFC_01-Lugentium siccentur", None),
    ("joplin/maple_leaf_rag", None),
    ("schumann_clara/polonaise_op1n1", None),
    ("schumann_robert/dichterliebe_no2", None),
    ("schubert/Lindenbaum", None),
    ("liliuokalani/aloha_oe", None),
    ("verdi/laDonnaEMobile", None),
    ("haydn/opus1no1/movement2", None),
    ("corelli/opus3no1/1grave", None),
    ("mozart/k155/movement2", None),
    ("weber/concertino_clarinet", None),
)


def main() -> None:
    """Write every file, and say how large they are together."""
    MEDIA.mkdir(exist_ok=True)
    for index, (name, number) in enumerate(PIECES):
        _piece(name, number, RESOLUTIONS[index % len(RESOLUTIONS)])
    for name, midi in _edge_cases().items():
        midi.save(MEDIA / f"edge-{name}.mid")
    _chords()
    sizes = [p.stat().st_size for p in MEDIA.glob("*.mid")]
    sys.stderr.write(f"{len(sizes)} files, {sum(sizes) / 1e6:.2f} MB\n")


def _piece(name: str, number: int | None, resolution: int) -> None:
    """Export one piece at a resolution; the first three keep music21's own file, 10,080 ticks a beat."""
    import music21

    sys.path.insert(0, str(ROOT))
    from tools.kit.score import read_midi, write_midi

    stream = music21.corpus.parse(name, number=number) if number else music21.corpus.parse(name)
    label = f"{name.replace('/', '-').replace(' ', '-').lower()}{'' if number is None else f'-{number}'}"
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.mid"
        stream.write("midi", raw)
        if name in ("bach/bwv66.6", "airdsAirs/book1", "palestrina/Agnus"):
            (MEDIA / f"{label}.mid").write_bytes(raw.read_bytes())
            return
        score = read_midi(raw)
    score.ticks_per_quarter = resolution
    for track in score.tracks:
        track.notes = _struck_once(track.notes, resolution)
    write_midi(score, MEDIA / f"{label}.mid")


def _chords() -> None:
    """Write the chords recognised in each piece, on which progressions are counted."""
    from tools.kit.analysis.harmony import chord_sequence
    from tools.kit.score import read_midi

    found = {}
    for path in sorted(MEDIA.glob("*.mid")):
        if not path.name.startswith("edge-"):
            recognised = chord_sequence(read_midi(path))
            found[path.name] = [str(f.chord) for f in recognised if f.chord is not None]
    (MEDIA / "chords.json").write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")


def _struck_once(notes: list, resolution: int) -> list:
    """The notes, each ended where its pitch is struck again: readers of MIDI differ on a pitch that is held twice."""
    kept, held = [], {}
    for note in sorted(notes, key=lambda n: (n.start, n.pitch, -n.duration)):
        start, end = round(note.start * resolution), round(note.end * resolution)
        before = held.get(note.pitch)
        if end <= start or (before and round(before.start * resolution) == start):
            continue
        if before and round(before.end * resolution) > start:
            before.duration = start / resolution - before.start
        held[note.pitch] = note
        kept.append(note)
    return kept


def _file(*tracks: list[tuple[int, mido.Message | mido.MetaMessage]], ticks: int = 480) -> mido.MidiFile:
    """A file of tracks of (absolute tick, message)."""
    midi = mido.MidiFile(ticks_per_beat=ticks)
    for events in tracks:
        track, now = mido.MidiTrack(), 0
        for tick, message in sorted(events, key=lambda e: e[0]):
            track.append(message.copy(time=tick - now))
            now = tick
        midi.tracks.append(track)
    return midi


def _notes(rows: list[tuple[int, int, int]], channel: int = 0, velocity: int = 80) -> list:
    """Messages of notes (start tick, end tick, pitch), note-offs before note-ons at one tick."""
    offs = [(end, mido.Message("note_off", channel=channel, note=pitch, velocity=0)) for _, end, pitch in rows]
    ons = [(start, mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)) for start, _, pitch in rows]
    return offs + ons


def _meter(numerator: int, denominator: int, tick: int = 0) -> tuple[int, mido.MetaMessage]:
    return tick, mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator)


def _tempo(bpm: float, tick: int = 0) -> tuple[int, mido.MetaMessage]:
    return tick, mido.MetaMessage("set_tempo", tempo=round(6e7 / bpm))


def _edge_cases() -> dict[str, mido.MidiFile]:
    scale = (60, 62, 64, 65, 67, 69, 71, 72)
    line = [(i * 240, i * 240 + 240, scale[i % 8]) for i in range(32)]
    sevens = [(i * 240, i * 240 + 200, scale[(i * 3) % 8]) for i in range(42)]
    drums = [(i * 240, i * 240 + 60, (36, 42, 38, 42)[i % 4]) for i in range(48)] + [(120, 180, 46), (2000, 2060, 49)]
    overlap = [(0, 960, 60), (480, 1440, 60), (480, 720, 64), (720, 2400, 67), (1200, 1680, 60), (1440, 1500, 72)]
    rng = random.Random(7)
    human = []
    for i in range(60):
        start = max(0, i * 110 + rng.randint(-9, 9))
        human += [(start, start + rng.randint(20, 210), p) for p in rng.sample(range(48, 80), rng.randint(1, 4))]
    pedal = [(at, mido.Message("control_change", control=64, value=value)) for at, value in ((0, 127), (1920, 0))]
    late = [(9600, mido.Message("control_change", control=7, value=90))]
    struck = (600, mido.Message("note_on", note=66, velocity=70))
    quiet = _notes(line[:16], velocity=20)
    loud = _notes([(a + 3840, b + 3840, p + 1) for a, b, p in line[:16]], velocity=120)
    triplets = _notes([(i * 160, i * 160 + 160, scale[i % 5]) for i in range(54)])
    swap = [(3000, mido.Message("program_change", program=40))]
    return {
        "empty": _file([_tempo(120), _meter(4, 4)]),
        "only-controls": _file([_tempo(120)], [(960, mido.Message("control_change", control=7, value=90))]),
        "one-note": _file([_tempo(100), _meter(4, 4)], _notes([(0, 480, 61)])),
        "one-short-note": _file([_tempo(100)], _notes([(0, 10, 61)])),
        "drums-only": _file([_tempo(120), _meter(4, 4)], _notes(drums, channel=9)),
        "no-tempo": _file(_notes(line)),
        "type-0": _with_type_0(_file([_tempo(90), _meter(4, 4), *_notes(line), *_notes([(0, 3840, 48)], channel=1)])),
        "seven-eight": _file([_tempo(140), _meter(7, 8)], _notes(sevens), _notes([(0, 1680, 48), (1680, 3360, 43)], 1)),
        "three-eight": _file([_tempo(140), _meter(3, 8)], _notes(sevens)),
        "overlaps": _file([_tempo(120), _meter(3, 4)], _notes(overlap)),
        "zero-length": _file([_tempo(120)], [*_notes(line[:8]), struck, (600, mido.Message("note_off", note=66))]),
        "hanging-note": _file([_tempo(120)], [*_notes(line[:8]), struck]),
        "pedal": _file([_tempo(120), _meter(4, 4)], [*_notes(line), *pedal]),
        "late-control": _file([_tempo(120), _meter(4, 4)], [*_notes(line), *late]),
        "program-change": _file([_tempo(120), _meter(4, 4)], [*_notes(line), *swap]),
        "tempo-changes": _file([_tempo(120), _tempo(60, 1920), _tempo(133.3, 4000), _meter(4, 4)], _notes(line)),
        "meter-changes": _file([_tempo(120), _meter(4, 4), _meter(3, 4, 1920)], _notes(line)),
        "pickup-rest": _file([_tempo(96), _meter(4, 4)], _notes([(a + 8640, b + 8640, p) for a, b, p in line])),
        "human-220": _file([_tempo(112), _meter(4, 4)], _notes(human), _notes(drums, channel=9), ticks=220),
        "triplets": _file([_tempo(120), _meter(6, 8)], triplets),
        "velocities": _file([_tempo(120), _meter(4, 4)], [*quiet, *loud]),
    }


def _with_type_0(midi: mido.MidiFile) -> mido.MidiFile:
    midi.type = 0
    return midi


if __name__ == "__main__":
    main()
