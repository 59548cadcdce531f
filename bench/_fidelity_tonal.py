"""Key, mode and chords of a piece, for the fidelity bench: by music21 and mir_eval, with nothing of ``tools.kit``."""

from __future__ import annotations

import numpy as np

from bench._brief_chords import SHAPES, spelling
from bench._fidelity_piece import RATE, Floats, Piece

_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHAPES = {"maj": (0, 4, 7), "min": (0, 3, 7), "dim": (0, 3, 6), "aug": (0, 4, 8), "sus4": (0, 5, 7), "sus2": (0, 2, 7)}
_MIR_EVAL = {"": "maj", "m": "min"}
_CHURCH = {
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}


def _pitch_class(name: str) -> int:
    return (_CLASSES[name[0]] + name.count("#") - name[1:].count("b")) % 12


def _rankings(piece: Piece) -> list[tuple[int, str]]:
    """Best major or minor key by each of three profiles of music21, on sounding durations."""
    classes, lengths = piece.notes[:, 2].astype(int) % 12, piece.notes[:, 1] - piece.notes[:, 0]
    return _best_keys(np.asarray(np.bincount(classes, lengths, minlength=12), dtype=np.float64))


def _best_keys(weights: Floats) -> list[tuple[int, str]]:
    """Best major or minor key of twelve weights by each of three profiles of music21."""
    return [max(scored)[1:] for scored in _key_scores(weights)]


def mode_strengths(weights: Floats) -> list[tuple[float, float]]:
    """Correlation of the best major and of the best minor key, by each of three profiles of music21."""
    return [
        (max(r for r, _, mode in scored if mode == "major"), max(r for r, _, mode in scored if mode == "minor"))
        for scored in _key_scores(weights)
    ]


def _key_scores(weights: Floats) -> list[list[tuple[float, int, str]]]:
    """Correlation of twelve weights with every key, as (correlation, tonic, mode), by each of three profiles."""
    from music21.analysis import discrete

    methods = (discrete.AardenEssen(), discrete.KrumhanslSchmuckler(), discrete.TemperleyKostkaPayne())
    return [
        [
            (float(np.corrcoef(weights, np.roll(method.getWeights(mode), tonic))[0, 1]), tonic, mode)
            for mode in ("major", "minor")
            for tonic in range(12)
        ]
        for method in methods
    ]


def key(target: str, piece: Piece) -> bool:
    """Two of three profiles say so; church modes: nine tenths of the time in the scale, the tonic under start or end.

    A given loop that the bars cut off does not end at home.
    """
    name, wanted = target.split(" ", 1)
    tonic = _pitch_class(name)
    if wanted in _CHURCH:
        scale = {(tonic + step) % 12 for step in _CHURCH[wanted]}
        lengths = piece.notes[:, 1] - piece.notes[:, 0]
        inside = np.isin(piece.notes[:, 2].astype(int) % 12, list(scale))
        edges = (piece.notes[piece.notes[:, 1] > piece.end_s - 0.3], piece.notes[piece.notes[:, 0] < 0.05])
        at_home = any(len(notes) and int(notes[:, 2].min()) % 12 == tonic for notes in edges)
        return float(lengths[inside].sum() / lengths.sum()) >= 0.9 and at_home
    return sum(found == (tonic, wanted) for found in _rankings(piece)) >= 2


def key_in_sound(target: str, piece: Piece) -> bool:
    """Two of three profiles say so of the sound's chroma; church modes have no profile and are told by the notes."""
    name, wanted = target.split(" ", 1)
    if wanted in _CHURCH:
        return key(target, piece)
    return sum(found == (_pitch_class(name), wanted) for found in _best_keys(_sound_chroma(piece))) >= 2


def _sound_chroma(piece: Piece) -> Floats:
    """Weight of each pitch class in the sound ``[12]``: spectral peaks of 65 to 2100 Hz with their harmonics taken off.

    A peak at f counts for f, f/2, f/3 and f/4 with weights 1, 0.6, 0.36 and 0.22, as in the harmonic pitch class
    profile (Gómez 2006).
    """
    from scipy import signal

    assert piece.sound is not None
    rate, spectrum = RATE / 2, signal.resample_poly(piece.sound, 1, 2)
    freqs, _, frames = signal.stft(spectrum, rate, nperseg=4096, noverlap=2048)
    level = np.abs(frames)
    weights = np.zeros(12)
    inner = (level[1:-1] > level[:-2]) & (level[1:-1] > level[2:]) & (level[1:-1] > 0.02 * level.max())
    inner &= ((freqs[1:-1] > 65) & (freqs[1:-1] < 2100))[:, None]
    bins, columns = np.nonzero(inner)
    heights = np.sqrt(level[bins + 1, columns])
    for harmonic, share in ((1, 1.0), (2, 0.6), (3, 0.36), (4, 0.22)):
        pitch = 69 + 12 * np.log2(freqs[bins + 1] / harmonic / 440)
        close = np.maximum(0.0, 1 - 2 * np.abs(pitch - np.round(pitch)))
        weights += np.bincount(np.round(pitch).astype(int) % 12, share * heights * close, minlength=12)
    return weights


