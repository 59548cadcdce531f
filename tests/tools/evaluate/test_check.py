"""Each verdict of `check`, met and missed, measured on real files; and what it says when it cannot measure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tools.brief import Brief, Constraint, MusicFields
from tools.contract import Artifact
from tools.errors import UserError
from tools.kit.audio import write_wav
from tools.kit.metrics.audio import evaluate
from tools.kit.score import Note, Score, Track, read_midi, write_midi
from tools.kit.theory.chord import Chord
from tools.kit.theory.meter import Meter
from tools.kit.verdicts import MEASURES

RATE = 44100
BARS, CHORDS = 12, ("C", "Am", "F", "G7")


def waltz(tempo: float = 120.0) -> Score:
    """Twelve bars of 3/4 in C: piano chords over a bass, a flute above, growing louder; a marker at each third."""
    piano, bass, flute = Track("Piano", 0), Track("Bass", 43), Track("Flute", 73)
    for bar in range(BARS):
        chord, at, level = Chord.parse(CHORDS[bar % 4]), bar * 3.0, 40 + 6 * bar
        bass.notes.append(Note(at, 2.8, 36 + chord.root, level + 10))
        for beat in (1, 2):
            piano.notes += [Note(at + beat, 0.9, 48 + (p - 48) % 12 + 12, level) for p in chord.pitch_classes()]
        if not 4 <= bar < 8:
            tones = chord.pitch_classes()
            flute.notes += [Note(at + i, 1.0, 72 + (tones[i % len(tones)] - 72) % 12, level) for i in range(3)]
    bass.notes[-1].duration = 3.0
    return Score(
        tracks=[piano, bass, flute],
        tempi=[(0.0, tempo)],
        meters=[(0.0, Meter(3, 4))],
        markers=[(0.0, "Intro"), (12.0, "Verse"), (24.0, "Chorus")],
    )


def played(score: Score, seconds: float) -> np.ndarray:
    """The score as decaying sines, stereo, exactly ``seconds`` long."""
    out = np.zeros(round(seconds * RATE) + RATE, np.float32)
    for track in score.tracks:
        for note in track.notes:
            start, length = round(score.seconds(note.start) * RATE), score.seconds(note.end) - score.seconds(note.start)
            time = np.arange(round(length * RATE)) / RATE
            envelope = np.minimum(1, time / 0.004) * np.exp(-2 * time) * np.minimum(1, (length - time) / 0.01)
            wave = sum(np.sin(2 * np.pi * 440 * 2 ** ((note.pitch - 69) / 12) * k * time) / k**2 for k in (1, 2, 3))
            out[start : start + len(time)] += (0.08 * (note.velocity / 127) ** 2 * envelope * wave).astype(np.float32)
    out = out[: round(seconds * RATE)]
    return np.repeat((out / max(1.0, float(np.abs(out).max()) / 0.9))[:, None], 2, axis=1)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("music")
    score, midi, wav = waltz(), folder / "waltz.mid", folder / "waltz.wav"
    write_midi(score, midi)
    write_wav(wav, played(score, 18.0), RATE)
    return {"midi": midi, "audio": wav}


Run = Callable[..., dict[str, dict[str, Any]]]


@pytest.fixture
def verdicts(call_tool: Any, files: dict[str, Path]) -> Run:
    """``verdicts({"bars": 12})`` gives checks by name; ``midi`` and ``audio`` choose the files."""

    def run(brief: dict[str, Any], *kinds: str) -> dict[str, dict[str, Any]]:
        kinds = kinds or ("midi", "audio")
        args = {kind: f"a{number}" for number, kind in enumerate(kinds, start=1)}
        call = call_tool("check", {"brief": brief, **args}, attach=[files[k] for k in kinds])
        return {c["name"]: c for c in call.data["checks"]}

    return run


CASES: list[tuple[str, Any, Any]] = [  # field, met, missed
    ("duration_s", 18.0, 20.0),
    ("tempo_bpm", 120, 97),
    ("tempo_bpm", {"min": 110, "max": 130}, {"max": 100}),
    ("meter", "3/4", "4/4"),
    ("bars", 12, 16),
    ("key", "C major", "A major"),
    ("mode", "major", "minor"),
    ("chords", ["C", "Am", "F", "G7"], ["C", "F", "Am", "G"]),
    ("sections", ["intro", "verse", "chorus"], ["verse", "chorus", "intro"]),
    ("instruments", ["piano", "flute"], ["piano", "trumpet"]),
    ("exclude", ["drums", "brass"], ["woodwinds"]),
    ("vocals", False, True),
    (
        "dynamics",
        [{"at": 0, "level": 0.2}, {"at": 1, "level": 0.9}],
        [{"at": 0, "level": 0.9}, {"at": 1, "level": 0.2}],
    ),
    ("hit_points_s", [3.5, 9.5], [3.25]),
    ("valence", 0.6, -0.8),
    ("arousal", 0.0, 1.0),
]


@pytest.mark.parametrize(("name", "right", "wrong"), CASES)
def test_each_field_is_met_and_missed_from_notes(verdicts: Run, name: str, right: Any, wrong: Any) -> None:
    met, missed = verdicts({name: right}, "midi")[name], verdicts({name: wrong}, "midi")[name]
    assert met["verdict"] == "met", met
    assert missed["verdict"] == "missed", missed
    assert len(met["how"]) > 10


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [c for c in CASES if c[0] in ("duration_s", "tempo_bpm", "key", "mode", "dynamics", "hit_points_s", "valence")],
)
def test_what_sounds_is_measured_without_notes(verdicts: Run, name: str, right: Any, wrong: Any) -> None:
    met, missed = verdicts({name: right}, "audio")[name], verdicts({name: wrong}, "audio")[name]
    assert met["verdict"] == "met", met
    assert missed["verdict"] == "missed", missed


def test_notes_and_sound_together_say_both(verdicts: Run) -> None:
    found = verdicts({"tempo_bpm": 120, "key": "C major"})
    assert "MIDI map 120.0 BPM" in found["tempo_bpm"]["how"]
    assert "audio beats" in found["tempo_bpm"]["how"]
    assert "audio chroma" in found["key"]["how"]
    assert {c["verdict"] for c in found.values()} == {"met"}


def test_loudness_is_met_at_its_value_and_missed_elsewhere(verdicts: Run) -> None:
    measured = verdicts({"loudness_lufs": -30.0}, "audio")["loudness_lufs"]
    assert measured["verdict"] == "missed"
    assert verdicts({"loudness_lufs": measured["measured"]}, "audio")["loudness_lufs"]["verdict"] == "met"
    assert verdicts({"loudness_lufs": -30.0}, "midi")["loudness_lufs"]["verdict"] == "not_checked"


@pytest.mark.parametrize(("seconds", "rate"), [(0.125, 44100), (3.0, 32000)])
def test_loudness_is_the_metric_of_recordings_at_any_length_and_rate(
    call_tool: Any, tmp_path: Path, seconds: float, rate: int
) -> None:
    time, path = np.arange(round(seconds * rate)) / rate, tmp_path / "tone.wav"
    sound = (0.25 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    write_wav(path, np.repeat(sound[:, None], 2, axis=1), rate)
    call = call_tool("check", {"brief": {"loudness_lufs": -14}, "audio": "a1"}, attach=[path])
    (judged,) = [c for c in call.data["checks"] if c["name"] == "loudness_lufs"]
    measured = evaluate(path)["loudness_lufs"]
    assert measured is not None
    assert judged["measured"] == round(measured, 2)


def test_mood_is_the_distance_from_its_place(verdicts: Run) -> None:
    near = {"mood": "cheerful", "valence": 0.5, "arousal": 0.0}
    far = {"mood": "furious", "valence": -0.8, "arousal": 0.9}
    assert verdicts(near, "midi")["mood"]["verdict"] == "met"
    assert verdicts(far, "midi")["mood"]["verdict"] == "missed"
    assert verdicts({"mood": "wobbly"}, "midi")["mood"]["verdict"] == "not_checked"


def test_a_whole_period_loops_and_a_fade_with_silence_does_not(call_tool: Any, tmp_path: Path) -> None:
    time = np.arange(2 * RATE) / RATE
    tone = np.repeat((0.3 * np.sin(2 * np.pi * 220 * time))[:, None], 2, axis=1).astype(np.float32)
    write_wav(tmp_path / "loop.wav", tone, RATE)
    write_wav(tmp_path / "gap.wav", np.concatenate([tone, np.zeros((RATE, 2), np.float32)]), RATE)
    args = {"brief": {"loop": True}}
    met = call_tool("check", {**args, "audio": "a1"}, attach=[tmp_path / "loop.wav"]).data["checks"][0]
    missed = call_tool("check", {**args, "audio": "a2"}, attach=[tmp_path / "gap.wav"]).data["checks"][0]
    assert (met["verdict"], missed["verdict"]) == ("met", "missed"), (met, missed)


def film(path: Path, picture_s: float, sound: np.ndarray) -> Path:
    """A small MP4 with a picture of ``picture_s`` at 25 frames a second and AAC sound."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = out.add_stream("aac", rate=RATE, layout="stereo")
        for index in range(round(picture_s * 25)):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), index * 3 % 255, np.uint8), format="rgb24")
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        block = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T), format="fltp", layout="stereo")
        block.sample_rate, block.pts = RATE, 0
        out.mux(audio.encode(block))
        out.mux(audio.encode(None))
    return path


