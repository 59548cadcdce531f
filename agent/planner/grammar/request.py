"""A request as understood in its situation: its Brief, what it asks for, and the files it may draw on."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent.planner.base import Situation
from agent.planner.grammar import job
from agent.planner.grammar.fill import FREE_TEXT, argument_fields, arguments, brief_in_words
from agent.planner.grammar.intents import Intent, clause_start, recognise, segments
from agent.planner.grammar.nearest import nearest
from agent.planner.grammar.parse import Parse, Span, parse, revised
from agent.planner.grammar.questions import LEAVE, NEW, decided
from agent.planner.grammar.reading import normalised, pattern
from agent.planner.grammar.supply import SEEN, Supply, needs_nothing, required
from tools.brief import Brief, MusicFields, is_set
from tools.contract import Tool

CONTENT = frozenset({
    "genre", "mood", "instruments", "chords", "sections", "form", "bars", "duration_s", "lyrics", "loop", "vocals",
    "exclude", "hit_points_s", "dynamics", "key", "mode", "meter", "tempo_bpm", "licence",
})  # Brief fields that say what new music should be
PLACES = frozenset({"from_bar", "to_bar", "start_s", "end_s", "tracks"})  # arguments that say where, not what
_PLACE, _EVIDENCE = 0.3, 0.6  # what a place counts, and the least that decides
_SAME = pattern(
    r"\b(?:it|its|that|that's|those|same|again|another|instead|the (?:last|previous) (?:one|version)|this time|still|"
    r"as before|too)\b|再(?:来)?(?:一)?(?:次|遍|点)?|同样|一样|还是|它|刚才|换成|上一"
)
_AGAIN = pattern(r"\b(?:same|again|instead|as before)\b|同样|一样|还是")
_POINTS = pattern(r"\b(?:this|that|it|its|these|those|them|the (?:file|recording|score|song|piece|tune))\b|这|那|它")
_GROWTH_BEFORE = pattern(
    r"\b(?:another|further|extra|additional|next|more|by|for|add|append)\s*(?:the\s+|about\s+|a\s+)?$|(?:再|多|加|续|续写|往下写|延长|接着写)(?:写|来|出|了|个)?$"
)
_GROWTH_AFTER = pattern(r"\s*(?:more|longer|extra|further|on)\b|的?(?:延续|后续)")
_LIGHT = pattern(
    r"\b(?:make|makes|turn|put|set|change|give|take|use|have|keep|get|play|do|go|be|is|are|want|need|let|add|remove|"
    r"drop|replace|swap|switch|lose|bring|with|without|no|not|in|into|to|on|at|by|for|from|of|it|this|that|them|the|"
    r"an?|some|more|less|much|very|bit|little|one|key|tempo|speed|only|just|but|and|or|now|please|instead|instruments?)\b"
    r"|[改变换成调加用把使让弄得更的了点些一为到去掉不要没有来和再请速度吧]"
)
_MEANINGFUL = pattern(r"[a-z0-9\u3400-\u9fff]")
_NAMES_OF_THINGS = frozenset({"instruments", "exclude", "vocals", "mood", "genre", "sections", "form"})
_BLANK = "\u25a1"  # stands for words that were set aside; it is part of no word
_DERIVED = 5.0  # what a sound rendered from notes at hand counts less than the notes
_DIRECT_FRESH, _DIRECT, _NOTHING_NEEDED, _OUT_OF_REACH = 12.0, 9.0, 6.0, -6.0
_parse = functools.lru_cache(maxsize=256)(parse)


@dataclass(frozen=True)
class Wanted:
    """An intent with the part of the request that speaks of it and what was read there."""

    intent: Intent
    segment: tuple[int, int]
    parsed: Parse
    query: str

    @property
    def tool(self) -> Tool:
        """The tool that is wanted, or refused."""
        return self.intent.tool

    @property
    def takes_text(self) -> bool:
        """Whether the tool reads the words themselves."""
        return FREE_TEXT in self.tool.args_model.model_fields and not self.intent.negated


@dataclass(frozen=True)
class Request:
    """A request understood."""

    text: str
    parsed: Parse
    brief: Brief
    intents: tuple[Wanted, ...]
    supply: Supply
    may_make: bool

    def wanted(self) -> list[Wanted]:
        """What is asked for, in order."""
        return [w for w in self.intents if not w.intent.negated]

    def refused(self) -> list[str]:
        """Tools that the person does not want used."""
        return [w.tool.name for w in self.intents if w.intent.negated]


def understood(situation: Situation, tools: Mapping[str, Tool]) -> Request:
    """Read a request in its situation."""
    text = ". ".join([situation.request, *_additions(situation)])
    parsed = _parse(text)
    fresh = tuple(a for a in situation.attachments if a.id not in situation.current)
    current = tuple(a for a in situation.attachments if a.id in situation.current)
    supply = Supply(tools, fresh, current)
    found = recognise(text, tools, supply.kinds(), functools.partial(_fit, supply))
    intents = _with_segments(text, found, parsed)
    parsed = _settled(_without_phrases(text, found, parsed), situation)
    follows = situation.previous is not None and _follows(text, parsed, intents, fresh_files=bool(fresh))
    intents = _without_covered(text, intents, parsed, supply, remakes=_remakes(supply))
    may_make = any(a != LEAVE for _, a in situation.answers) or _may_make(text, parsed, supply)
    intents = _one_a_clause(text, intents, supply, may_make=may_make)
    intents = _with_implied(text, intents, parsed, supply, follows=follows, may_make=may_make)
    if _only_asks(intents):
        parsed = replace(parsed, brief=Brief(request=text), conflicts=())
    if any(_works_on_music(w.tool) for w in intents if not w.intent.negated):
        parsed = _without_growth(text, parsed)
    brief = revised(situation.previous, parsed) if follows and situation.previous else parsed.brief
    if brief.fit_picture is None and any(w.tool.name == job.MAKE for w in intents) and supply.find(("video",)):
        brief = brief.model_copy(update={"fit_picture": True})
    return Request(text, parsed, brief, tuple(intents), supply, may_make)


def _additions(situation: Situation) -> list[str]:
    """Answers that say more of what is wanted (an answer to a contradiction is no addition: it decides)."""
    conflicts = set(_parse(situation.request).conflicts)
    return [a for question, a in situation.answers if question not in conflicts and a not in (NEW, LEAVE)]


def _settled(parsed: Parse, situation: Situation) -> Parse:
    """The parse in which answers to contradictions decide."""
    for question, answer in situation.answers:
        if question in parsed.conflicts:
            parsed = decided(parsed, question, answer)
    return parsed


def _only_asks(intents: list[Wanted]) -> bool:
    """Whether a request is a question alone: "is this in 3/4 or 6/8?" wants neither and contradicts nothing."""
    families = {w.tool.family for w in intents if not w.intent.negated}
    return bool(families) and families <= job.PERCEIVES


def _works_on_music(tool: Tool) -> bool:
    return any(set(kinds) & job.MUSIC and required(tool, name) for name, kinds in tool.references().items())


def _without_growth(text: str, parsed: Parse) -> Parse:
    """Without lengths that say how much is added ("another 8 bars"): the tool's business, no wish on the whole."""
    plain = normalised(text)
    grown = {s.name for s in parsed.spans if s.name in ("bars", "duration_s")
             and (_GROWTH_BEFORE.search(plain[:s.start]) or _GROWTH_AFTER.match(plain[s.end:]))}
    if not grown:
        return parsed
    brief = parsed.brief.model_copy(update=dict.fromkeys(grown) | {
        "constraints": [c for c in parsed.brief.constraints if c.name not in grown]})
    return replace(parsed, brief=brief)


