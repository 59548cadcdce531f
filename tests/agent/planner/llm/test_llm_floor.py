"""No constraint is lost: what code read in the request stands, whatever the model makes of it."""

from __future__ import annotations

from agent.plan import Plan, Step
from agent.planner.base import Planned, Situation
from agent.planner.llm.evidence import Evidence, uncovered
from tests.agent.planner.llm.conftest import COMPOSE, RENDER, attached, draft
from tests.fake_openai import call, text
from tools.brief import Brief, constraint

WALTZ = "a wistful waltz at 90 bpm in D minor for piano, no drums"


def read_waltz(floor):
    floor.read(
        genre=("waltz", "waltz"),
        mood=("wistful", "wistful"),
        tempo_bpm=(90.0, "at 90 bpm"),
        key=("D minor", "in D minor"),
        instruments=(["piano"], "piano"),
        exclude=(["drums"], "no drums"),
    )


def full(**changes):
    fields = {
        "genre": "waltz",
        "mood": "wistful",
        "tempo_bpm": 90,
        "key": "D minor",
        "instruments": ["piano"],
        "exclude": ["drums"],
        **changes,
    }
    return draft(COMPOSE, RENDER, **{k: v for k, v in fields.items() if v is not None})


def names(planned):
    return [c.name for c in planned.brief.constraints]


def asked_back(server):
    return server.requests[1]["messages"][-1]["content"]


def test_a_complete_answer_is_not_asked_back(planner, openai_server, floor):
    read_waltz(floor)
    openai_server.plays(call(full()))
    planned = planner.plan(Situation(WALTZ))
    assert len(openai_server.requests) == 1
    assert names(planned) == ["genre", "mood", "tempo_bpm", "key", "instruments", "exclude"]


def test_dropped_constraints_are_asked_back_by_name_and_words(planner, openai_server, floor):
    read_waltz(floor)
    openai_server.plays(call(full(tempo_bpm=None, exclude=None)), call(full()))
    planned = planner.plan(Situation(WALTZ))
    assert "tempo_bpm = 90.0 (“at 90 bpm”)" in asked_back(openai_server)
    assert 'exclude = ["drums"] (“no drums”)' in asked_back(openai_server)
    assert "key" not in asked_back(openai_server)
    assert planned.brief.tempo_bpm == 90


def test_constraints_dropped_twice_are_put_in_by_code(planner, openai_server, floor):
    read_waltz(floor)
    openai_server.plays(call(draft(COMPOSE)), call(draft(COMPOSE, RENDER)))
    planned = planner.plan(Situation(WALTZ))
    assert planned.planner == "llm"
    assert len(openai_server.requests) == 2
    assert len(planned.plan.steps) == 2
    brief = planned.brief
    assert (brief.tempo_bpm, brief.key, brief.instruments, brief.exclude) == (90, "D minor", ["piano"], ["drums"])
    assert names(planned) == ["genre", "mood", "tempo_bpm", "key", "instruments", "exclude"]
    assert brief.request == WALTZ


def test_a_second_answer_that_is_rubbish_leaves_the_first_one_standing(planner, openai_server, floor):
    read_waltz(floor)
    openai_server.plays(call(full(key=None)), text("Sorry?"))
    planned = planner.plan(Situation(WALTZ))
    assert planned.planner == "llm"
    assert planned.brief.key == "D minor"


def test_numbers_that_code_read_stand_against_the_models_and_it_is_said(planner, openai_server, floor):
    read_waltz(floor)
    openai_server.plays(call(full(tempo_bpm=100)), call(full(tempo_bpm=100)))
    planned = planner.plan(Situation(WALTZ))
    assert "you wrote 100" in asked_back(openai_server)
    assert planned.brief.tempo_bpm == 90
    assert any("tempo_bpm" in n and "90" in n and "100" in n for n in planned.notes)


def test_words_that_only_the_model_understood_become_constraints(planner, openai_server, floor):
    floor.read(left=["al doble de una marcha lenta", "con guitarra"], mood=("triste", "triste"))
    answer = draft(
        COMPOSE,
        mood="triste",
        tempo_bpm=120,
        instruments=["guitar"],
        words={"tempo_bpm": "al doble de una marcha lenta", "instruments": "con guitarra"},
    )
    openai_server.plays(call(answer))
    planned = planner.plan(Situation("algo triste con guitarra, al doble de una marcha lenta"))
    assert {c.name: c.words for c in planned.brief.constraints} == {
        "mood": "triste",
        "tempo_bpm": "al doble de una marcha lenta",
        "instruments": "con guitarra",
    }
    assert planned.brief.constraints[1].tolerance is not None
    assert planned.brief.not_understood == []


