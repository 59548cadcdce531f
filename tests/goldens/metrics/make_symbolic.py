"""Make ``symbolic.json``: what the reference packages say of the files in ``media``.

    python -m venv /tmp/reference
    /tmp/reference/bin/pip install -r tests/goldens/metrics/symbolic-requirements.txt
    /tmp/reference/bin/pip install --no-deps libfmp==1.3.0
    /tmp/reference/bin/python tests/goldens/metrics/make_symbolic.py

Nothing of this project is imported, and none of it is vectorised: plain loops, so that it can be read against the
papers. Where a package could be installed it is run (MusPy; pretty_midi, which computes half of mgeval; libfmp, whose
functions MusDr runs for the scape plot). MusDr and mgeval themselves are repositories without a package (mgeval is
for Python 2): their remaining measures are written here anew from their papers and documentation, as are those that
no one has published code for. ``PROVENANCE`` says which is which.
"""

from __future__ import annotations

import json
import math
import random
import sys
import warnings
from collections import Counter, defaultdict
from itertools import combinations, pairwise
from pathlib import Path

import libfmp.c3
import libfmp.c4
import mido
import muspy
import numpy as np
import pretty_midi
import scipy.stats

warnings.simplefilter("ignore")
HERE = Path(__file__).parent
RESOLUTIONS = (4, 12)
LONGEST_S = 170  # of the pieces whose structureness is computed: the notebooks' way is slow
LONGER = {"haydn-opus1no1-movement2.mid"}  # but for this one, which the project looks at more coarsely
LENGTHS = [96, 48, 24, 12, 6, 72, 36, 18, 9, 32, 16, 8]
PROVENANCE = {
    "muspy": "muspy 0.5.0: read_midi(path).adjust_resolution(resolution), then the function of the same name; bars "
    "are resolution * quarters of the first time signature (4/4 when there is none)",
    "musdr": "written from Wu and Yang 2020 on the onsets of the same muspy.Music (scipy.stats.entropy)",
    "mgeval": "pretty_midi 0.2.11 for piano roll (no pedal), onsets and pitch class transitions; the note counts and "
    "lengths written from mgeval's documentation on mido's messages, at the file's own meters and tempo, every bar "
    "begun counted",
    "structure": "libfmp 1.3.0 compute_sm_ti, threshold_matrix, compute_fitness_scape_plot with MusDr's parameters on "
    "the chroma of pretty_midi's notes",
    "form": "written from Yu et al. 2022",
    "compression": "written from Meredith, Lemstrom and Wiggins 2002 and Meredith 2013",
    "tension": "written from Chew 2000 and Herremans and Chew 2016",
}


def main() -> None:
    """Measure every file and write the goldens."""
    files = {path.name: _measure(path) for path in sorted((HERE / "media").glob("*.mid"))}
    goldens = {"provenance": PROVENANCE, "files": files, "matrices": _matrices(), "chords": _chords()}
    text = json.dumps(goldens, separators=(",", ":"), default=_plain)
    (HERE / "symbolic.json").write_text(text + "\n", encoding="utf-8")
    sys.stderr.write(f"{len(files)} files, {len(text) / 1e3:.0f} kB\n")


def _measure(path: Path) -> dict:
    found: dict = {"mgeval": _mgeval(path)}
    for resolution in RESOLUTIONS:
        music = muspy.read_midi(path)
        meters = [(at / music.resolution, bar) for at, bar in _meters(music)]
        music.adjust_resolution(resolution)
        found[str(resolution)] = _muspy(music) | _on_bars(music, meters)
    music = muspy.read_midi(path).adjust_resolution(4)
    found["4"] |= _tension(music) | {"compression_ratio": _compression(music)}
    midi = pretty_midi.PrettyMIDI(str(path))
    short = path.name in LONGER or 0 < _end_s(midi) <= LONGEST_S
    if short and any(not i.is_drum and i.notes for i in midi.instruments):
        found["structure"] = _structure(midi)
    return found


# MusPy


_OF_MUSIC = (
    "n_pitches_used",
    "n_pitch_classes_used",
    "pitch_range",
    "pitch_entropy",
    "pitch_class_entropy",
    "scale_consistency",
    "polyphony",
    "polyphony_rate",
    "empty_beat_rate",
    "drum_pattern_consistency",
)


