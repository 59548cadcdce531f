"""The job of a request that asks for no tool by name: what the session did before, an edit, or new music."""

from __future__ import annotations

from collections.abc import Sequence

from agent.planner.grammar import job
from agent.planner.grammar.fill import FREE_TEXT, arguments, brief_in_words
from agent.planner.grammar.intents import Intent
from agent.planner.grammar.meant import remakes
from agent.planner.grammar.nearest import nearest
from agent.planner.grammar.parse import Parse
from agent.planner.grammar.reading import normalised, pattern
from agent.planner.grammar.supply import SEEN, Supply
from agent.planner.grammar.wanted import CONTENT, Wanted, begins, edits_a_place, works_on_music
from tools.brief import is_set
from tools.contract import Tool

_ASKS = pattern(
    r"^\s*(?:where|what|which|how|who|when|is|are|does|do|describe|tell|list|explain)\b"
    r"(?!.*\b(?:music|songs?|tunes?|scores?|sounds?|play|go(?:es)? with|fits?|suits?)\b)"
    r"|(?:什么|哪|几)[^,.;音曲歌]*[??]\s*$"
)
_QUESTION = pattern(
    r"^\s*(?:where|what|which|who|when|how (?:many|fast|long))\b[^.;!]*\?\s*$|(?:什么|哪|几"
    r"|多少)[^,.;]*[??]\s*$"
)
_YES_OR_NO = pattern(r"^\s*(?:is|are|does|do|did|was) (?:it|this|that|they|these)\b[^.;!]*\?\s*$")
_THE_PLAYER = pattern(r"\b(?:the|my)\s+(?:\w+\s+)?$")
_IS_TOLD = pattern(r"\s*(?:should|must|could|ought\s+to|has\s+to|have\s+to|needs?\s+to)\b")
_PLAYERS = frozenset({"instrument", "instruments"})
PLACES = frozenset({"from_bar", "to_bar", "start_s", "end_s", "tracks"})  # arguments that say where, not what
_PLACE, _EVIDENCE = 0.3, 0.6  # what a place counts, and the least that decides


def with_implied(
    text: str, intents: list[Wanted], parsed: Parse, supply: Supply, *, follows: bool, may_make: bool
) -> list[Wanted]:
    """The intents, or, where no tool is asked for by name, the job that the words imply."""
    meant = [w for w in intents if not w.intent.negated]
    query = brief_in_words(parsed.brief)
    if meant and not follows and all(w.tool.name == job.MAKE or _out_of_reach(w, supply) for w in meant):
        fresh = any(a.kind in job.MUSIC for a in supply.fresh)
        other = _by_meaning(text, parsed, supply, before=[w.tool for w in meant]) if fresh else None
        if other is not None and not begins(supply.tools[other]) and not _leads_to(other, meant, supply):
            refused = [w for w in intents if w.intent.negated]
            return [*refused, Wanted(Intent(supply.tools[other], 0, 0), (0, len(text)), parsed, query)]
    if meant:
        return intents
    tools = [supply.tools[n] for n in _implied(text, parsed, supply, follows=follows, may_make=may_make)]
    return [*intents, *(Wanted(Intent(t, 0, 0), (0, len(text)), parsed, query) for t in tools)]


def _leads_to(name: str, meant: Sequence[Wanted], supply: Supply) -> bool:
    """Whether a tool only makes the notes that one which was asked for sets, draws or plays."""
    shows = [w.tool for w in meant if w.tool.family not in job.CHANGES_MUSIC]
    chains = [supply.route(kinds) or [] for tool in shows for kinds in supply.missing(tool)]
    return any(t.name == name for chain in chains for t in chain)


def _out_of_reach(wanted: Wanted, supply: Supply) -> bool:
    """Whether a tool works on music and what is there is music of another kind."""
    return works_on_music(wanted.tool) and bool(supply.missing(wanted.tool))