def test_numbers_that_nobody_said_are_not_taken(planner, openai_server, floor):
    floor.read(left=["whatever"], mood=("lively", "lively"))
    answer = draft(
        COMPOSE,
        mood="lively",
        tempo_bpm=180,
        duration_s=30,
        key="C major",
        genre="polka",
        words={"tempo_bpm": "lively", "duration_s": "thirty seconds"},
    )
    openai_server.plays(call(answer))
    brief = planner.plan(Situation("something lively, whatever")).brief
    assert (brief.tempo_bpm, brief.duration_s, brief.key) == (None, None, None)
    assert brief.genre == "polka"
    assert [c.name for c in brief.constraints] == ["mood"]


def test_words_neither_understood_stay_named(planner, openai_server, floor):
    floor.read(left=["zorbly", "under water"])
    openai_server.plays(call(draft(COMPOSE, words={"s1": "under water"}, not_understood=["zorbly", "invented"])))
    planned = planner.plan(Situation("a zorbly tune under water"))
    assert planned.brief.not_understood == ["zorbly"]


def test_a_model_that_claims_to_understand_all_without_a_quote_is_not_believed(planner, openai_server, floor):
    floor.read(left=["zorbly"])
    openai_server.plays(call(draft(COMPOSE, not_understood=[])))
    assert planner.plan(Situation("a zorbly tune")).brief.not_understood == ["zorbly"]


def test_a_refusal_beats_a_wish(planner, openai_server, floor):
    floor.read(exclude=(["drums"], "no drums"))
    openai_server.plays(call(draft(COMPOSE, instruments=["drums", "piano"], exclude=["drums"])))
    brief = planner.plan(Situation("piano, no drums")).brief
    assert (brief.instruments, brief.exclude) == (["piano"], ["drums"])


TUNE = attached("a1", "midi", "tune.mid")


def transposed(semitones):
    return draft(("transpose", {"music": "a1", **({} if semitones is None else {"semitones": semitones})}))


def test_arguments_that_code_read_stand(planner, openai_server, floor):
    floor.read(steps=[{"id": "s1", "tool": "transpose", "args": {"music": "a1", "semitones": 5}}])
    for given in (4, None):
        openai_server.plays(call(transposed(given)))
        planned = planner.plan(Situation("transpose it up a fourth", (TUNE,)))
        assert planned.plan.steps[0].args == {"music": "a1", "semitones": 5}


def test_a_number_that_only_the_model_found_in_the_words_stands(planner, openai_server, floor):
    floor.read(steps=[{"id": "s1", "tool": "transpose", "args": {"music": "a1", "semitones": 1}}])
    openai_server.plays(call(transposed(-7)))
    planned = planner.plan(Situation("transpose by -7, that one tune", (TUNE,)))
    assert planned.plan.steps[0].args["semitones"] == -7


def test_a_tool_asked_for_in_words_is_asked_back_and_its_absence_said(planner, openai_server, floor):
    floor.read(
        steps=[
            {"id": "s1", "tool": "compose", "args": {"brief": "$brief"}},
            {"id": "s2", "tool": "render_audio", "args": {"music": "$s1"}},
        ]
    )
    openai_server.plays(call(draft(COMPOSE)), call(draft(COMPOSE)))
    planned = planner.plan(Situation("compose and render something"))
    assert "`render_audio`" in asked_back(openai_server)
    assert any("render_audio" in n for n in planned.notes)


TWO_TEMPI = "compose at 90 bpm and at 140 bpm"
ASK = {"question": "90 or 140 BPM?", "default": "90"}


def test_a_contradiction_is_asked_back_and_may_become_a_question(planner, openai_server):
    openai_server.plays(call(draft(COMPOSE)), call(draft(("ask_user", ASK))))
    planned = planner.plan(Situation(TWO_TEMPI))
    assert "contradiction: You ask for 90 BPM and for 140 BPM" in asked_back(openai_server)
    assert [s.tool for s in planned.plan.steps] == ["ask_user"]
    assert planned.notes == ()


def test_a_model_that_settles_a_contradiction_by_itself_is_reported(planner, openai_server):
    openai_server.plays(call(draft(COMPOSE)), call(draft(COMPOSE)))
    planned = planner.plan(Situation(TWO_TEMPI))
    assert any("90 BPM and for 140 BPM" in n for n in planned.notes)


def test_an_answered_question_is_not_asked_again(planner, openai_server):
    openai_server.plays(call(draft(COMPOSE)))
    question = "You ask for 90 BPM and for 140 BPM; which one?"
    assert planner.plan(Situation(TWO_TEMPI, answers=((question, "90"),))).notes == ()
    assert question in openai_server.requests[0]["messages"][1]["content"]


