"""``doctor``: what is installed and works here, and the command that mends each gap."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agent.config import Config
from agent.doctor.finding import Finding
from agent.doctor.machine import disk, gpu, writable
from agent.doctor.model import examine_model
from agent.doctor.packages import core_packages, extras, python
from agent.doctor.parts import library, soundfont, weights

__all__ = ["Finding", "examine"]


def examine(config: Config, *, probe_llm: bool = True) -> list[Finding]:
    """Examine this installation. Never raises; nothing is changed but the library's index, built when missing.

    Parameters
    ----------
    config
        The configuration in force.
    probe_llm
        Whether to try the configured model's server: one tool call, one stream and one long request, each
        bounded by 15 seconds.
    """
    folders = {"SCOREWRIGHT_CACHE_DIR": config.cache_dir, "SCOREWRIGHT_RUNS_DIR": config.runs_dir}
    checks: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("python", python),
        ("packages", core_packages),
        ("extras", extras),
        ("weights", weights),
        ("soundfont", lambda: soundfont(config.soundfont)),
        ("library", lambda: library(config.cache_dir)),
        ("disk", lambda: disk(folders)),
        ("disk", lambda: writable(folders)),
        ("gpu", gpu),
        ("model", lambda: examine_model(config, probe=probe_llm)),
    ]
    return [finding for area, check in checks for finding in _safely(area, check)]


def _safely(area: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """The findings of a check; one that fails in an unforeseen way is itself a finding."""
    try:
        return list(check())
    except Exception as err:  # noqa: BLE001 - a broken installation fails in ways nobody listed
        return [Finding(area, area, "broken", f"could not be examined ({type(err).__name__}: {err})")]
