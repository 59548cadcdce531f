"""The example scripts, played as a person plays them: ``scorewright script FILE.yaml --json``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.test_main import call

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.yaml"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("script", SCRIPTS, ids=[s.stem for s in SCRIPTS])
def test_every_expectation_of_an_example_script_holds(script, tmp_path, films, cache_dir, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCOREWRIGHT_CACHE_DIR", str(cache_dir))
    shutil.copy(script, tmp_path)
    shutil.copy(films["bikes"], tmp_path)
    (tmp_path / "broken.mp4").write_text("no film at all")
    result = call("script", script.name, "--out", tmp_path / "out", "--json")
    played = json.loads(result.stdout)
    wrong = [(t["request"], o) for t in played["turns"] for o in t["expectations"] if not o["ok"]]
    assert wrong == []
    assert result.exit_code == 0


def test_a_broken_expectation_fails_the_script_and_says_which(tmp_path, cache_dir, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCOREWRIGHT_CACHE_DIR", str(cache_dir))
    (tmp_path / "s.yaml").write_text(
        "name: x\nturns:\n  - say: which key is this in?\n    expect: {tools: [compose]}\n"
    )
    result = call("script", "s.yaml", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "FAILED tools" in result.stdout


def test_a_script_with_an_unknown_expectation_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text("name: x\nturns:\n  - say: hello\n    expect: {colour: red}\n")
    result = call("script", "s.yaml")
    assert result.exit_code == 2
    assert "colour" in result.stderr
