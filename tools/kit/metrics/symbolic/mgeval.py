"""Yang and Lerch's features of one piece (mgeval): counts, histograms and transitions of pitch and rhythm.

As in mgeval the piece is its first track, but for the two features it takes from all tracks (``avg_IOI``,
``pitch_class_transition_matrix``). Vectors and matrices are lists. Where mgeval's code departs from its paper, the
paper is followed and the metric's source says so: bars are those of the file's meters at the file's tempo, not of
120 beats a minute; every bar that is begun counts, so that each note is in a bar; a note's length is its own; sustain
pedal and pitch bends do not count.
"""

from __future__ import annotations

import numpy as np

from tools.kit.metrics.registry import metric
from tools.kit.metrics.symbolic.piece import Flags, Floats, Ints, Piece, Undefined

_MGEVAL = "Yang and Lerch, On the evaluation of generative models in music, 2020; mgeval"
_READ = (
    "Notes are not read as mgeval's reader pretty_midi reads them: a pitch struck again while it is held "
    "ends first in, first out (there all its notes end at once), a note without an end is held to the end of its track "
    "(there dropped), one of no length lasts a tick (there dropped), and a change of instrument under a note leaves it "
    "with the instrument that struck it (there with the one that ends it)"
)
_BARS = (
    "Every bar begun is counted; mgeval rounds the length of the track, to its end-of-track event, to whole bars "
    "(Python 2's round) and leaves out the notes of a last bar less than half full"
)
_FRAMES = 100  # columns of the piano roll a second
_GAP_S = 0.05  # how far a note may start from another's end to follow it
LENGTHS = np.array([96, 48, 24, 12, 6, 72, 36, 18, 9, 32, 16, 8]) / 96  # of a bar, in mgeval's order
_LENGTH_NAMES = "1, 1/2, 1/4, 1/8, 1/16, 3/4, 3/8, 3/16, 3/32, 1/3, 1/6, 1/12 of a bar"
Vector = list[float]
Matrix = list[list[float]]


@metric(
    "total_used_pitch",
    family="symbolic",
    unit="pitches",
    low=0,
    high=128,
    formula="number of different pitches that sound in the first track, frames of 10 ms",
    meaning="How many different notes the first part uses. Notes shorter than a hundredth of a second may be missed.",
    source=f"{_MGEVAL}: total_used_pitch. {_READ}",
)
def total_used_pitch(piece: Piece) -> int:
    """Different pitches of the first track; 0 for a drum track, ``Undefined`` without notes."""
    return len(np.unique(piece.pitch[_lead(piece) & ~piece.is_drum & (_frames(piece) > 0)]))


