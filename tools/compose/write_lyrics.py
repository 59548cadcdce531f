"""Write the words of a song, and measure their syllables, meter and rhyme."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import Field

from tools.backends import chat_model
from tools.compose.lyrics.verse import Foot, LineCheck, check_lines, scheme_partners
from tools.compose.lyrics.wish import Said, read_wish
from tools.compose.lyrics.writer import about, write_chinese, write_stanza
from tools.contract import Output, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.errors import ToolFailed, UserError

_ROUNDS = 3
_LANGUAGES = {"en": "English", "zh": "Chinese", "fr": "French", "de": "German", "es": "Spanish", "it": "Italian",
              "pt": "Portuguese", "nl": "Dutch", "ru": "Russian"}  # fmt: skip
_CJK = re.compile(r"[\u3400-\u9fff]")


class WriteLyricsArgs(ToolArgs):
    """Arguments of :func:`write_lyrics`."""

    query: str = Field(
        description="What the words are about, as the person said it; form and rhyme are read in it too."
    )
    mood: str | None = Field(None, description="Mood words, as 'wistful'.")
    style: str | None = Field(
        None, description="Genre, as 'country'; the model reads it, the embedded writer does not."
    )
    sections: list[str] = Field(default_factory=list, description="Stanzas in order: ['verse', 'chorus'].")
    lines: int | None = Field(None, ge=1, le=32, description="Lines a stanza; four when not said.")
    syllables: int | None = Field(None, ge=3, le=16, description="Syllables a line; 8, in Chinese 7, when not said.")
    foot: Foot | None = Field(None, description="Meter: iambic when not said; English only.")
    rhyme_scheme: str | None = Field(
        None, pattern=r"^[A-DXa-dx]{1,14}$", description="Rhymes of a stanza, as 'ABAB'; X rhymes with nothing."
    )
    language: str | None = Field(None, description="ISO 639-1 code; the embedded writer has 'en' and 'zh'.")


class WrittenLine(ToolData):
    """A line and what was measured of it."""

    text: str = Field(description="The line.")
    syllables: int = Field(description="Its syllables.")
    keeps_meter: bool = Field(description="Whether its stresses keep the meter.")
    rhymes: bool | None = Field(
        description="Whether it rhymes with the earlier line that the scheme names; null: none."
    )


class Lyrics(ToolData):
    """The words and how well they keep what was asked."""

    topic: str = Field(description="What they are about.")
    language: str = Field(description="ISO 639-1 code.")
    text: str = Field(description="The words: one line a line, an empty line between stanzas.")
    stanzas: list[str] = Field(description="Stanzas in order, by role.")
    rhyme_scheme: str = Field(description="Scheme of each stanza.")
    lines: list[WrittenLine] = Field(description="Every line with its measures.")
    syllables_kept: float = Field(description="Share of lines with the syllables asked for.")
    meter_kept: float | None = Field(description="Share of lines that keep the meter; null where none is measured.")
    rhymes_kept: float | None = Field(description="Share of the rhymes asked for that are there; null when none were.")


@dataclass(frozen=True)
class _Form:
    """What was decided: the stanzas, and for each its lines, syllables, meter and scheme."""

    topic: str
    mood: str
    language: str
    stanzas: tuple[str, ...]
    lines: int
    syllables: int
    foot: Foot
    scheme: str


@tool(
    version="1",
    gives=("lyrics",),
    random=True,
    cost="seconds",
    timeout_s=300,
    backends=("model", "embedded"),
    asks=(
        r"\b(?:write|make|give|need|want|pen|draft|add)\b[^,.;]{0,20}\b(?:verses?|chorus(?:es)?|stanzas?|bridge) of "
        r"(?:the )?(?:lyrics?|words)\b",
        r"\b(?:(?:write|make|give|need|want|come up with|pen|draft|create)\b[^,.;]{0,12} )?(?:the |some |a |an )?"
        r"(?:[\w-]+ )?(?:lyrics?|song ?text)\b(?! (?:file|here|below|attached))(?! ?[:\"])",
        r"\b(?:(?:write|pen|draft|want|need|give|make|do)\b[^,.;]{0,12})?"
        r"\b(?:words|verses?|rap|poem|stanzas?|couplets?|rhymes?|limerick|chorus(?:es)?|hook)\b "
        r"(?=(?:about|on the theme of))",
        r"\b(?:write|pen|draft)\b[^,.;]{0,12}\b(?:words|verses?|rap|poem)\b (?=(?:for|to))",
        r"\b(?:just|only) the words\b",
        "(?:写|作|填|来|编)[^,.;]{0,12}(?:歌词|词(?!语))",
        r"写[^,.;]{0,6}(?:主歌|副歌)(?=.{0,4}(?:主题|关于))",
        r"写[^,.;]{0,4}关于[^,.;]{1,12}的(?:主歌|副歌)",
        "填词",
        "作词",
    ),
)
def write_lyrics(args: WriteLyricsArgs, ctx: ToolContext) -> ToolResult:
    """Write song lyrics on a topic in a meter and a rhyme scheme, and measure both with a pronouncing dictionary.

    A configured chat model writes when there is one; the embedded writer knows grammar, meter and rhyme, not sense.
    """
    form = _form(args)
    notes: list[str] = []
    backend = "embedded"
    stanzas: list[list[str]] | None = None
    if chat_model.configured(ctx.settings):
        try:
            stanzas = _by_model(form, args, ctx)
            backend = f"model {ctx.settings.model}"
        except ToolFailed as err:
            notes.append(f"{err.msg} The embedded writer wrote instead.")
    if stanzas is None:
        stanzas = _embedded(form, ctx.seed)
        notes.append(
            "Written by the embedded writer, sentences of a small grammar that keep meter and rhyme and mean little; "
            "set SCOREWRIGHT_MODEL for a language model to write."
        )
    data = _data(form, stanzas)
    path = ctx.work_dir / "lyrics.txt"
    path.write_text(data.text + "\n", encoding="utf-8")
    facts = data.model_dump(mode="json", exclude={"lines", "text"})
    output = Output(path, "lyrics", "text/plain", facts, (), "CC0-1.0")
    return ToolResult(_summary(data), data, (output,), backend=backend, notes=tuple(notes))


def _form(args: WriteLyricsArgs) -> _Form:
    """Everything decided: arguments before the words of the request, those before the usual."""
    said: Said = read_wish(args.query)
    language = args.language or ("zh" if _CJK.search(args.query) else "en")
    topic = said.topic or args.query.strip()
    scheme = (args.rhyme_scheme or said.scheme).upper()
    stanzas = tuple(args.sections) or said.stanzas or ("verse",)
    stanzas = tuple(s for s in stanzas if s not in ("intro", "outro", "interlude", "solo")) or ("verse",)
    lines = args.lines or said.lines or len(scheme) or 4
    if lines > 8 and not args.lines and not args.sections and not said.stanzas:
        stanzas, lines = ("verse",) * -(-lines // 4), 4
    usual = {2: "AA", 3: "AXA", 5: "AABBA", 6: "AABCCB"}.get(lines, "AABA" if language == "zh" else "ABAB")
    syllables = args.syllables or said.syllables or (7 if language == "zh" else 8)
    if not 3 <= syllables <= 16:
        raise UserError(f"{syllables} syllables a line cannot be written here; ask for 3 to 16.")
    return _Form(
        topic, args.mood or "", language, stanzas, lines, syllables, args.foot or said.foot or "iambic", scheme or usual
    )


def _embedded(form: _Form, seed: int) -> list[list[str]]:
    """Stanzas by the embedded writer; a chorus that comes again is the same."""
    from tools.backends.text_embedding import embed

    if form.language not in ("en", "zh"):
        raise UserError(
            f"The embedded writer has no {_LANGUAGES.get(form.language, form.language)}, only English and Chinese; "
            "configure a language model (SCOREWRIGHT_MODEL) for other languages."
        )
    if form.language == "zh" and form.syllables not in (5, 7):
        raise UserError("The embedded writer's Chinese lines have 5 or 7 characters; ask for one of these.")
    rng = random.Random(f"{seed} lyrics")
    write: Callable[[str], list[str]]
    if form.language == "en":
        topic = about(form.topic, form.mood, embed)

        def write(role: str) -> list[str]:
            return write_stanza(topic, role, form.scheme, form.lines, form.syllables, form.foot, rng)

    else:
        said: set[str] = set()

        def write(role: str) -> list[str]:
            return write_chinese(form.topic, form.scheme, form.lines, form.syllables, said, rng)

    known: dict[str, list[str]] = {}
    out = []
    for role in form.stanzas:
        made = known[role] if role == "chorus" and role in known else write(role)
        known[role] = made
        out.append(made)
    return out


def _by_model(form: _Form, args: WriteLyricsArgs, ctx: ToolContext) -> list[list[str]]:
    """Stanzas by the model: asked again with what was measured, at most three times; the best answer is taken.

    Raises
    ------
    ToolFailed
        When the model gives no answer, or none with words in the form asked for.
    """
    asked = chat_model.prompt(
        "write_lyrics",
        topic=form.topic,
        mood=", ".join(filter(None, [form.mood, args.style])) or "as the topic suggests",
        language=_LANGUAGES.get(form.language, form.language),
        stanzas=", ".join(f"{role} of {form.lines} lines" for role in form.stanzas),
        syllables=str(form.syllables),
        meter=form.foot if form.language == "en" else "free",
        scheme=form.scheme,
    )
    talk: list[chat_model.Message] = [("user", asked)]
    best: tuple[float, list[list[str]]] | None = None
    for turn in range(_ROUNDS):
        ctx.progress(turn / _ROUNDS, f"{ctx.settings.model} is writing")
        text = chat_model.answer(talk, ctx.settings, seed=ctx.seed)
        stanzas = _parted(text, form)
        faults = _faults(form, stanzas)
        worth = -float(len(faults))
        if stanzas and (best is None or worth > best[0]):
            best = (worth, stanzas)
        if not faults:
            break
        talk += [
            ("assistant", text or "(nothing)"),
            ("user", chat_model.prompt("mend_lyrics", faults="\n".join(faults))),
        ]
    if best is None:
        raise ToolFailed(f"The model {ctx.settings.model} wrote no lines that can be used.")
    return best[1]


def _parted(text: str, form: _Form) -> list[list[str]]:
    """The stanzas of an answer; labels and list signs are left out."""
    blocks: list[list[str]] = [[]]
    for raw in text.strip().splitlines():
        line = raw.strip().strip('`*"“”').strip()
        if not line:
            blocks.append([])
        elif not re.fullmatch(r"[\[(#].*|(?:verse|chorus|bridge)\b[^,.]{0,6}:?", line, re.IGNORECASE):
            blocks[-1].append(line)
    found = [b for b in blocks if b]
    if len(found) != len(form.stanzas):
        lines = [line for b in found for line in b]
        found = [lines[i : i + form.lines] for i in range(0, len(lines), form.lines)]
    return found[: len(form.stanzas)]


def _checks(form: _Form, lines: Sequence[str]) -> list[LineCheck]:
    foot = form.foot if form.language == "en" else None
    return check_lines(lines, form.language, form.scheme, form.syllables, foot)


def _faults(form: _Form, stanzas: Sequence[Sequence[str]]) -> list[str]:
    """What a model is told of its lines."""
    faults = []
    if [len(s) for s in stanzas] != [form.lines] * len(form.stanzas):
        faults.append(f"- there must be {len(form.stanzas)} stanzas of {form.lines} lines each")
    for stanza in stanzas:
        for line, check in zip(stanza, _checks(form, stanza), strict=True):
            if not check.keeps_length:
                faults.append(f"- {line!r} has {check.syllables} syllables, not {form.syllables}")
            elif not check.keeps_meter:
                faults.append(f"- {line!r} is not {form.foot}")
            if check.rhymes is False and check.partner is not None:
                faults.append(f"- {line!r} does not rhyme with {stanza[check.partner]!r}")
    return faults


def _data(form: _Form, stanzas: Sequence[Sequence[str]]) -> Lyrics:
    measured = [(line, c) for s in stanzas for line, c in zip(s, _checks(form, s), strict=True)]
    rhymes = [c.rhymes for _, c in measured if c.rhymes is not None]
    count = len(measured)
    return Lyrics(
        topic=form.topic,
        language=form.language,
        text="\n\n".join("\n".join(s) for s in stanzas),
        stanzas=list(form.stanzas[: len(stanzas)]),
        rhyme_scheme=form.scheme,
        lines=[
            WrittenLine(text=t, syllables=c.syllables, keeps_meter=c.keeps_meter, rhymes=c.rhymes) for t, c in measured
        ],
        syllables_kept=round(sum(c.keeps_length for _, c in measured) / count, 3),
        meter_kept=round(sum(c.keeps_meter for _, c in measured) / count, 3) if form.language == "en" else None,
        rhymes_kept=round(sum(rhymes) / len(rhymes), 3) if rhymes else None,
    )


def _summary(data: Lyrics) -> str:
    rhymes = sum(p is not None for p in scheme_partners(data.rhyme_scheme, len(data.lines)))
    kept = [f"{data.syllables_kept:.0%} of lines have the length"]
    if data.meter_kept is not None:
        kept.append(f"{data.meter_kept:.0%} keep the meter")
    if data.rhymes_kept is not None and rhymes:
        kept.append(f"{data.rhymes_kept:.0%} of rhymes are there")
    return f"Wrote {len(data.lines)} lines about {data.topic}, {data.rhyme_scheme}: {', '.join(kept)}."