@pytest.mark.parametrize(
    ("sound_s", "silent_s", "wanted"), [(4.0, 0.0, "met"), (3.0, 0.0, "missed"), (2.0, 2.0, "missed")]
)
def test_music_ends_with_the_picture(
    call_tool: Any, tmp_path: Path, sound_s: float, silent_s: float, wanted: str
) -> None:
    tone = 0.3 * np.sin(2 * np.pi * 330 * np.arange(round(sound_s * RATE)) / RATE)
    stereo = np.repeat(np.concatenate([tone, np.zeros(round(silent_s * RATE))])[:, None], 2, axis=1).astype(np.float32)
    path = film(tmp_path / "film.mp4", 4.0, stereo)
    checks = call_tool("check", {"brief": {"fit_picture": True}, "video": "a1"}, attach=[path]).data["checks"]
    assert [(c["name"], c["verdict"]) for c in checks] == [("video_end", wanted)], checks


def test_cuts_of_a_timeline_are_moments_to_meet(call_tool: Any, files: dict[str, Path], tmp_path: Path) -> None:
    timeline = tmp_path / "timeline.json"
    timeline.write_text(json.dumps({"cuts_s": [3.0, 6.0, 9.0, 12.0, 13.3]}))
    store_args = {"brief": {"fit_picture": True}, "midi": "a1", "timeline": "a2"}
    call = _with_timeline(call_tool, files["midi"], timeline, store_args)
    found = {c["name"]: c for c in call.data["checks"]}
    assert found["hit_points_s"]["verdict"] == "met"  # four of five, as a film's cuts ask
    assert found["hit_points_s"]["measured"][-1] > 0.08