def _muspy(music: muspy.Music) -> dict:
    values = {name: _try(getattr(muspy, name), music) for name in _OF_MUSIC}
    values["n_notes"] = sum(len(track.notes) for track in music.tracks)
    values["drum_in_pattern_rate"] = _try(muspy.drum_in_pattern_rate, music, "duple")
    key = music.key_signatures[0] if music.key_signatures else None
    values["pitch_in_scale_rate"] = _try(muspy.pitch_in_scale_rate, music, key.root, key.mode) if key else None
    size = _bar_steps(music)
    for name in ("empty_measure_rate", "groove_consistency"):
        values[name] = _try(getattr(muspy, name), music, size) if size else None
    return values


def _bar_steps(music: muspy.Music) -> int | None:
    steps = music.resolution * _meters(music)[0][1]
    return int(steps) if steps == int(steps) else None


def _meters(music: muspy.Music) -> list[tuple[int, float]]:
    """(time, quarters a bar) of every meter, the first at 0."""
    meters = [(t.time, t.numerator * 4 / t.denominator) for t in music.time_signatures]
    return meters if meters and meters[0][0] == 0 else [(0, 4.0), *meters]


def _try(function, *args):
    try:
        value = function(*args)
    except ValueError:  # muspy takes max() of no tracks
        return None
    return None if isinstance(value, float) and math.isnan(value) else value


# MusDr and Museformer: measures of bars


def _on_bars(music: muspy.Music, meters: list[tuple[float, float]]) -> dict:
    notes = [(n.time, n.end, n.pitch, t.is_drum) for t in music.tracks for n in t.notes]
    names = ["pitch_class_histogram_entropy_1bar", "pitch_class_histogram_entropy_4bar", "grooving_similarity"]
    if not notes:
        return dict.fromkeys([*names, "bar_similarity"])
    bars = _bars(meters, music.resolution, notes)
    return {
        names[0]: _window_entropy(bars, 1),
        names[1]: _window_entropy(bars, 4),
        names[2]: _grooving(bars),
        "bar_similarity": _bar_similarity(bars),
    }


def _bars(meters: list[tuple[float, float]], resolution: int, notes: list) -> list[tuple[int, list]]:
    """(steps of the bar, its notes as (step in the bar, length, pitch, is_drum)) up to the last note's end."""
    end, last = max(n[1] for n in notes), max(n[0] for n in notes)
    lines, quarter, index = [0], 0.0, 0
    while quarter * resolution < end - 1e-6 or lines[-1] <= last:
        while index + 1 < len(meters) and quarter >= meters[index + 1][0] - 1e-6:
            index += 1
        following = quarter + meters[index][1]
        if index + 1 < len(meters) and following > meters[index + 1][0]:
            following = meters[index + 1][0]
        quarter = following
        lines.append(round(quarter * resolution))
    bars = []
    for start, stop in pairwise(lines):
        inside = [(n[0] - start, n[1] - n[0], n[2], n[3]) for n in notes if start <= n[0] < stop]
        bars.append((stop - start, inside))
    return bars


def _window_entropy(bars: list, width: int) -> float | None:
    width = min(width, len(bars))
    entropies = []
    for first in range(len(bars) - width + 1):
        classes = Counter(n[2] % 12 for _, notes in bars[first : first + width] for n in notes if not n[3])
        if classes:
            entropies.append(scipy.stats.entropy(list(classes.values()), base=2))
    return float(np.mean(entropies)) if entropies else None


def _grooving(bars: list) -> float | None:
    if len(bars) < 2:
        return None
    positions = max(size for size, _ in bars)
    onsets = [{n[0] for n in notes} for _, notes in bars]
    return float(np.mean([1 - len(a ^ b) / positions for a, b in combinations(onsets, 2)]))


def _bar_similarity(bars: list) -> list | None:
    if len(bars) < 2:
        return None
    sets = [set(notes) for _, notes in bars]
    found = []
    for distance in range(1, min(40, len(bars) - 1) + 1):
        pairs = [(a, b) for a, b in zip(sets, sets[distance:], strict=False) if a | b]
        found.append(float(np.mean([len(a & b) / len(a | b) for a, b in pairs])) if pairs else None)
    return found


# mgeval


_OF_MGEVAL = (
    "total_used_pitch",
    "bar_used_pitch",
    "total_used_note",
    "bar_used_note",
    "total_pitch_class_histogram",
    "bar_pitch_class_histogram",
    "pitch_class_transition_matrix",
    "avg_pitch_shift",
    "avg_IOI",
    "note_length_hist",
    "note_length_transition_matrix",
)


