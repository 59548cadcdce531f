"""The score behind an artifact, for the tools that render one."""

from __future__ import annotations

from tools.contract import Artifact, ToolContext
from tools.errors import UserError
from tools.kit.score import Score, read_midi


def load_score(artifact: Artifact, ctx: ToolContext) -> Score:
    """Notes and maps of a MIDI file, or of MusicXML, ABC and kern by way of MIDI (``UserError`` on a bad file)."""
    if artifact.kind == "midi":
        return read_midi(artifact.file)
    from music21 import converter, exceptions21

    path = ctx.work_dir / ".score.mid"
    try:
        converter.parse(artifact.file, forceSource=True).write("midi", fp=path)
    except (exceptions21.Music21Exception, ValueError, KeyError, AttributeError, TypeError, IndexError) as err:
        raise UserError(
            f"{artifact.file.name} cannot be read as a score ({err}); export it again as MusicXML or MIDI."
        ) from err
    score = read_midi(path)
    path.unlink()
    return score
