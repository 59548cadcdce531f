"""The melody to look for in a file: a score's top line, or the line that a recording of one voice sings."""

from __future__ import annotations

from pathlib import Path

from retrieval.melody import interval_letters, top_line
from tools.errors import UserError

LEAST = 5  # intervals without which a melody is not told from another


def melody_of_score(path: Path) -> str:
    """The interval letters of the top line of a MIDI or notation file; :class:`UserError` when it is too short."""
    from retrieval.piece import read_piece

    return _told(interval_letters([note.pitch for note in top_line(read_piece(path).score)]), path)


def melody_of_recording(path: Path) -> str:
    """The interval letters of what is hummed, sung or played in one voice; :class:`UserError` when it is too short."""
    from tools.backends import f0
    from tools.kit.analysis.key import rank_note_keys
    from tools.kit.analysis.notes import notes_of
    from tools.kit.analysis.singing import drawn_into_key, sung_notes
    from tools.kit.audio import read_audio
    from tools.kit.score import Note, Score, Track

    samples, _ = read_audio(path, f0.RATE, mono=True, need_sound=True)
    track = f0.track_pitch(samples[:, 0])
    sung, _ = sung_notes(track.pitch, track.voicing, track.level_db, f0.FRAME_S)
    line = [Note(n.start_s * 2, max((n.end_s - n.start_s) * 2, 0.05), n.pitch, 80) for n in sung]
    fits = rank_note_keys(notes_of(Score([Track("line", notes=line)]))) if line else []
    if fits:
        sung = drawn_into_key(sung, frozenset(fits[0].key.pitch_classes()))
    return _told(interval_letters([note.pitch for note in sung]), path)


def _told(letters: str, path: Path) -> str:
    if len(letters) < LEAST:
        msg = f"{path.name} has a melody of {len(letters) + 1} notes; give one voice with at least {LEAST + 1}."
        raise UserError(msg)
    return letters