def _mgeval(path: Path) -> dict:
    midi = pretty_midi.PrettyMIDI(str(path))
    events = _events(mido.MidiFile(path))
    if not events["notes"]:
        return dict.fromkeys(_OF_MGEVAL)
    notes, bar_lines, at_line = events["notes"], events["lines"], events["at_line"]
    end = max(n[1] for n in notes)
    count = sum(line < end for line in bar_lines[:-1])  # every bar begun; mgeval rounds and loses a last bar's notes
    per_bar = defaultdict(list)
    for start, _, pitch in notes:
        per_bar[sum(line <= start for line in bar_lines) - 1].append(pitch)
    classes = [int(np.argmin([abs(x * at_line(s) / 96 - (e - s)) for x in LENGTHS])) for s, e, _ in notes]
    matrix = np.zeros((12, 12))
    for a, b in pairwise(classes):
        matrix[a][b] += 1
    onsets = midi.get_onsets()
    pitches = [n[2] for n in notes]
    roll = midi.instruments[0].get_piano_roll(fs=100, pedal_threshold=None)
    return {
        "total_used_pitch": int((roll.sum(axis=1) > 0).sum()),
        "bar_used_pitch": [float(len(set(per_bar[b]))) for b in range(count)],
        "total_used_note": len(notes),
        "bar_used_note": [float(len(per_bar[b])) for b in range(count)],
        "total_pitch_class_histogram": _histogram(roll, None),
        "bar_pitch_class_histogram": [
            _histogram(roll[:, _frame(midi, bar_lines[b]) : _frame(midi, bar_lines[b + 1])], [0.0] * 12)
            for b in range(count)
        ],
        "pitch_class_transition_matrix": midi.get_pitch_class_transition_matrix().tolist(),
        "avg_pitch_shift": float(np.mean(np.abs(np.diff(pitches)))) if len(pitches) > 1 else None,
        "avg_IOI": float(np.mean(np.diff(onsets))) if len(onsets) > 1 else None,
        "note_length_hist": [classes.count(c) / len(classes) for c in range(12)],
        "note_length_transition_matrix": matrix.tolist(),
    }


def _events(midi: mido.MidiFile) -> dict:
    """Notes (start, end, pitch) in ticks of the first track and channel with any, and the file's barlines."""
    meters: list[tuple[int, float]] = []
    chosen: list[tuple[int, int, int]] = []
    latest = 0
    for track in midi.tracks:
        now, held = 0, defaultdict(list)
        lanes: dict[tuple[int, int], list] = {}
        programs = [0] * 16
        for message in track:
            now += message.time
            if message.type == "time_signature":
                meters.append((now, message.numerator * 4 * midi.ticks_per_beat / message.denominator))
            elif message.type == "program_change":
                programs[message.channel] = message.program
            elif message.type == "note_on" and message.velocity:
                held[message.channel, message.note].append(now)
            elif message.type in ("note_on", "note_off") and held[message.channel, message.note]:
                start = held[message.channel, message.note].pop(0)
                lane = (message.channel, programs[message.channel])
                lanes.setdefault(lane, []).append((start, now, message.note))
                latest = max(latest, now)
        if lanes and not chosen:
            chosen = sorted(next(iter(lanes.values())), key=lambda n: (n[0], n[2]))
    meters.sort(key=lambda m: m[0])
    if not meters or meters[0][0] > 0:
        meters.insert(0, (0, 4.0 * midi.ticks_per_beat))
    lines, index = [0.0], 0
    while lines[-1] < latest:
        while index + 1 < len(meters) and lines[-1] >= meters[index + 1][0]:
            index += 1
        lines.append(lines[-1] + meters[index][1])
        if index + 1 < len(meters) and lines[-1] > meters[index + 1][0] > lines[-2]:
            lines[-1] = float(meters[index + 1][0])
    return {
        "notes": chosen,
        "lines": lines,
        "at_line": lambda tick: [bar for at, bar in meters if at <= tick][-1],
    }


def _frame(midi: pretty_midi.PrettyMIDI, tick: float) -> int:
    return round(midi.tick_to_time(round(tick)) * 100)


