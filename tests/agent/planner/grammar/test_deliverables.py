"""Which files a person wants, lengths that are added, and amounts that were not said."""

from __future__ import annotations

import pytest

from agent.planner.base import Planned, Situation
from agent.planner.grammar import GrammarPlanner
from agent.planner.grammar.parse import parse
from tools.brief import Brief
from tools.contract import Artifact

PLANNER = GrammarPlanner()


def file(number: int, kind: str, tool: str | None = None) -> Artifact:
    facts = {"id": f"a{number}", "kind": kind, "path": f"/x/a{number}", "sha256": str(number), "media_type": "x/x"}
    return Artifact.model_validate(facts | {"tool": tool})


def tools_for(say: str, *kinds: str) -> list[str]:
    planned = PLANNER.plan(Situation(say, tuple(file(n, k) for n, k in enumerate(kinds, 1))))
    return [s.tool for s in planned.plan.steps]


@pytest.mark.parametrize(
    ("say", "finishing"),
    [
        ("a calm piano waltz in D minor, just the midi", set()),
        ("only midi, no audio: 16 bars of flute in C major", set()),
        ("MIDI only please, a jazz tune", set()),
        ("写一段钢琴曲，不要音频，只要MIDI", set()),
        ("a sad piano piece, only the wav", {"render_audio"}),
        ("a rock tune, I only need the audio", {"render_audio"}),
        ("a rag for piano, don't render any audio", {"draw_piano_roll"}),
        ("a string quartet in G, just the sheet music as PDF", {"engrave_score"}),
        ("a lullaby, sheet music only", {"engrave_score"}),
        ("a march, MusicXML only", {"convert_score"}),
        ("写一首圆舞曲，只要MIDI和乐谱", {"engrave_score"}),
        ("write a tango, midi and audio only", {"render_audio"}),
        ("a piano piece, no midi, just an mp3", {"render_audio", "convert_audio"}),
        ("just a video game theme, heroic", {"render_audio", "draw_piano_roll"}),
    ],
)
def test_only_the_files_that_are_wanted_are_made(say: str, finishing: set[str]) -> None:
    assert set(tools_for(say)) - {"search_music", "compose", "check"} == finishing


def test_a_film_without_sound_still_gets_music_that_is_heard() -> None:
    assert {"render_audio", "mux_video"} <= set(tools_for("this video has no audio, give it music", "video"))


def test_a_wish_for_files_leaves_no_word_behind() -> None:
    assert PLANNER.plan(Situation("a jazz tune, MIDI only please")).brief.not_understood == []


@pytest.mark.parametrize(
    ("say", "seconds"),
    [
        ("half a minute longer", 60.0),
        ("make it 20 seconds longer", 50.0),
        ("10 seconds shorter please", 20.0),
        ("make it longer by 15 s", 45.0),
        ("再长半分钟", 60.0),
    ],
)
def test_seconds_longer_or_shorter_move_the_last_length(say: str, seconds: float) -> None:
    before = PLANNER.plan(Situation("a calm piano piece of 30 seconds")).brief
    made = (file(1, "midi", "compose"), file(2, "audio", "render_audio"))
    planned = PLANNER.plan(Situation(say, made, previous=before, current=("a1", "a2")))
    assert planned.brief.duration_s == seconds
    assert "compose" in [s.tool for s in planned.plan.steps]


def transposition(say: str, *answers: tuple[str, str]) -> Planned:
    return PLANNER.plan(Situation(say, (file(1, "midi"),), answers=answers))


@pytest.mark.parametrize(("say", "semitones"), [("Transpose it up", 2), ("transpose this down", -2)])
def test_a_transposition_without_a_distance_asks_how_far(say: str, semitones: int) -> None:
    asked = transposition(say).plan.steps[0]
    assert asked.tool == "ask_user"
    answered = transposition(say, (asked.args["question"], asked.args["default"])).plan.steps
    assert [s.args["semitones"] for s in answered if s.tool == "transpose"] == [semitones]
    unhelpful = transposition(say, (asked.args["question"], "hm")).plan.steps
    assert unhelpful[0].tool == "transpose"  # nobody is asked twice


@pytest.mark.parametrize(
    ("say", "instrument", "tracks"),
    [
        ("play clarinet instead of oboe", "clarinet", ["oboe"]),
        ("have a harp instead of the guitar", "harp", ["guitar"]),
    ],
)
def test_one_instrument_instead_of_another_changes_its_track(say: str, instrument: str, tracks: list[str]) -> None:
    step = PLANNER.plan(Situation(say, (file(1, "midi"),))).plan.steps[0]
    assert (step.tool, step.args["instrument"], step.args["tracks"]) == ("change_instrument", instrument, tracks)


def test_a_part_for_each_player_splits_the_score() -> None:
    assert tools_for("parts, one for each instrument", "midi")[0] == "split_tracks"


@pytest.mark.parametrize(
    ("say", "sections"),
    [
        ("写一段副歌", ["chorus"]),
        ("write a chorus in A minor", ["chorus"]),
        ("write a song with a chorus", ["verse", "chorus"]),
        ("写一首有副歌的歌", ["verse", "chorus"]),
    ],
)
def test_a_section_that_is_written_alone_stands_alone(say: str, sections: list[str]) -> None:
    assert PLANNER.plan(Situation(say)).brief.sections == sections


def test_unlike_lengths_of_sections_add_up_and_are_reported() -> None:
    brief: Brief = PLANNER.plan(Situation("write a pop song, verse 8 bars, chorus 16 bars")).brief
    assert (brief.bars, brief.not_understood) == (24, ["8 bars", "16 bars"])


def test_words_to_sing_are_a_wish_with_a_constraint() -> None:
    wished = {c.name: c.target for c in parse("write a song with the lyrics: the moon is down").brief.constraints}
    assert wished["lyrics"] == "the moon is down"


def test_a_cappella_words_get_no_accompaniment() -> None:
    steps = PLANNER.plan(
        Situation('set these lyrics to music a cappella: "the moon is down, the river runs"')
    ).plan.steps
    assert steps[0].args["accompanied"] is False


def test_what_describes_new_music_is_no_stem_of_a_recording() -> None:
    assert PLANNER.plan(Situation("a sad piano piece as mp3")).brief.instruments == ["piano"]
