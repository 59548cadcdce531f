"""Scores in any notation as the one score model: MIDI directly; MusicXML, ABC and kern by way of music21."""

from __future__ import annotations

import warnings
from pathlib import Path
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from tools.contract import Artifact
from tools.errors import UserError
from tools.kit.score import Score, read_midi


def read_notation(artifact: Artifact, work_dir: Path) -> Score:
    """The score of a MIDI file, or of MusicXML, ABC and kern (``UserError`` names what cannot be read).

    ``work_dir`` takes a temporary MIDI file, which is removed again.
    """
    if artifact.kind == "midi":
        return read_midi(artifact.file)
    from music21 import converter, exceptions21

    between = work_dir / ".notation.mid"
    try:
        with warnings.catch_warnings(action="ignore"):  # music21 warns of every voice tag it has to guess
            converter.parse(artifact.file, forceSource=True).write("midi", fp=between)
        return read_midi(between)
    except (
        exceptions21.Music21Exception,
        ParseError,
        BadZipFile,
        ValueError,
        LookupError,
        AttributeError,
        TypeError,
    ) as err:
        first = str(err).splitlines()[0] if str(err) else type(err).__name__
        msg = f"{artifact.file.name} cannot be read as a score ({first}); export it again as MusicXML or MIDI."
        raise UserError(msg) from err
    finally:
        between.unlink(missing_ok=True)
