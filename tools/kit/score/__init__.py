"""One score model, read from MIDI files and written to them; see :class:`Score`."""

from tools.kit.score.midi import MOST_BARS, read_midi, write_midi
from tools.kit.score.model import DRUM_CHANNEL, TICKS_PER_QUARTER, Bend, Control, Note, Raw, Score, Track

__all__ = [
    "Bend",
    "Control",
    "DRUM_CHANNEL",
    "MOST_BARS",
    "Note",
    "Raw",
    "Score",
    "TICKS_PER_QUARTER",
    "Track",
    "read_midi",
    "write_midi",
]