def _with_timeline(call_tool: Any, midi: Path, timeline: Path, args: dict[str, Any]) -> Any:
    import agent.store as stores

    real = stores.sniff
    stores.sniff = lambda path: ("timeline", "application/json") if path.name == "timeline.json" else real(path)
    try:
        return call_tool("check", args, attach=[midi, timeline])
    finally:
        stores.sniff = real


def test_every_constraint_gets_one_verdict_and_unread_words_are_named(call_tool: Any, files: dict[str, Path]) -> None:
    wanted = [
        Constraint(name="bars", target=12, words="12 bars"),
        Constraint(name="genre", target="waltz", words="waltz"),
        Constraint(name="video_end", target=True, words="over when the picture is"),
        Constraint(name="colour", target="blue", words="blue"),
    ]
    brief = Brief(bars=12, genre="waltz", constraints=wanted, not_understood=["like a teapot", "sideways"])
    checks = call_tool("check", {"brief": brief.model_dump(), "midi": "a1"}, attach=[files["midi"]]).data["checks"]
    assert [c["name"] for c in checks] == ["bars", "genre", "video_end", "colour", "not_understood", "not_understood"]
    assert [c["verdict"] for c in checks] == ["met", *["not_checked"] * 5]
    assert checks[4]["target"] == "like a teapot"
    assert all(c["how"] for c in checks)