def _histogram(roll: np.ndarray, silent: list | None) -> list | None:
    sums = [sum(float(roll[p].sum()) for p in range(c, 128, 12)) for c in range(12)]
    return [s / sum(sums) for s in sums] if sum(sums) else silent


# MusDr's structureness, through libfmp


def _structure(midi: pretty_midi.PrettyMIDI) -> dict:
    chroma = np.zeros((12, math.ceil(_end_s(midi) * 10 - 1e-9)))
    for instrument in midi.instruments:
        for note in [] if instrument.is_drum else instrument.notes:
            for frame in range(chroma.shape[1]):
                if note.start - 1e-10 <= frame / 10 < note.end - 1e-10:
                    chroma[note.pitch % 12, frame] += 1
    norm = np.linalg.norm(chroma, axis=0)
    chroma = chroma / np.where(norm > 0, norm, 1)
    columns, _ = libfmp.c3.smooth_downsample_feature_sequence(chroma, 10, filt_len=21, down_sampling=5)
    columns = libfmp.c3.normalize_feature_sequence(columns, norm="2", threshold=0.001)
    tempi = libfmp.c4.compute_tempo_rel_set(0.5, 2, 7)
    matrix, _ = libfmp.c4.compute_sm_ti(columns, columns, L=16, tempo_rel_set=tempi, shift_set=np.arange(12))
    matrix = libfmp.c4.threshold_matrix(matrix, thresh=0.25, strategy="relative", scale=True, penalty=-2)
    matrix = libfmp.c4.normalization_properties_ssm(matrix)
    fitness = libfmp.c4.compute_fitness_scape_plot(matrix)[0]
    return {
        "matrix_sum": float(matrix.sum()),
        **{f"structureness_{name}": _indicator(fitness, *span) for name, span in _SPANS.items()},
    }


def _end_s(midi: pretty_midi.PrettyMIDI) -> float:
    """When the last note ends; pretty_midi's own end also waits for controllers."""
    return max((note.end for i in midi.instruments for note in i.notes), default=0.0)


_SPANS = {"short": (3, 8), "mid": (8, 15), "long": (15, 128)}


def _indicator(fitness: np.ndarray, low: int, high: int, rate: int = 2) -> float:
    rows = fitness[low * rate - 1 : high * rate]
    return float(rows.max()) if len(rows) else 0.0


def _matrices() -> list[dict]:
    """Random self-similarity matrices with the highest fitness of each length."""
    found = []
    for seed, size in enumerate((6, 9, 14, 20)):
        rng = np.random.default_rng(seed)
        matrix = rng.uniform(-2, 1, (size, size))
        matrix = np.round(np.where(matrix < 0, -2, matrix), 3)
        matrix = np.maximum(matrix, matrix.T)
        np.fill_diagonal(matrix, 1)
        fitness = libfmp.c4.compute_fitness_scape_plot(matrix)[0]
        best = [float(fitness[row, : size - row].max()) for row in range(size)]
        found.append({"matrix": matrix.tolist(), "best": best})
    return found


def _chords() -> list[dict]:
    """Chord sequences, drawn and of the pieces, with their progression irregularity."""
    drawn = [
        random.Random(seed).choices(["C", "F", "G", "Am"], k=length)
        for seed, length in enumerate((0, 2, 3, 4, 7, 30, 100))
    ]
    pieces = json.loads((HERE / "media" / "chords.json").read_text(encoding="utf-8"))
    return [{"chords": chords, "irregularity": _irregularity(chords)} for chords in (*drawn, *pieces.values())]


def _irregularity(chords: list[str]) -> float:
    """New trigrams among the trigrams of a sequence, its last one left out as MusDr does."""
    if len(chords) < 4:
        return 1.0
    seen, new = [], 0
    for first, second, third, _ in zip(chords, chords[1:], chords[2:], chords[3:], strict=False):
        if (first, second, third) not in seen:
            seen.append((first, second, third))
            new += 1
    return new / (len(chords) - 3)


# Compression: SIATECCompress on passages of 200 points


def _compression(music: muspy.Music, passage: int = 200) -> float | None:
    points = sorted({(n.time, n.pitch) for t in music.tracks if not t.is_drum for n in t.notes})
    if not points:
        return None
    count = math.ceil(len(points) / passage)
    size, extra = divmod(len(points), count)
    length, at = 0, 0
    for index in range(count):
        step = size + (index < extra)
        length += _encoding(points[at : at + step])
        at += step
    return len(points) / length