def _fit(supply: Supply, tool: Tool, at_hand: set[str]) -> float:
    """How well a tool fits what is at hand; see :func:`recognise`."""
    fresh = {a.kind for a in supply.fresh}
    scores = []
    for name, kinds in tool.references().items():
        if required(tool, name):
            if fresh & set(kinds):
                scores.append(_DIRECT_FRESH)
            elif at_hand & set(kinds):
                scores.append(_DIRECT - (_DERIVED if kinds == ("audio",) and "midi" in at_hand else 0.0))
            else:
                scores.append(0.0 if at_hand & job.MUSIC and set(kinds) & job.MUSIC else _OUT_OF_REACH)
    return min(scores, default=_NOTHING_NEEDED)


def _with_segments(text: str, found: list[Intent], parsed: Parse) -> list[Wanted]:
    if len(found) == 1:
        return [Wanted(found[0], (0, len(text)), parsed, _query(text, found[0], (0, len(text))))]
    return [Wanted(intent, part, _parse(text[part[0]:part[1]]), _query(text, intent, part))
            for intent, part in zip(found, segments(text, found), strict=True)]


def _query(text: str, intent: Intent, part: tuple[int, int]) -> str:
    """The words of a segment without those that name the tool."""
    kept = "".join(c for n, c in enumerate(text) if part[0] <= n < part[1] and not _within(n, intent))
    words = " ".join(kept.split()).strip(" ,.;:!?，。；：！？、")
    return words or text