def _implied(text: str, parsed: Parse, supply: Supply, *, follows: bool, may_make: bool) -> list[str]:
    """The tools of an unnamed job: what the session did before, an edit that what is said fits, or new music."""
    if any(a.kind in SEEN for a in supply.fresh) and _ASKS.search(text):
        looks = [n for n in job.LOOK if n in supply.tools and not supply.missing(supply.tools[n])]
        if looks:
            return looks[:1]
    if supply.fresh and all(a.kind in job.MUSIC for a in supply.fresh) and _QUESTION.search(text):
        return [_by_meaning(text, parsed, supply) or job.LISTEN]
    if supply.fresh and _YES_OR_NO.search(text) and parsed.brief.constraints:
        return [job.CHECK]
    described = any(is_set(getattr(parsed.brief, f)) for f in CONTENT)
    if edits_a_place(parsed) and not supply.kinds() & job.MUSIC:
        edit = _by_evidence(text, parsed, supply, reach=True)
        return [edit] if edit else []
    shown = any(a.kind in SEEN for a in supply.fresh)
    if follows and (described or parsed.changes or shown) and not remakes(supply):
        begun = [n for n in supply.made_last() if begins(supply.tools[n])]
        if begun:
            return begun
    if any(a.kind in job.MUSIC for a in supply.fresh) or (follows and not remakes(supply)):
        added = parsed.changes.get("instruments", {})
        if added.get("add") and not added.get("remove") and not supply.missing(supply.tools[job.ADD]):
            return [job.ADD]
        edit = _by_evidence(text, parsed, supply, least=1.0) or _by_meaning(text, parsed, supply)
        edit = edit or _by_evidence(text, parsed, supply)
        if edit is not None:
            return [edit]
        if _is_there(text, parsed):
            return []
    if shown or (follows and parsed.changes) or (described and (follows or may_make or not supply.kinds() & job.MUSIC)):
        return [job.MAKE]
    return []


def _by_evidence(
    text: str, parsed: Parse, supply: Supply, *, least: float = _EVIDENCE, reach: bool = False
) -> str | None:
    """The tool for music at hand whose arguments take most of what was said: a loudness, an interval, a tempo.

    Places (bars, seconds, tracks) say little of what is to be done there. Ties go to the tool that
    takes the fewest arguments, the most particular one. ``reach`` counts tools too whose music is still to come.
    """
    places = PLACES | _PLAYERS if _is_there(text, parsed) else PLACES
    best: tuple[float, float] = (0.0, 0.0)
    found = None
    for tool in supply.tools.values():
        if not works_on_music(tool) or (supply.missing(tool) and not reach) or tool.family in job.JUDGES_MUSIC:
            continue
        said = arguments(tool, parsed, "").keys() - {"brief", FREE_TEXT}
        weight = sum(_PLACE if name in places else 1.0 for name in said)
        score = (weight, -float(len(tool.args_model.model_fields)))
        if weight >= least and score > best:
            best, found = score, tool.name
    return found


def _is_there(text: str, parsed: Parse) -> bool:
    """Whether the instruments named are players that the music has: "the flute should enter later"."""
    named = [s for s in parsed.spans if s.name == "instruments"]
    plain = normalised(text)
    return bool(named) and all(_THE_PLAYER.search(plain[: s.start]) and _IS_TOLD.match(plain, s.end) for s in named)


def _by_meaning(text: str, parsed: Parse, supply: Supply, *, before: Sequence[Tool] = ()) -> str | None:
    """The tool for the files at hand whose examples are nearest in meaning to the request."""
    if _is_there(text, parsed):
        return None  # what a player should do is too particular to guess
    kinds = {a.kind for a in (supply.fresh or supply.current)}
    fitting = [t for t in supply.tools.values() if not supply.missing(t) and kinds & set(t.takes)]
    placed = [p for p in ("from_bar", "start_s") if p in parsed.slots]
    fitting = [t for t in fitting if all(p in t.args_model.model_fields for p in placed)] or fitting
    others = [t for t in (supply.tools[job.MAKE], *before) if t not in fitting]
    found = nearest(text, [*fitting, *dict.fromkeys(others)], before=[t.name for t in before])
    return found.name if found is not None else None
