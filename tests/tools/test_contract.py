"""The contract that every discovered tool keeps."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from tools import FAMILIES, catalogue, get_tool
from tools.contract import KINDS, Tool, ToolArgs, ToolData
from tools.errors import UserError

TESTS = Path(__file__).parent
TOOLS = list(catalogue().values())
PUBLIC = {  # the catalogue's public names; a tool may not be called otherwise
    "caption_image",
    "caption_video",
    "describe_music",
    "transcribe",
    "transcribe_melody",
    "track_beats",
    "search_music",
    "make_playlist",
    "compose",
    "continue_music",
    "infill",
    "vary",
    "harmonize",
    "add_part",
    "arrange",
    "melody_for_chords",
    "melody_for_lyrics",
    "write_lyrics",
    "transpose",
    "change_tempo",
    "change_meter",
    "change_instrument",
    "quantize",
    "humanize",
    "set_dynamics",
    "crop_bars",
    "repeat_bars",
    "merge_scores",
    "split_tracks",
    "fix_ranges",
    "convert_score",
    "generate_audio",
    "extend_audio",
    "inpaint_audio",
    "separate_stems",
    "edit_stems",
    "mix_tracks",
    "trim_audio",
    "join_audio",
    "change_speed",
    "shift_pitch",
    "set_loudness",
    "apply_effects",
    "loop_audio",
    "convert_audio",
    "sing",
    "convert_voice",
    "render_audio",
    "engrave_score",
    "draw_piano_roll",
    "draw_waveform",
    "mux_video",
    "dance_cues",
    "check",
    "compare",
    "score_music",
    "check_theory",
    "check_similarity",
    "diff_music",
    "score_set",
    "ask_user",
}


@pytest.fixture(params=TOOLS, ids=[t.name for t in TOOLS])
def tool(request: pytest.FixtureRequest) -> Tool:
    return request.param


def test_is_called_as_the_catalogue_says_and_lives_in_a_file_of_its_name(tool):
    assert tool.name in PUBLIC
    module = importlib.import_module(f"tools.{tool.family}.{tool.name}")
    assert getattr(module, tool.name) is tool
    assert tool.family in FAMILIES


def test_says_what_it_does(tool):
    first = tool.description.splitlines()[0]
    assert first.endswith(".")
    assert 20 <= len(first) <= 200


def test_every_argument_is_described(tool):
    assert issubclass(tool.args_model, ToolArgs)
    for name, info in tool.args_model.model_fields.items():
        assert info.description, f"{tool.name}.{name} has no description"
        assert len(info.description) >= 8, f"{tool.name}.{name}: {info.description!r} says too little"


def test_numbers_have_a_unit_or_bounds(tool):
    for name, schema in tool.schema()["properties"].items():
        variants = schema.get("anyOf", [schema])
        if not any(v.get("type") in ("number", "integer") for v in variants):
            continue
        bounded = any({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"} & set(v) for v in variants)
        has_unit = name.endswith(("_s", "_bpm", "_lufs", "_db", "_hz"))
        assert bounded or has_unit, f"{tool.name}.{name} has neither bounds nor a unit in its name"


def test_its_schema_is_json(tool):
    assert json.loads(json.dumps(tool.schema()))["type"] == "object"


def test_kinds_it_takes_are_the_kinds_its_arguments_accept(tool):
    assert set(tool.takes) | set(tool.gives) <= set(KINDS)
    accepted = {kind for kinds in tool.references().values() for kind in kinds}
    assert set(tool.takes) <= accepted or not accepted


def test_refuses_an_unknown_argument_by_name(tool):
    with pytest.raises(UserError, match="no argument named 'nonsense'"):
        tool.parse({"nonsense": 1})


def test_has_a_version_a_cost_and_a_bound_in_time(tool):
    assert tool.version
    assert tool.cost in ("instant", "seconds", "minutes")
    assert 0 < tool.timeout_s <= 24 * 3600


def test_answers_to_phrases(tool):
    inner = tool.name in ("check", "ask_user", "mux_video", "render_audio", "caption_image", "caption_video")
    assert tool.asks or inner


def test_has_a_test_of_its_own(tool):
    assert list(TESTS.rglob(f"test_{tool.name}.py")), f"tests/tools/{tool.family}/test_{tool.name}.py is missing"


def test_result_types_are_json_safe(tool):
    module = importlib.import_module(f"tools.{tool.family}.{tool.name}")
    results = [
        v for v in vars(module).values() if isinstance(v, type) and issubclass(v, ToolData) and v is not ToolData
    ]
    assert results, f"{tool.name} declares no typed result"
    for result in results:
        json.dumps(result.model_json_schema())


def test_a_wrong_name_is_answered_with_the_nearest_ones():
    with pytest.raises(UserError, match=TOOLS[0].name):
        get_tool(TOOLS[0].name[:-1])