def _within(position: int, intent: Intent) -> bool:
    return any(start <= position < end for start, end in intent.words())


def _without_phrases(text: str, found: list[Intent], parsed: Parse) -> Parse:
    """Without what is said only to name a tool: the piano of "piano roll" is no instrument that is wanted."""
    chars = list(text)
    for intent in found:
        own = argument_fields(intent.tool)
        for span in parsed.spans:
            if span.name in _NAMES_OF_THINGS - own and _inside(span, intent):
                chars[span.start:span.end] = _BLANK * (span.end - span.start)
    masked = "".join(chars)
    if masked == text:
        return parsed
    without = _parse(masked)
    brief = without.brief.model_copy(update={"request": text})
    return replace(without, brief=brief, spans=parsed.spans, slots=parsed.slots)


def _inside(span: Span, intent: Intent) -> bool:
    if intent.negated:
        return any(start < span.end and span.start < end for start, end in intent.words())
    return any(start <= span.start and span.end <= end for start, end in intent.words())


def _one_a_clause(text: str, intents: list[Wanted], supply: Supply, *, may_make: bool) -> list[Wanted]:
    """Keep what a clause means where one verb only leads up to another.

    Something begun gives way to what names it ("make a string quartet arrangement of this"), a second
    beginning to the first ("recommend some music for a party"), and what cannot be done with what is
    there to what can ("play this recording backwards").
    """
    plain = normalised(text)
    clauses = [clause_start(plain, w.intent.start) for w in intents]
    ready = _ready(intents, supply)
    kept: list[Wanted] = []
    for number, wanted in enumerate(intents):
        here = [n for n, w in enumerate(intents) if clauses[n] == clauses[number] and not w.intent.negated]
        if _begins(wanted.tool):
            named = [n for n in here if n > number and not _begins(intents[n].tool) and (may_make or ready[n])]
            gives_way = any(intents[n].tool.family not in job.PERCEIVES for n in named)
            gives_way = gives_way or any(n < number and _begins(intents[n].tool) for n in here)
        else:
            gives_way = not ready[number] and any(ready[n] and not _begins(intents[n].tool) for n in here)
        if wanted.intent.negated or not gives_way:
            kept.append(wanted)
    return kept


def _ready(intents: list[Wanted], supply: Supply) -> list[bool]:
    """For each intent whether all it needs is there, or is made by an intent before it."""
    there = supply.kinds()
    ready = []
    for wanted in intents:
        needs = [set(k) for n, k in wanted.tool.references().items() if required(wanted.tool, n)]
        ready.append(all(kinds & there for kinds in needs))
        if not wanted.intent.negated:
            there = there | set(wanted.tool.gives)
    return ready


def _follows(text: str, parsed: Parse, intents: list[Wanted], *, fresh_files: bool) -> bool:
    """Whether a turn goes on with what the turn before was about, rather than beginning something new."""
    same = bool(parsed.changes) or _SAME.search(text) is not None
    begins = any(_begins(w.tool) for w in intents if not w.intent.negated)
    if fresh_files:
        return bool(parsed.changes) or _AGAIN.search(text) is not None
    return same or not begins


def _begins(tool: Tool) -> bool:
    """Whether a tool starts from words: it needs no file and makes music, words or references."""
    return needs_nothing(tool) and bool(set(tool.gives) & {*job.MUSIC, "references", "lyrics"})


def _remakes(supply: Supply) -> bool:
    """Whether what the session holds came from the main job, so that a changed Brief makes it again."""
    made_by = {a.tool for a in supply.current if a.tool is not None}
    return not made_by or job.MAKE in made_by


