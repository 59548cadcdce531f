"""An environment of its own for what a bench compares with, made once under the cache folder with pip."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from tools.errors import UserError


def interpreter(name: str, requirements: Sequence[str], variable: str) -> str:
    """A Python that has the requirements: the one that an environment variable names, or one made on first use.

    Parameters
    ----------
    name
        Folder of the environment under the cache folder; put the version in it.
    requirements
        What pip installs, in the words of its command line.
    variable
        The environment variable that may name an interpreter instead.

    Raises
    ------
    UserError
        When pip cannot install them.
    """
    named = os.environ.get(variable)
    if named:
        return named
    home = Path(platformdirs.user_cache_dir("scorewright")) / name
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    ready = home / "ready"
    if not ready.exists():
        venv.create(home, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "-q", *requirements]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            raise UserError(f"{requirements[0]} could not be installed; set {variable} to an interpreter that has it.")
        ready.touch()
    return str(python)
