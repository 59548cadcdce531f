"""Which SoundFont sounds: the one asked for, the person's own, the best known one installed, or the shipped one.

Only General MIDI banks whose licence is known and allows any use of the sound are taken unasked; another one plays when
its path or its name is given, and its licence is then what the file itself says (the ICOP chunk of its INFO list).
rustysynth plays uncompressed banks: SF3 files are passed over.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tools.errors import UserError
from tools.kit.synth import SoundFont, load_soundfont

KNOWN: dict[str, str] = {
    "MuseScore_General": "MIT",
    "MuseScore_General_Full": "MIT",
    "FluidR3_GM": "MIT",
    "FluidR3Mono_GM": "MIT",
}
"""Banks that are taken unasked, the best first, with their licences."""


def folders() -> tuple[Path, ...]:
    """Where systems keep SoundFonts."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library/Audio/Sounds/Banks", Path("/Library/Audio/Sounds/Banks"), Path("/opt/homebrew/share")
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", "C:/ProgramData")) / "soundfonts", Path("C:/soundfonts")
    system = tuple(Path(root) / name for root in ("/usr/local/share", "/usr/share") for name in _NAMES)
    return home / ".local/share/soundfonts", home / ".local/share/sounds/sf2", *system


_NAMES = ("soundfonts", "sounds/sf2")


def installed() -> dict[str, Path]:
    """SF2 files of the usual folders by name; the first folder that has a name gives it, links go by what they name."""
    found: dict[str, Path] = {}
    for folder in folders():
        for path in sorted(folder.glob("*.[sS][fF]2")) if folder.is_dir() else ():
            found.setdefault(path.resolve().stem, path.resolve())
    return found


def choose(asked: str | None = None, setting: Path | None = None) -> SoundFont:
    """The SoundFont to play with.

    Parameters
    ----------
    asked
        The name of an installed SoundFont, the path of an .sf2 file, or "shipped".
    setting
        The person's own, which is taken when none was asked for.

    Raises
    ------
    UserError
        When what was asked for is not there or is no SoundFont.
    """
    if asked == "shipped":
        return load_soundfont()
    there = installed()
    if asked is not None:
        return _asked(asked, there)
    if setting is not None:
        return load_soundfont(setting, copyright_of(setting))
    best = best_installed()
    return load_soundfont() if best is None else load_soundfont(best, KNOWN[best.stem])


def best_installed() -> Path | None:
    """The known SoundFont that is taken unasked; None when none is installed, and the shipped one plays."""
    there = installed()
    return next((there[name] for name in KNOWN if name in there), None)


def _asked(name: str, there: dict[str, Path]) -> SoundFont:
    wanted = name.lower().removesuffix(".sf2")
    match = next((stem for stem in there if stem.lower() == wanted), None)
    path = there[match] if match else Path(name).expanduser()
    if match is None and not path.is_file():
        known = ", ".join(["shipped", *there])
        raise UserError(f"There is no SoundFont {name!r}; give the path of an .sf2 file, or one of: {known}.")
    return load_soundfont(path, KNOWN.get(path.stem) or copyright_of(path))


def copyright_of(path: Path) -> str:
    """What a SoundFont says of its licence in its INFO list, or that it says nothing."""
    try:
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except OSError:
        return "unstated"
    at = head.find(b"ICOP")
    if at < 0:
        return "unstated"
    length = int.from_bytes(head[at + 4 : at + 8], "little")
    said = head[at + 8 : at + 8 + length].split(b"\0")[0].decode("latin-1").strip()
    return f"as its file says: {said[:200]}" if said else "unstated"