def _without_covered(
    text: str, intents: list[Wanted], parsed: Parse, supply: Supply, *, remakes: bool
) -> list[Wanted]:
    """Drop what the Brief says already: "slower" is a wish for new music, but an edit of an attached score."""
    attached = any(a.kind in job.MUSIC for a in supply.fresh) or (not remakes and supply.kinds() & job.MUSIC)
    kept: list[Wanted] = []
    for wanted in intents:
        begun = any(_begins(k.tool) and "midi" in k.tool.gives for k in kept)
        if wanted.intent.negated or (attached and not begun) or not _covered(text, wanted, parsed):
            kept.append(wanted)
    return kept


def _covered(text: str, wanted: Wanted, parsed: Parse) -> bool:
    """Whether all that a phrase says is in the Brief: fields, relative wishes and words without weight."""
    if not _works_on_music(wanted.tool):
        return False
    start, end = wanted.intent.start, wanted.intent.end
    said = [s for s in parsed.spans if s.name in MusicFields.model_fields or s.name in parsed.changes]
    if not any(wanted.segment[0] <= s.start < wanted.segment[1] for s in said):
        return False
    rest = "".join(c for n, c in enumerate(normalised(text)) if start <= n < end
                   and not any(s.start <= n < s.end for s in said))
    return _MEANINGFUL.search(_LIGHT.sub(" ", rest)) is None


def _may_make(text: str, parsed: Parse, supply: Supply) -> bool:
    """Whether new music may be made for a step that lacks some: music is described, or something is shown."""
    if any(a.kind in SEEN for a in supply.fresh):
        return True
    described = [s.start for s in parsed.spans if s.name in CONTENT and s.name not in parsed.changes]
    pointed = _POINTS.search(normalised(text))
    return bool(described) and (pointed is None or min(described) < pointed.start())


def _with_implied(
    text: str, intents: list[Wanted], parsed: Parse, supply: Supply, *, follows: bool, may_make: bool
) -> list[Wanted]:
    """The intents, or, where no tool is asked for by name, the job that the words imply."""
    if any(not w.intent.negated for w in intents):
        return intents
    tools = [supply.tools[n] for n in _implied(text, parsed, supply, follows=follows, may_make=may_make)]
    query = brief_in_words(parsed.brief)
    return [*intents, *(Wanted(Intent(t, 0, 0), (0, len(text)), parsed, query) for t in tools)]


def _implied(text: str, parsed: Parse, supply: Supply, *, follows: bool, may_make: bool) -> list[str]:
    """The tools of an unnamed job: what the session did before, an edit that what is said fits, or new music."""
    described = any(is_set(getattr(parsed.brief, f)) for f in CONTENT)
    shown = any(a.kind in SEEN for a in supply.fresh)
    if follows and (described or parsed.changes or shown) and not _remakes(supply):
        before = dict.fromkeys(a.tool for a in supply.current if a.tool is not None)
        begun = [n for n in before if _begins(supply.tools[n])]
        if begun:
            return begun
    if any(a.kind in job.MUSIC for a in supply.fresh) or (follows and not _remakes(supply)):
        edit = _by_evidence(parsed, supply) or _by_meaning(text, supply)
        if edit is not None:
            return [edit]
    if shown or (follows and parsed.changes) or (described and (follows or may_make or not supply.kinds() & job.MUSIC)):
        return [job.MAKE]
    return []


def _by_evidence(parsed: Parse, supply: Supply) -> str | None:
    """The tool for music at hand whose arguments take most of what was said: a loudness, an interval, a tempo.

    Places (bars, seconds, tracks) say little of what is to be done there. Ties go to the tool that
    takes the fewest arguments, the most particular one.
    """
    best: tuple[float, float] = (0.0, 0.0)
    found = None
    for tool in supply.tools.values():
        if not _works_on_music(tool) or supply.missing(tool) or tool.family in job.JUDGES_MUSIC:
            continue
        said = arguments(tool, parsed, "").keys() - {"brief", FREE_TEXT}
        weight = sum(_PLACE if name in PLACES else 1.0 for name in said)
        score = (weight, -float(len(tool.args_model.model_fields)))
        if weight >= _EVIDENCE and score > best:
            best, found = score, tool.name
    return found


def _by_meaning(text: str, supply: Supply) -> str | None:
    """The tool for the files at hand whose examples are nearest in meaning to the request."""
    kinds = {a.kind for a in (supply.fresh or supply.current)}
    fitting = [t for t in supply.tools.values() if not supply.missing(t) and kinds & set(t.takes)]
    found = nearest(text, [*fitting, supply.tools[job.MAKE]])
    return found.name if found is not None else None
