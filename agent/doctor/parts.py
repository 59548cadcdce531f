"""What ships with the program: weights, the SoundFont, the library."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from agent.doctor.finding import Finding
from agent.doctor.packages import ROOT, install
from tools.errors import ScorewrightError
from tools.kit.media import sha256_of


def weights(folder: Path | None = None) -> Iterator[Finding]:
    """Every file of ``models.toml`` against its SHA-256."""
    home = folder or Path(str(resources.files("tools.backends")))
    listed = tomllib.loads((home / "models.toml").read_text(encoding="utf-8")).get("model", [])
    for model in listed:
        path = home / model["file"]
        name = f"{model['id']} ({model['task']})"
        if not path.is_file():
            yield Finding("weights", name, "broken", f"{path} is not there", _restore(path))
        elif sha256_of(path) != model["sha256"]:
            yield Finding("weights", name, "broken", f"{path} is not the shipped file (SHA-256)", _restore(path))
        else:
            yield Finding("weights", name, "ok", f"{path.stat().st_size / 1e6:.1f} MB, {model['licence']}")


def soundfont(setting: Path | None) -> Iterator[Finding]:
    """The SoundFont in force."""
    from tools.kit.soundfonts import choose

    try:
        font = choose(setting=setting)
    except ScorewrightError as err:
        mend = "unset SCOREWRIGHT_SOUNDFONT" if setting else install("")
        yield Finding("soundfont", str(setting or "shipped"), "broken", err.msg, mend)
        return
    yield Finding("soundfont", font.name, "ok", f"{len(font.data) / 1e6:.1f} MB, {font.licence}")


def library(cache_dir: Path) -> Iterator[Finding]:
    """The default library and its index, built now when it is missing."""
    from retrieval.library import Shelves, open_library

    opened = open_library(Shelves(cache_dir))
    try:
        size = f"{len(opened.records)} works, index: {opened.index.name}"
        if opened.notes:
            mend = f"rm -r {cache_dir / 'library'}   # it is built again at the next search"
            yield Finding("library", "default library", "broken", f"{size}. {' '.join(opened.notes)}", mend)
        else:
            yield Finding("library", "default library", "ok", size)
    finally:
        opened.close()


def _restore(path: Path) -> str:
    if (ROOT / ".git").exists() and path.is_relative_to(ROOT):
        return f"git -C {ROOT} checkout -- {path.relative_to(ROOT)}"
    return install("").replace(" install ", " install --force-reinstall --no-deps ")