def test_music_that_must_fit_the_picture_is_asked_back(planner, openai_server, floor, monkeypatch):
    brief = Brief(fit_picture=True, constraints=[constraint("video_end", True, "for this film")])
    plan = Plan(steps=[Step(id="s1", tool="compose", args={"brief": "$brief"})])
    monkeypatch.setattr(floor, "plan", lambda _: Planned(brief, plan, "grammar"))
    openai_server.plays(call(draft(COMPOSE)), call(draft(COMPOSE)))
    planned = planner.plan(Situation("music for this film"))
    assert "fit_picture = true (“for this film”)" in asked_back(openai_server)
    assert (planned.brief.fit_picture, names(planned)) == (True, ["video_end"])


def test_a_request_the_floor_refuses_is_planned_by_the_model_alone(planner, openai_server, floor):
    floor.refuses = "Nothing here names something to make."
    openai_server.plays(call(draft(COMPOSE, tempo_bpm=72, words={"tempo_bpm": "comme un cœur qui bat"})))
    planned = planner.plan(Situation("une musique comme un cœur qui bat"))
    assert planned.planner == "llm"
    assert [c.name for c in planned.brief.constraints] == ["tempo_bpm"]
    assert planned.brief.not_understood == ["une musique"]


def test_the_former_brief_and_earlier_requests_reach_the_model(planner, openai_server):
    openai_server.plays(call(draft(COMPOSE)))
    previous = Brief(request="x", key="D minor", instruments=["piano"])
    planner.plan(Situation("slower", previous=previous, history=("a waltz in D minor for piano",)))
    shown = openai_server.requests[0]["messages"][1]["content"]
    assert '"key": "D minor"' in shown
    assert "a waltz in D minor for piano" in shown


def test_quotes_are_compared_without_regard_to_case_spacing_and_typography():
    evidence = Evidence.of(["A  Waltz, “slow”，请"], ["slow", "请"])
    assert evidence.holds('waltz, "SLOW"')
    assert evidence.new("请")
    assert not evidence.new("waltz")
    assert not evidence.holds("")
    assert evidence.names("waltz")
    assert not evidence.names("wal")


def test_only_the_covered_part_of_a_phrase_is_understood():
    assert uncovered(["really Zorbly under water", "x"], ["under water"]) == ["really zorbly", "x"]
    assert uncovered(["Zorbly"], []) == ["Zorbly"]


def test_a_field_copied_beside_the_brief_cannot_overrule_it(planner, openai_server, floor):
    floor.read(bars=(16, "16 bars"))
    openai_server.plays(call(draft(("compose", {"bars": 8}), bars=16)))
    assert planner.plan(Situation("compose 16 bars")).plan.steps[0].args == {"brief": "$brief"}


def test_fields_of_the_brief_handed_to_a_tool_are_no_fault(planner, openai_server):
    openai_server.plays(call(draft(("compose", {"tempo_bpm": 90, "mood": "calm"}))))
    planned = planner.plan(Situation("compose something"))
    assert len(openai_server.requests) == 1
    assert planned.plan.steps[0].args == {"brief": "$brief"}


def test_fields_that_tell_two_versions_apart_are_kept(planner, openai_server, floor):
    openai_server.plays(call(draft(("compose", {"bars": 8}), ("compose", {"bars": 12}))))
    planned = planner.plan(Situation("compose two versions, 8 and 12 bars"))
    assert [s.args for s in planned.plan.steps] == [{"bars": 8, "brief": "$brief"}, {"bars": 12, "brief": "$brief"}]


def test_tools_that_this_version_lacks_are_named_whoever_plans(planner, openai_server, floor, monkeypatch):
    lacking = Planned(Brief(), Plan(steps=[Step(id="s1", tool="not_built")]), "grammar", ("This needs `not_built`.",))
    monkeypatch.setattr(floor, "plan", lambda _: lacking)
    openai_server.plays(call(draft(COMPOSE)))
    planned = planner.plan(Situation("compose something"))
    assert (planned.planner, planned.notes) == ("llm", ("This needs `not_built`.",))


def test_what_was_seen_is_given_to_what_is_made_for_it(planner, openai_server):
    film = attached("a1", "video", "clip.mp4")
    watch = ("caption_video", {"video": "a1"})
    openai_server.plays(call(draft(watch, ("compose", {}), ("render_audio", {"music": "$s2"}))))
    planned = planner.plan(Situation("compose something for the clip", (film,)))
    made = planned.plan.step("s2")
    assert (made.args, made.needs) == ({"brief": "$brief", "timeline": "$s1"}, ["s1"])


def test_a_film_is_looked_at_before_music_is_made_even_when_the_model_puts_it_last(planner, openai_server):
    film = attached("a1", "video", "clip.mp4")
    openai_server.plays(call(draft(COMPOSE, ("caption_video", {"video": "a1"}))))
    planned = planner.plan(Situation("compose something", (film,)))
    assert [s.tool for s in planned.plan.steps] == ["caption_video", "compose"]
    assert planned.plan.step("s1").needs == ["s2"]
