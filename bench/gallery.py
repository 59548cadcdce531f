"""Ten pieces for docs/gallery, drawn by seed and not by taste: requests of the tests, planned, composed and drawn.

Each gets its MIDI file, a piano roll and its first engraved page, as small pictures, beside the request that made it.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml

from agent.planner.base import Situation
from agent.planner.grammar import GrammarPlanner
from agent.store import Store
from bench._steps import made

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "docs" / "gallery"
REQUESTS = ROOT / "tests" / "requests"
PLAIN = {"search_music", "compose", "render_audio", "draw_piano_roll", "engrave_score", "check"}
WIDTH, COLOURS = 900, 96
HEAD = """# Gallery

Pieces made by the embedded composer for {count} requests that were drawn by seed {seed} from those of the
tests, none of them left out: `python -m bench.gallery --n {count} --seed {seed}` writes this folder again.
"""


def run(n: int = 10, seed: int = 0) -> str:
    """Write ``n`` pieces into docs/gallery; says what was written."""
    if GALLERY.exists():
        shutil.rmtree(GALLERY)
    GALLERY.mkdir(parents=True)
    pages = [HEAD.format(count=n, seed=seed)]
    pages += [piece(number, say, seed) for number, say in enumerate(drawn(n, seed), start=1)]
    (GALLERY / "README.md").write_text("\n".join(pages), encoding="utf-8")
    size = sum(p.stat().st_size for p in GALLERY.iterdir())
    return f"Wrote {n} pieces to {GALLERY.relative_to(ROOT)}, {size / 1e6:.1f} MB.\n"


def drawn(n: int, seed: int) -> list[str]:
    """Requests for a new piece from words alone, drawn without replacement."""
    found = []
    for path in sorted(REQUESTS.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            tools = set(case.get("tools", ()))
            if "compose" in tools and tools <= PLAIN and not case.get("attach") and "before" not in case:
                found.append(str(case["say"]))
    return random.Random(seed).sample(sorted(set(found)), n)


def piece(number: int, say: str, seed: int) -> str:
    """Compose and draw one; its part of the page, in Markdown."""
    brief = GrammarPlanner().plan(Situation(request=say)).brief.model_dump(mode="json", exclude_defaults=True)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        midi = made("compose", {"brief": brief}, store, seed)
        name = f"{number:02d}-{midi.file.stem}"
        shutil.copyfile(midi.file, GALLERY / f"{name}.mid")
        roll = made("draw_piano_roll", {"music": midi.id, "to_bar": min(32, int(midi.facts["bars"]))}, store, seed)
        page = made("engrave_score", {"music": midi.id, "format": "png", "dpi": 110}, store, seed)
        _shrunk(roll.file, GALLERY / f"{name}-roll.png")
        _shrunk(page.file, GALLERY / f"{name}-page.png")
    return _text(number, say, name, midi.facts)


def _text(number: int, say: str, name: str, facts: dict[str, Any]) -> str:
    players = ", ".join(facts["instruments"])
    line = f"{facts['bars']} bars of {facts['meter']} in {facts['key']} at {facts['tempo_bpm']:g} BPM: {players}."
    told = [f"Not kept: {c}." for c in facts["conflicts"]]
    return "\n".join(
        [
            f"## {number}. {say}",
            "",
            " ".join([line, *told, f"[MIDI]({name}.mid)"]),
            "",
            f"![piano roll]({name}-roll.png)",
            "",
            f"![first page]({name}-page.png)",
            "",
        ]
    )


def _shrunk(source: Path, target: Path) -> None:
    """A picture at most :data:`WIDTH` wide in a few colours."""
    from PIL import Image

    picture = Image.open(source).convert("RGB")
    if picture.width > WIDTH:
        height = round(picture.height * WIDTH / picture.width)
        picture = picture.resize((WIDTH, height), Image.Resampling.LANCZOS)
    picture.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(run(chosen.n, chosen.seed))
