"""Lay music under a film: the picture is copied packet by packet, the sound is mixed and encoded anew."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.contract import Audio, Output, ToolArgs, ToolContext, ToolData, ToolResult, Video, tool
from tools.kit.video import cut_off_note, picture_span, probe
from tools.render._mux import OutputForm, choose_form, write_film
from tools.render._soundtrack import SoundPlan, Soundtrack

OriginalSound = Literal["keep", "duck", "foreground", "drop"]


class MuxVideoArgs(ToolArgs):
    """Arguments of `mux_video`."""

    video: Video = Field(description="The film.")
    audio: Audio = Field(description="The music to lay under it, from its first frame on.")
    original_sound: OriginalSound | None = Field(
        None,
        description="The film's own sound: 'keep' mixes it in as it is, 'duck' turns it down by 12 dB wherever the "
        "music sounds, 'foreground' keeps it and turns the music down by 12 dB wherever it sounds (music under "
        "dialogue), 'drop' leaves it out. Unsaid: 'duck' when the film has sound.",
    )
    music_gain_db: float = Field(0.0, ge=-60, le=24, description="Gain on the music, in dB.")


class MuxedVideo(ToolData):
    """What was put together."""

    duration_s: float = Field(description="Length of the picture, in seconds.")
    audio_s: float = Field(description="Length of the sound track, in seconds: that of the picture.")
    music_s: float = Field(description="Length of the music before it was cut or padded, in seconds.")
    original_sound: OriginalSound = Field(description="What became of the film's own sound.")
    mix_gain_db: float = Field(description="Gain on the whole mix that keeps it from clipping, in dB; 0 or below.")
    container: str = Field(description="Container written: mp4, mov, matroska or webm.")
    sound_codec: str = Field(description="Codec of the sound track: aac or opus.")


@tool(
    version="2",
    takes=("video", "audio"),
    gives=("video",),
    asks=(
        r"\b(?:put|lay|add|mux|place|combine|merge|use|attach|set|drop|stick|marry|sync)\b[^,.;]{0,40}\b(?:under|"
        r"to|onto|on|into|beneath|behind|with|over|in|as)\b[^,.;]{0,20}\b(?:video|film|clip|movie|footage|"
        r"reel|trailer)\b(?:[^,.;]{0,12}\bsound ?track\b)?",
        r"\b(?:replace|swap)\b[^,.;]{0,12}\b(?:video|film|clip|movie|footage)(?:'s)? "
        r"(?:sound ?track|audio|sound|music)\b",
        r"\b(?:replace|swap)\b[^,.;]{0,30}\b(?:sound ?track|audio|music)\b[^,.;]{0,30}\b(?:video|film|clip|"
        r"movie|footage)\b(?: (?:with|by|for)\b)?",
        r"\bmux\b",
        r"\b(?:duck|dip|sit|tuck|lower|turn(?: down)?|bring(?: down)?|keep)\b[^,.;]{0,12}\b(?:music|score|song|"
        r"sound ?track|track|cue|it)\b[^,.;]{0,20}\b(?:under|beneath|below|behind|when(?:ever)?|while)\b[^,.;]{0,20}"
        r"\b(?:dialog(?:ue)?|speech|voice(?: ?-?overs?)?|narrat(?:ion|or)|talk(?:s|ing)?|speak(?:s|ing|ers?)?)\b",
        "(?:说话|旁白|对白|解说)[^,.;]{0,8}(?:音乐|配乐)[^,.;]{0,4}(?:压低|小|轻|低)|"
        "(?:对白|说话|旁白)时?(?:压低|减小)(?:音乐|配乐)",
        "(?:音乐|配乐)[^,.;]{0,6}(?:压|垫)[^,.;]{0,4}(?:旁白|对白|人声|解说)(?:下面|之下|下)?",
        "(?:音乐|配乐|歌|曲|音频|声音)[^,.;]{0,6}(?:放|加|合|配)[^,.;]{0,6}(?:视频|影片|短片|片子)(?:里|中|上|下面)?",
        "(?:合成|混合|合并)(?:到|进)?[^,.;]{0,6}(?:视频|影片|短片)(?:里|中)?",
        r"\b(?:slap|throw|stick|drop|dub)\b[^,.;]{0,30}\b(?:on|onto|over|under|into)\b[^,.;]{0,12}\b(?:video|"
        r"film|clip|movie|footage|reel)\b",
    ),
    timeout_s=3600.0,
)
def mux_video(args: MuxVideoArgs, ctx: ToolContext) -> ToolResult:
    """Put music under a film: the picture stays bit for bit, its own sound is kept, ducked, put in front or dropped."""
    film, music = ctx.artifact(args.video), ctx.artifact(args.audio)
    facts = probe(film.file, ctx.settings.max_video_s)
    start_s, length_s = picture_span(film.file)
    plan = SoundPlan(
        film=film.file if facts.has_audio else None,
        music=music.file,
        start_s=start_s,
        length_s=length_s,
        original=_original(args.original_sound, facts.has_audio),
        music_gain_db=args.music_gain_db,
    )
    ctx.progress(0.1, f"measuring {music.file.name}")
    soundtrack = Soundtrack.plan(plan)
    form = choose_form(film.file, facts.codec, facts.container)
    path = ctx.work_dir / f"{film.file.stem}-scored{form.suffix}"
    write_film(film.file, path, form, soundtrack, lambda share: ctx.progress(0.4 + 0.6 * share, f"writing {path.name}"))
    data = MuxedVideo(
        duration_s=round(length_s, 4),
        audio_s=round(soundtrack.samples / soundtrack.rate, 4),
        music_s=round(soundtrack.music_s, 4),
        original_sound=plan.original,
        mix_gain_db=round(soundtrack.mix_gain_db, 2),
        container=form.container,
        sound_codec=form.sound_codec,
    )
    output = Output(
        path,
        "video",
        form.media_type,
        parents=(film.id, music.id),
        licence=f"film: {film.licence}; music: {music.licence}",
        facts={"duration_s": data.duration_s, "sound": data.original_sound, "sound_codec": data.sound_codec},
    )
    cut_off = cut_off_note(film.file, facts, length_s)
    notes = (*([cut_off] if cut_off else []), *_notes(args, data, form))
    return ToolResult(_summary(path.name, data), data, outputs=(output,), backend="embedded", notes=notes)


def _original(asked: OriginalSound | None, has_audio: bool) -> OriginalSound:
    return (asked or "duck") if has_audio else "drop"


def _summary(name: str, data: MuxedVideo) -> str:
    own = {
        "keep": "its own sound kept",
        "duck": "its own sound turned down under the music",
        "foreground": "the music turned down under its own sound",
        "drop": "music alone",
    }
    return f"{name}: {data.duration_s:.2f} s of film, picture untouched, {own[data.original_sound]}."


def _notes(args: MuxVideoArgs, data: MuxedVideo, form: OutputForm) -> tuple[str, ...]:
    notes = list(form.notes)
    if args.original_sound not in (None, "drop") and data.original_sound == "drop":
        verb = {"foreground": "put the music under"}.get(args.original_sound, args.original_sound)
        notes.append(f"The film has no sound of its own to {verb}.")
    if data.music_s > data.duration_s + 0.05:
        over = data.music_s - data.duration_s
        notes.append(f"The music is {over:.2f} s longer than the picture and was faded out at its end.")
    elif data.music_s < data.duration_s - 0.05:
        notes.append(f"The music ends {data.duration_s - data.music_s:.2f} s before the picture.")
    if data.mix_gain_db < -0.1:
        notes.append(f"The whole mix was turned down by {-data.mix_gain_db:.1f} dB, for it would have clipped.")
    return tuple(notes)