def _encoding(points: list[tuple[int, int]]) -> int:
    whole = set(points)
    patterns = defaultdict(list)
    for a, b in combinations(points, 2):
        patterns[b[0] - a[0], b[1] - a[1]].append(a)
    shapes = {tuple((t - p[0][0], q - p[0][1]) for t, q in p): None for p in patterns.values() if len(p) > 1}
    found = []
    for shape in shapes:
        places = [[(t + dt, q + dq) for dt, dq in shape] for t, q in points]
        places = [place for place in places if whole.issuperset(place)]
        covered = {point for place in places for point in place}
        cost = len(shape) + len(places) - 1
        found.append(((-len(covered) / cost, -len(covered), shape[-1][0], shape), cost, covered))
    left, length = set(points), 0
    for _, cost, covered in sorted(found, key=lambda f: f[0]):
        if len(covered & left) > cost:
            length += cost
            left -= covered
    return length + len(left)


# Tension on the spiral array


def _tension(music: muspy.Music) -> dict:
    names = ["tonal_tension_diameter", "tonal_tension_momentum", "tonal_tension_strain"]
    clouds = defaultdict(Counter)
    for track in music.tracks:
        for note in [] if track.is_drum else track.notes:
            for step in range(note.time, note.end):
                clouds[step // music.resolution][note.pitch % 12] += 1
    if not clouds:
        return dict.fromkeys(names)
    ordered = [clouds[quarter] for quarter in sorted(clouds)]
    total = sum(ordered, Counter())
    tonic, home = _nearest_key(total)
    diameter, strain, centres = [], [], []
    for cloud in ordered:
        places = [_helix(_name(pitch, tonic)) for pitch in cloud]
        diameter.append(max((math.dist(a, b) for a, b in combinations(places, 2)), default=0.0))
        centres.append(_centre(cloud, tonic))
        strain.append(math.dist(centres[-1], home))
    moves = [math.dist(a, b) for a, b in pairwise(centres)]
    return {
        names[0]: float(np.mean(diameter)),
        names[1]: float(np.mean(moves)) if moves else None,
        names[2]: float(np.mean(strain)),
    }


_FIFTHS = {0: 0, 1: -5, 2: 2, 3: -3, 4: 4, 5: -1, 6: 6, 7: 1, 8: -4, 9: 3, 10: -2, 11: 5}


def _helix(fifths: int) -> tuple[float, float, float]:
    return math.sin(fifths * math.pi / 2), math.cos(fifths * math.pi / 2), fifths * math.sqrt(2 / 15)


def _name(pitch_class: int, tonic: int) -> int:
    """Place on the line of fifths, from five below to six above the tonic."""
    return _FIFTHS[tonic] + _FIFTHS[(pitch_class - tonic) % 12]


def _centre(cloud: Counter, tonic: int) -> tuple[float, ...]:
    total = sum(cloud.values())
    places = {p: _helix(_name(p, tonic)) for p in cloud}
    return tuple(sum(w * places[p][axis] for p, w in cloud.items()) / total for axis in range(3))


def _blend(*parts: tuple[float, tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(sum(w * place[axis] for w, place in parts) for axis in range(3))


def _triad(root: int, third: int) -> tuple[float, ...]:
    return _blend((0.536, _helix(root)), (0.274, _helix(root + 1)), (0.19, _helix(root + third)))


def _key(tonic: int, *, minor: bool) -> tuple[float, ...]:
    if not minor:
        return _blend((0.536, _triad(tonic, 4)), (0.274, _triad(tonic + 1, 4)), (0.19, _triad(tonic - 1, 4)))
    dominant = _blend((0.75, _triad(tonic + 1, 4)), (0.25, _triad(tonic + 1, -3)))
    subdominant = _blend((0.75, _triad(tonic - 1, -3)), (0.25, _triad(tonic - 1, 4)))
    return _blend((0.536, _triad(tonic, -3)), (0.274, dominant), (0.19, subdominant))


def _nearest_key(total: Counter) -> tuple[int, tuple[float, ...]]:
    best = None
    for minor in (False, True):
        for tonic in range(12):
            home = _key(_FIFTHS[tonic], minor=minor)
            distance = round(math.dist(_centre(total, tonic), home), 9)
            if best is None or distance < best[0]:
                best = (distance, tonic, home)
    return best[1], best[2]


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(type(value))


if __name__ == "__main__":
    main()