def mode(target: str, piece: Piece) -> bool:
    """Two of three profiles find a key of this mode."""
    return sum(found[1] == target for found in _rankings(piece)) >= 2


def chords(target: list[str], piece: Piece) -> bool:
    """Nine tenths of the bars (or their parts) sound as asked, the list going round, by mir_eval's triad comparison.

    Chords with the same tones, as all inversions of an augmented triad, count as the same. Chords that share a bar
    begin on the beat at or after even shares of it.
    """
    from mir_eval import chord as compare

    asked, heard = [], []
    for index, (start, end) in enumerate(zip(piece.bars_s[:-1], piece.bars_s[1:], strict=True)):
        names = target[index % len(target)].split()
        edges = _shares(piece, start, end, len(names))
        for name, low, high in zip(names, edges[:-1], edges[1:], strict=True):
            if low < piece.end_s - 0.15:
                asked.append(name)
                heard.append(_heard(piece.notes, low, min(high, piece.end_s)))
    exact = compare.triads([_label(name) for name in asked], heard) == 1
    same = [e or _same_tones(name, label) for e, name, label in zip(exact, asked, heard, strict=True)]
    return len(piece.bars_s) - 1 >= len(target) and float(np.mean(same)) >= 0.9


def _shares(piece: Piece, start: float, end: float, count: int) -> Floats:
    """Edges in seconds of ``count`` chords that share a bar, ``[count + 1]``."""
    signature = piece.midi.time_signature_changes
    meter = f"{signature[0].numerator}/{signature[0].denominator}" if signature else "4/4"
    beats = _felt_beats(meter)
    even = np.arange(count) / count
    places = [min((b for b in beats if b >= share - 1e-6), default=share) for share in even]
    return np.array([*(start + (end - start) * p for p in (places if len(set(places)) == count else even)), end])


def _felt_beats(meter: str) -> list[float]:
    """Places of the felt beats as shares of the bar; 7/8 has three, the last one longer."""
    top, bottom = (int(x) for x in meter.split("/"))
    if bottom != 8:
        return [i / top for i in range(top)]
    if top == 7:
        return [0.0, 2 / 7, 4 / 7]
    return [i / top for i in range(0, top, 3)]


def _label(symbol: str) -> str:
    """mir_eval's name of the triad of a chord symbol."""
    root, _ = spelling(symbol)
    quality = _triad(symbol)
    return f"{_NAMES[root]}:{_MIR_EVAL.get(quality, quality)}"


def _same_tones(symbol: str, label: str) -> bool:
    """Whether a heard triad has the tones of the chord asked, whatever its root."""
    if label == "N":
        return False
    name, quality = label.split(":")
    root, tones = spelling(symbol)
    heard = {(_NAMES.index(name) + step) % 12 for step in _SHAPES[quality]}
    return heard == set(tones) or heard == {(root + step) % 12 for step in SHAPES[_triad(symbol)]}


def _triad(symbol: str) -> str:
    """Suffix of a chord symbol's triad."""
    root, tones = spelling(symbol)
    shape = {(t - root) % 12 for t in tones}
    return next(q for q in ("", "m", "dim", "aug", "sus4", "sus2") if set(SHAPES[q]) <= shape)


def _heard(notes: Floats, low: float, high: float) -> str:
    """Nearest triad by cosine of its tones with the durations sounding, the bass at the start counted again."""
    lengths = np.minimum(notes[:, 1], high) - np.maximum(notes[:, 0], low)
    here = lengths > 0.02
    if not here.any():
        return "N"
    classes = notes[here, 2].astype(int) % 12
    weights = np.bincount(classes, lengths[here], minlength=12)
    first = notes[here & (notes[:, 0] < low + 0.25 * (high - low))]
    if len(first):
        weights[int(first[:, 2].min()) % 12] += 0.3 * weights.max()
    scored = []
    for quality, shape in _SHAPES.items():
        for root in range(12):
            tones = [(root + i) % 12 for i in shape]
            rare = 0.0 if quality in ("maj", "min") else 0.05
            fit = weights[tones].sum() / np.sqrt(3 * (weights**2).sum()) - rare
            scored.append((float(fit + 0.02 * weights[root] / weights.sum()), root, quality))
    _, root, quality = max(scored)
    return f"{_NAMES[root]}:{quality}"
