"""Writes ``tools/compose/styles/norms.toml``: ``python -m bench._learn_norms``, from the training halves alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench._composer_corpus import STYLES, halves
from tools.compose.engine.merit import statistics, top_line

TARGET = Path(__file__).parent.parent / "tools" / "compose" / "styles" / "norms.toml"
EACH, SEED = 20, 0
HEAD = """# Mean and standard deviation of melodies' statistics over the training half of bench composer's corpus,
# written by python -m bench._learn_norms.
"""


def rows(side: int) -> list[dict[str, float]]:
    """Statistics of the leading parts of all styles' excerpts: of the training half (0) or of the held-out one (1)."""
    found = []
    for style in STYLES:
        for excerpt in halves(style, EACH, SEED)[side]:
            lead = max(excerpt.score.tracks, key=lambda t: np.mean([n.pitch for n in t.notes]))
            found.append(statistics(top_line(lead.notes), excerpt.score))
    return [row for row in found if row]


def main() -> None:
    """Write the table."""
    learned = rows(0)
    lines = [HEAD]
    for name in learned[0]:
        values = np.array([row[name] for row in learned])
        lines.append(f"{name} = [{values.mean():.4g}, {values.std():.4g}]")
    TARGET.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
