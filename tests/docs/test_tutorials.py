"""The tutorials' Python blocks run as they stand, in order, in one folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests import fake_openai
from tests.fake_openai import Server, openai_server

__all__ = ["openai_server"]
TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"


def blocks(name: str) -> list[str]:
    """The Python blocks of a tutorial."""
    return re.findall(r"```python\n(.*?)```", (TUTORIALS / name).read_text(encoding="utf-8"), re.S)


def test_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, openai_server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("CACHE_DIR", "SESSIONS_DIR"):
        monkeypatch.setenv(f"SCOREWRIGHT_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    names: dict[str, Any] = {}
    parts = blocks("python.md")
    for part in parts[:-1]:
        exec(part, names)
    openai_server.plays(
        fake_openai.call({"music": names["midi"], "semitones": 5}, name="transpose"),
        fake_openai.call({"before": names["midi"], "after": "s1-1"}, name="diff_music"),
        fake_openai.text("Every note went up a fourth."),
    )
    exec(parts[-1], names)
    printed = capsys.readouterr().out
    assert "Back to turn 1" in printed
    assert printed.rstrip().endswith("Every note went up a fourth.")
    told = [m["content"] for m in openai_server.requests[-1]["messages"] if m["role"] == "tool"]
    assert len(told) == 2
    assert "s1-1: midi" in told[0]
    assert "error" not in told[1].lower(), told[1]


@pytest.mark.parametrize("page", sorted(TUTORIALS.glob("*.md")), ids=lambda p: p.stem)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