def test_every_field_of_a_brief_has_a_measure() -> None:
    assert set(MusicFields.model_fields) | {"count", "video_end", "references"} <= set(MEASURES)


def ambiguous(tmp_path: Path) -> Path:
    """A loop that is in C major as much as in A minor: Am F C G, begun on one and closed on the other."""
    track = Track("Piano", 0)
    for bar, name in enumerate(("Am", "F", "C", "G") * 2 + ("C",)):
        pitches = [48 + (p - 48) % 12 for p in Chord.parse(name).pitch_classes()]
        track.notes += [Note(bar * 4.0, 4.0, p, 80) for p in pitches]
    write_midi(Score([track]), tmp_path / "loop.mid")
    return tmp_path / "loop.mid"


def test_the_key_measured_is_the_same_whatever_was_asked(call_tool: Any, tmp_path: Path) -> None:
    path = ambiguous(tmp_path)
    found = [
        call_tool("check", {"brief": {name: asked}, "midi": "a1"}, attach=[path]).data["checks"][0]
        for name, asked in [("key", k) for k in ("C major", "A minor", "D dorian", "F# minor")]
        + [("mode", m) for m in ("major", "minor", "dorian")]
    ]
    assert len({c["measured"] for c in found}) == 1
    for check in found:
        same = check["target"] in (check["measured"], check["measured"].split()[1])
        assert same or check["verdict"] == "missed" or "cannot be told from" in check["how"]


def test_a_church_mode_is_measured_where_it_fits_clearly_better(call_tool: Any, tmp_path: Path) -> None:
    scale = (0, 2, 3, 5, 7, 9, 10)
    tune = [62 + scale[d] for d in (0, 4, 2, 0, 5, 5, 5, 6, 5, 4, 5, 3, 2, 0, 5, 0)] * 4
    flute = Track("Flute", 73, notes=[Note(i, 1, p, 80) for i, p in enumerate(tune)])
    drone = Track("Drone", 109, notes=[Note(i * 4, 4, p, 60) for i in range(16) for p in (38, 45)])
    write_midi(Score([flute, drone]), tmp_path / "d.mid")
    for asked in ("D dorian", "D minor"):
        found = call_tool("check", {"brief": {"key": asked}, "midi": "a1"}, attach=[tmp_path / "d.mid"]).data["checks"]
        assert (found[0]["verdict"], found[0]["measured"]) == ("met", "D dorian")


def contrasts(sections: int) -> Score:
    """So many sections of eight bars without markers, each with its own harmony, register, density and rhythm."""
    track = Track("Piano", 0)
    for section in range(sections):
        step, base, level = (1.0, 0.5, 2.0)[section % 3], 48 + 7 * (section % 4), 50 + 15 * (section % 4)
        for index in range(int(32 / step)):
            at = section * 32.0 + index * step
            track.notes += [Note(at, step, base + p + section, level) for p in ((0, 4, 7), (0, 3, 8))[index % 2]]
    return Score([track])


def test_sections_are_counted_in_the_music_and_not_in_the_request(call_tool: Any, tmp_path: Path) -> None:
    write_midi(contrasts(5), tmp_path / "five.mid")
    found = {
        asked: call_tool(
            "check", {"brief": {"sections": ["verse"] * asked}, "midi": "a1"}, attach=[tmp_path / "five.mid"]
        ).data["checks"][0]
        for asked in (2, 3, 5, 8)
    }
    assert {c["measured"] for c in found.values()} == {5}
    assert {asked: c["verdict"] for asked, c in found.items()} == {2: "missed", 3: "missed", 5: "met", 8: "missed"}


def artifact(name: str, kind: str, path: Path, parents: tuple[str, ...] = ()) -> Artifact:
    return Artifact(id=name, kind=kind, path=str(path), sha256="", media_type="", parents=list(parents))


