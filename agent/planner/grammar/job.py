"""The main job, from words and what is shown to checked music: the one place where the planner names tools."""

from __future__ import annotations

import re

LOOK = ("caption_video", "caption_image")
LISTEN = "describe_music"
ADD = "add_part"
SEARCH = "search_music"
MAKE = "compose"
FINISH = ("render_audio", "mux_video", "draw_piano_roll")
CHECK = "check"
ASK = "ask_user"
BEFORE = (*LOOK, SEARCH)

WORDS = ("lyrics",)
OWN_WORDS = re.compile(  # words that the person has: none are written in their stead
    r"\b(?:my|our|these|those) (?:own )?(?:words|lyrics?|poems?|text|verses|lines)\b"
    r"|(?:这首|这段|这些|我的)(?:歌词|词|诗)",
    re.I,
)
MUSIC = frozenset({"midi", "score", "audio"})
CHANGES_MUSIC = frozenset({"compose", "edit", "generate", "mix", "sing"})  # families whose results are checked
NAMES_STEMS = frozenset({"mix"})  # families to which an instrument is a stem that is there
PERCEIVES = frozenset({"see", "hear"})  # families that answer questions; what they hear is no wish
JUDGES_MUSIC = frozenset({"hear", "evaluate"})  # families that need music to listen to: none is made for them
