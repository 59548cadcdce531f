from __future__ import annotations

import pytest

from agent.config import load_config
from tools.errors import UserError


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_flags_beat_the_environment_which_beats_the_file_which_beats_defaults(tmp_path, monkeypatch):
    assert load_config().max_repairs == 2
    (tmp_path / "scorewright.toml").write_text("max_repairs = 5\nworkers = 3\nmodel = 'from-file'\n")
    assert load_config().max_repairs == 5
    monkeypatch.setenv("SCOREWRIGHT_MAX_REPAIRS", "6")
    assert load_config().max_repairs == 6
    assert load_config(max_repairs=7).max_repairs == 7
    assert load_config(max_repairs=None).workers == 3
    assert load_config().model == "from-file"


def test_the_usual_names_of_the_models_server_are_known(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    config = load_config(model="qwen")
    assert (config.base_url, config.api_key) == ("http://127.0.0.1:11434/v1", "secret")
    assert "secret" not in repr(config)


@pytest.mark.parametrize(
    ("text", "message"),
    [("max_repairs = 'many'", "max_repairs"), ("no_such_thing = 1", "no_such_thing"), ("= broken", "cannot be read")],
)
def test_a_wrong_file_is_one_line_that_names_the_fault(tmp_path, text, message):
    (tmp_path / "scorewright.toml").write_text(text)
    with pytest.raises(UserError, match=message):
        load_config()


def test_tools_see_their_part(tmp_path):
    settings = load_config(soundfont=tmp_path / "x.sf2", max_video_s=10).tool_settings()
    assert settings.soundfont == tmp_path / "x.sf2"
    assert settings.max_video_s == 10