@pytest.mark.parametrize(("tempo", "mode", "verdict"), [(118, "major", "met"), (60, "minor", "missed")])
def test_a_reference_is_compared_with_what_was_made_after_it(
    call_tool: Any, files: dict[str, Path], tmp_path: Path, tempo: float, mode: str, verdict: str
) -> None:
    from tools.kit.verdicts import Evidence, judge_all

    facts = {"tempo_bpm": tempo, "mode": mode, "meter": "3/4"}
    found = tmp_path / "found.json"
    found.write_text(json.dumps({"hits": [{"title": "The Blue Waltz, op. 3", "facts": facts}]}))
    midi = artifact("m", "midi", files["midi"], ("r",))
    evidence = Evidence(Brief(references=["blue waltz"]), midi, lineage=(midi, artifact("r", "references", found)))
    (check,) = judge_all(evidence)
    assert (check.name, check.verdict) == ("references", verdict)
    assert "meter" in check.measured["blue waltz"]["alike"]
    stated = Brief(references=["blue waltz"], tempo_bpm=120, mode="major", meter="3/4")
    assert judge_all(Evidence(stated, midi, lineage=evidence.lineage))[-1].verdict == "not_checked"
    absent = judge_all(Evidence(Brief(references=["Bolero"]), midi, lineage=evidence.lineage))[0]
    assert absent.verdict == "not_checked"
    assert "Bolero" in absent.how


def test_an_unknown_instrument_is_not_checked_by_name(verdicts: Run) -> None:
    found = verdicts({"instruments": ["piano", "glockenflug"]}, "midi")["instruments"]
    assert found["verdict"] == "not_checked"
    assert "glockenflug" in found["how"]


def test_an_asked_progression_that_was_not_played_through_is_missed(verdicts: Run) -> None:
    found = verdicts({"chords": ["C", "Am", "F", "G7"] * 4}, "midi")["chords"]
    assert found["verdict"] == "missed"
    assert "16 asked" in found["how"]


GOLDEN_MEDIA = Path(__file__).parents[2] / "goldens" / "metrics" / "media"


@pytest.mark.parametrize(
    ("name", "true", "false"),
    [
        ("mozart-k155-movement2", "3/4", "4/4"),
        ("schubert-lindenbaum", "3/4", "4/4"),
        ("bach-bwv1.6", "4/4", "3/4"),
        ("liliuokalani-aloha_oe", "4/4", "3/4"),
        ("airdsairs-book1-20", "6/8", "4/4"),
        ("joplin-maple_leaf_rag", "2/4", "7/8"),
    ],
)
def test_a_relabelled_time_signature_does_not_fool_the_meter(
    call_tool: Any, tmp_path: Path, name: str, true: str, false: str
) -> None:
    score = read_midi(GOLDEN_MEDIA / f"{name}.mid")
    for label in (true, false):
        score.meters = [(0.0, Meter.parse(label))]
        write_midi(score, tmp_path / "labelled.mid")
        call = call_tool("check", {"brief": {"meter": label}, "midi": "a1"}, attach=[tmp_path / "labelled.mid"])
        (found,) = call.data["checks"]
        if label == true:
            assert (found["verdict"], found["measured"]) == ("met", true)
        else:
            assert found["verdict"] == "missed"
            assert found["measured"].startswith(f"{false} written, ")


def test_a_false_meter_map_is_contradicted_by_the_accents(call_tool: Any, tmp_path: Path) -> None:
    score = waltz()
    score.meters = [(0.0, Meter(4, 4))]
    write_midi(score, tmp_path / "false.mid")
    found = call_tool("check", {"brief": {"meter": "4/4"}, "midi": "a1"}, attach=[tmp_path / "false.mid"]).data[
        "checks"
    ]
    assert found[0]["verdict"] == "missed", found