@metric(
    "bar_used_pitch",
    family="symbolic",
    unit="pitches",
    low=0,
    formula="per bar: number of different pitches that start in it, first track, to the bar in which its "
    "last note ends",
    meaning="How varied each bar of the first part is. A note held over from the bar before does not count.",
    source=f"{_MGEVAL}: bar_used_pitch, with the meters of the file where mgeval reads those of one track. {_BARS}. "
    f"{_READ}",
)
def bar_used_pitch(piece: Piece) -> Vector:
    """Different pitches that start in each bar of the first track."""
    lead, bars = _lead(piece), _bars(piece)
    return _counts(np.unique(_bar_of(piece)[lead] * 128 + piece.pitch[lead]) // 128, bars)


@metric(
    "total_used_note",
    family="symbolic",
    unit="notes",
    low=0,
    formula="number of notes of the first track",
    meaning="How many notes the first part plays, whatever their pitch. A longer piece has more, so only pieces of "
    "like length are to be set beside one another.",
    source=f"{_MGEVAL}: total_used_note. {_READ}",
)
def total_used_note(piece: Piece) -> int:
    """Notes of the first track."""
    return int(_lead(piece).sum())


@metric(
    "bar_used_note",
    family="symbolic",
    unit="notes",
    low=0,
    formula="per bar: number of notes that start in it, first track, to the bar in which its last note ends",
    meaning="How busy each bar of the first part is. A chord counts as many notes as it has, and a long note only in "
    "the bar where it begins.",
    source=f"{_MGEVAL}: bar_used_note. mgeval takes the meter's numerator from the wrong byte for a file whose "
    f"meter stands in its second track; here the meter is the file's. {_BARS}. {_READ}",
)
def bar_used_note(piece: Piece) -> Vector:
    """Notes that start in each bar of the first track."""
    return _counts(_bar_of(piece)[_lead(piece)], _bars(piece))


@metric(
    "total_pitch_class_histogram",
    family="symbolic",
    unit="share",
    low=0,
    high=1,
    formula="per pitch class: sum of velocity x frames of 10 ms over its notes / the same over all notes, first track",
    meaning="Which of the twelve notes the first part dwells on, longer and louder notes counting more. It hints at "
    "the key and mode, but octave, order and all other parts are lost.",
    source=f"{_MGEVAL}: total_pitch_class_histogram (pretty_midi piano roll at 100 Hz, without its later pedal and "
    f"bend treatment). {_READ}",
)
def total_pitch_class_histogram(piece: Piece) -> Vector:
    """Share of each pitch class ``[12]`` in the first track; ``Undefined`` when nothing pitched sounds."""
    heard = _lead(piece) & ~piece.is_drum
    weight = np.bincount(piece.pitch[heard] % 12, (piece.velocity * _frames(piece))[heard], minlength=12)
    if not weight.sum():
        raise Undefined("nothing pitched sounds in the first track")
    return [float(w) for w in weight / weight.sum()]


@metric(
    "bar_pitch_class_histogram",
    family="symbolic",
    unit="share",
    low=0,
    high=1,
    formula="per bar: as total_pitch_class_histogram, over the frames of the bar; zeros in a silent bar",
    meaning="Which of the twelve notes each bar of the first part dwells on: its harmony bar by bar. Octave and order "
    "of the notes are lost, and what other parts play is not seen.",
    source=f"{_MGEVAL}: bar_pitch_class_histogram, which assumes 120 beats a minute; here bars lie where the file's "
    f"tempo puts them, and at 120 the two agree. {_BARS}. {_READ}",
)
def bar_pitch_class_histogram(piece: Piece) -> Matrix:
    """Share of each pitch class in each bar of the first track, ``[bars][12]``."""
    heard = _lead(piece) & ~piece.is_drum
    bars = _bars(piece)
    quarters = _edges(piece)[: bars + 1]
    ticks = np.rint(quarters * piece.table.ticks_per_quarter).astype(np.int64)
    edges = np.rint(piece.seconds(ticks) * _FRAMES).astype(np.int64)
    first, last = _first_frame(piece)[heard], (_first_frame(piece) + _frames(piece))[heard]
    weight = np.zeros((bars, 12))
    for bar in range(bars):
        frames = np.minimum(last, edges[bar + 1]) - np.maximum(first, edges[bar])
        share = piece.velocity[heard] * np.maximum(frames, 0)
        weight[bar] = np.bincount(piece.pitch[heard] % 12, share, minlength=12)
    total = weight.sum(axis=1, keepdims=True)
    return [[float(w) for w in row] for row in np.divide(weight, total, where=total > 0, out=np.zeros_like(weight))]


@metric(
    "pitch_class_transition_matrix",
    family="symbolic",
    unit="transitions",
    low=0,
    formula="entry [a][b]: pairs of notes of one track, of classes a and b, of which the second starts within 50 ms of "
    "the first's end; all tracks but drums",
    meaning="Which note follows which. In chords every note is followed by every note of the next chord.",
    source=f"{_MGEVAL}: pitch_class_transition_matrix(normalize=0), which is pretty_midi's. {_READ}",
)
def pitch_class_transition_matrix(piece: Piece) -> Matrix:
    """Number of transitions between pitch classes, ``[12][12]``; ``Undefined`` without notes."""
    if not len(piece):
        raise Undefined("there are no notes")
    matrix = np.zeros(144)
    for track in np.unique(piece.track[~piece.is_drum]):
        here = piece.track == track
        if int(here.sum()) < 2:
            continue  # pretty_midi lets a note follow itself when it is short, but not when it is alone
        matrix += _transitions(piece.start_s[here], piece.end_s[here], piece.pitch[here] % 12)
    return matrix.reshape(12, 12).tolist()


@metric(
    "avg_pitch_shift",
    family="symbolic",
    unit="semitones",
    low=0,
    high=127,
    formula="mean of |pitch - pitch of the note before| over the first track, notes by start and then from low to high",
    meaning="How large the steps of the first part are: about 2 for a singable tune. In chords the steps between "
    "their notes count too.",
    source=f"{_MGEVAL}: avg_pitch_shift, which takes notes of one chord in the order of the file's bytes. {_READ}",
)
def avg_pitch_shift(piece: Piece) -> float:
    """Mean interval between consecutive notes of the first track; ``Undefined`` below two notes."""
    pitches = piece.pitch[_lead(piece)]
    if len(pitches) < 2:
        raise Undefined("the first track has fewer than two notes")
    return float(np.abs(np.diff(pitches)).mean())


@metric(
    "avg_IOI",
    family="symbolic",
    unit="s",
    low=0,
    formula="(last onset - first onset) / (notes - 1), all tracks",
    meaning="The mean time from one note's start to the next one's, chords counting as no time: how dense the music "
    "is in seconds. A mean does not tell a steady flow from bursts between long rests, and half the tempo doubles it.",
    source=f"{_MGEVAL}: avg_IOI (pretty_midi get_onsets). {_READ}",
)
def avg_ioi(piece: Piece) -> float:
    """Mean time between consecutive onsets of all tracks in seconds; ``Undefined`` below two notes."""
    if len(piece) < 2:
        raise Undefined("there are fewer than two notes")
    return float(piece.start_s.max() - piece.start_s.min()) / (len(piece) - 1)


@metric(
    "note_length_hist",
    family="symbolic",
    unit="share",
    low=0,
    high=1,
    formula=f"share of the first track's notes whose length is nearest to each of {_LENGTH_NAMES}",
    meaning="Which note values the first part uses. Anything longer than a bar counts as a whole bar.",
    source=f"{_MGEVAL}: note_length_hist. mgeval ends a note at the next note-off of its pitch; here each note has its "
    f"own length, which differs only where a part strikes a pitch it still holds. {_READ}",
)
def note_length_hist(piece: Piece) -> Vector:
    """Share of each note value ``[12]`` in the first track."""
    counts = np.bincount(_length_classes(piece), minlength=12)
    return [float(share) for share in counts / counts.sum()]


@metric(
    "note_length_transition_matrix",
    family="symbolic",
    unit="transitions",
    low=0,
    formula=f"entry [a][b]: times that a note of value b follows one of value a in the first track; {_LENGTH_NAMES}",
    meaning="Which note value follows which: the part's rhythmic habits, such as an eighth after each dotted quarter. "
    "It knows neither the beat on which a note falls nor more than two notes in a row.",
    source=f"{_MGEVAL}: note_length_transition_matrix(normalize=0). {_READ}",
)
def note_length_transition_matrix(piece: Piece) -> Matrix:
    """Number of transitions between note values in the first track, ``[12][12]``."""
    classes = _length_classes(piece)
    pairs = np.bincount(classes[:-1] * 12 + classes[1:], minlength=144)
    return pairs.reshape(12, 12).astype(np.float64).tolist()


def _lead(piece: Piece) -> Flags:
    """The notes of the first track that has any."""
    if not len(piece):
        raise Undefined("there are no notes")
    return np.asarray(piece.track == piece.track.min())


def _first_frame(piece: Piece) -> Ints:
    return (piece.start_s * _FRAMES).astype(np.int64)


def _frames(piece: Piece) -> Ints:
    """Columns of the piano roll that each note fills, ``[n]``."""
    return (piece.end_s * _FRAMES).astype(np.int64) - _first_frame(piece)


def _edges(piece: Piece) -> Floats:
    """Barlines in quarters, from 0 to at least the end of the last note."""
    starts = piece.table.bar_starts(float(piece.end_tick.max(initial=0)) / piece.table.ticks_per_quarter)
    starts = starts or [0.0]
    closing = [m for at, m in piece.table.meters if at <= starts[-1] + 1e-6][-1]
    return np.array([*starts, starts[-1] + closing.bar_quarters])


def _bars(piece: Piece) -> int:
    """Number of bars that are begun when the last note of the first track ends; at least the one it starts in."""
    lead = _lead(piece)
    lines = np.rint(_edges(piece) * piece.table.ticks_per_quarter)
    ended = int(np.searchsorted(lines, piece.end_tick[lead].max(), side="left"))
    return max(ended, int(_bar_of(piece)[lead].max()) + 1)


def _bar_of(piece: Piece) -> Ints:
    """Bar in which each note starts, by ticks, ``[n]``."""
    unit = piece.table.ticks_per_quarter
    return np.searchsorted(np.rint(_edges(piece) * unit), piece.start_tick, side="right") - 1


def _counts(bars: Ints, count: int) -> Vector:
    return [float(c) for c in np.bincount(bars, minlength=count)]


def _transitions(start: Floats, end: Floats, classes: Ints) -> Floats:
    """Pairs (a, b) of one track's notes with |start of b - end of a| below 50 ms, by class, ``[144]``."""
    low = np.searchsorted(start, end - _GAP_S - 1e-9)
    high = np.searchsorted(start, end + _GAP_S + 1e-9)
    width = high - low
    before = np.repeat(np.arange(len(end)), width)
    after = np.arange(len(before)) - np.repeat(np.cumsum(width) - width, width) + np.repeat(low, width)
    near = np.abs(end[before] - start[after]) < _GAP_S
    return np.bincount(classes[before[near]] * 12 + classes[after[near]], minlength=144).astype(np.float64)


def _length_classes(piece: Piece) -> Ints:
    """Index of the note value nearest to each note of the first track, ``[k]``; the bar is that of its start."""
    lead = _lead(piece)
    unit = piece.table.ticks_per_quarter
    changes = np.rint(np.array([at for at, _ in piece.table.meters]) * unit)
    bars = np.array([m.bar_quarters for _, m in piece.table.meters]) * unit
    bar = bars[np.searchsorted(changes, piece.start_tick[lead], side="right") - 1]
    length = piece.end_tick[lead] - piece.start_tick[lead]
    return np.asarray(np.abs(bar[:, None] * LENGTHS - length[:, None]).argmin(axis=1))