def test_licences_of_everything_it_was_made_from_count(call_tool: Any, files: dict[str, Path]) -> None:
    own = call_tool("check", {"brief": {"licence": "royalty-free"}, "midi": "a1"}, attach=[files["midi"]])
    assert own.data["checks"][0]["verdict"] == "not_checked"


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("CC0-1.0", 3),
        ("public domain", 3),
        ("CC BY 4.0", 2),
        ("Apache-2.0", 2),
        ("CC-BY-SA-4.0", 1),
        ("CC BY-NC 4.0", 0),
    ],
)
def test_licence_texts_are_ranked_by_the_freedom_they_leave(text: str, rank: int) -> None:
    from tools.kit.verdicts.rights import licence_class

    found = licence_class(text)
    assert found is not None
    assert found[1] == rank
    assert licence_class("unstated") is None


def test_silent_audio_and_empty_midi_are_judged_without_a_crash(call_tool: Any, tmp_path: Path) -> None:
    write_midi(Score(tracks=[Track("none")]), tmp_path / "none.mid")
    write_wav(tmp_path / "quiet.wav", np.zeros((RATE * 3, 2), np.float32), RATE)
    brief = {name: right for name, right, _ in CASES} | {"loudness_lufs": -14, "loop": True, "mood": "sad"}
    call = call_tool(
        "check", {"brief": brief, "midi": "a1", "audio": "a2"}, attach=[tmp_path / "none.mid", tmp_path / "quiet.wav"]
    )
    met = [c["name"] for c in call.data["checks"] if c["verdict"] == "met"]
    assert met == [], call.data["checks"]


def test_the_report_is_a_table_with_every_verdict(call_tool: Any, files: dict[str, Path]) -> None:
    call = call_tool("check", {"brief": {"bars": 12, "meter": "4/4"}, "midi": "a1"}, attach=[files["midi"]])
    text = call.file("report").read_text()
    assert "| bars | 12 | 12 | met |" in text
    assert "| meter | 4/4 | 3/4 | **missed** |" in text
    assert "1 of 2 measured constraints met" in call.result.summary


def test_nothing_to_check_and_nothing_asked_are_said(call_tool: Any, files: dict[str, Path]) -> None:
    with pytest.raises(UserError, match="nothing to check"):
        call_tool("check", {"brief": {"bars": 4}})
    with pytest.raises(UserError, match="asks for nothing"):
        call_tool("check", {"brief": {}, "midi": "a1"}, attach=[files["midi"]])


def test_a_request_that_nothing_measurable_follows_from_is_no_error(call_tool: Any, files: dict[str, Path]) -> None:
    call = call_tool("check", {"brief": {"request": "go on from here"}, "midi": "a1"}, attach=[files["midi"]])
    assert call.data["checks"] == []
    assert "Nothing that can be measured" in call.result.summary


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("key", "H moll"),
        ("mode", "sideways"),
        ("meter", "waltz"),
        ("tempo_bpm", "quick"),
        ("chords", ["Xq"]),
        ("bars", []),
    ],
)
def test_a_target_that_is_no_value_of_its_field_is_not_checked(
    call_tool: Any, files: dict[str, Path], name: str, target: Any
) -> None:
    brief = Brief(constraints=[Constraint(name=name, target=target, words="odd", tolerance="a bit")])
    checks = call_tool("check", {"brief": brief.model_dump(), "midi": "a1"}, attach=[files["midi"]]).data["checks"]
    assert [c["verdict"] for c in checks] == ["not_checked"]


@pytest.mark.parametrize(("key", "wanted"), [("C harmonic minor", "missed"), ("C major pentatonic", "met")])
def test_scales_without_a_profile_fold_into_their_mode(verdicts: Run, key: str, wanted: str) -> None:
    assert verdicts({"key": key}, "midi")["key"]["verdict"] == wanted


def test_a_whole_tone_scale_is_told_by_its_notes(verdicts: Run) -> None:
    found = verdicts({"key": "C whole tone"}, "midi")["key"]
    assert found["verdict"] == "missed"
    assert 0 < found["measured"] < 0.9


def test_a_film_that_is_none_is_named(call_tool: Any, tmp_path: Path) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 400)
    with pytest.raises(UserError, match=r"broken\.mp4"):
        call_tool("check", {"brief": {"fit_picture": True}, "video": "a1"}, attach=[path])
