"""Which of the recognised intents are meant: phrases that the Brief covers, or that lead up to another, are not."""

from __future__ import annotations

from dataclasses import replace

from agent.planner.grammar import job
from agent.planner.grammar.intents import clause_start
from agent.planner.grammar.parse import Parse
from agent.planner.grammar.reading import JOINED, UNMET, normalised, pattern
from agent.planner.grammar.supply import SEEN, Supply, artifact_arguments, required
from agent.planner.grammar.wanted import Wanted, begins, edits_a_place, read, works_on_music
from tools.brief import MusicFields
from tools.contract import Tool

_LIGHT = pattern(
    r"\b(?:make|makes|turn|put|set|change|give|take|use|have|keep|get|play|do|go|be|is|are|want|need|let|add|remove|"
    r"drop|replace|swap|switch|lose|bring|with|without|no|not|in|into|to|on|at|by|for|from|of|it|this|that|them|the|"
    r"an?|some|more|less|much|very|bit|little|one|key|tempo|speed|only|just|but|and|or|now|please|instead|instruments?)\b"
    r"|[改变换成调加用把使让弄得更的了点些一为到去掉不要没有来和再请速度节奏很吧上进入个把支段条]"
)
_MADE_THERE = pattern(r"(?:compose|write|make|create|do) (?:it|them|those|something there)\b")
_REASON = pattern(
    r"\b(?:so|because|since|in case)\b(?: that)? (?:[\w']+ ){1,3}?(?:can|could|may|will|would|want to"
    r"|need to|have to|am going to"
    r"|are going to)\b[^,.;:!?]*$|(?:以便|好让|方便)[^,.;!?]*$"
)
_POINTING = pattern(r"(?:(?:can you |please |now )?(?:only|just|take|use)(?: only| just)?(?: the)?|只要?|仅|取)")
_HOLDS_BACK = pattern(  # what was said before is meant for this place alone; "then take bars 3 to 8" is a step
    r"(?:(?!\b(?:then|and|after)\b)[^.;!?然再])*[,\s](?:but |please )?(?:only|just)(?: (?:in|on|for|the))*\s*"
    r"|[^.;然再]*(?:只|仅)"
)
_COUNT = pattern(r"(?:and )?(?:twice|\w+ times)\b")  # "just bars 3 to 5, twice": kept, then repeated
_MEANINGFUL = pattern(r"[a-z0-9\u3400-\u9fff]")


def meant(text: str, intents: list[Wanted], parsed: Parse, supply: Supply, *, may_make: bool) -> list[Wanted]:
    """The intents that are meant, in their order."""
    if edits_a_place(parsed):  # "make a diminuendo from bar 5 on" makes no music
        intents = [w for w in intents if w.tool.name != job.MAKE]
    intents = [_of_what_is_shown(w, supply) for w in intents]
    intents = _without_reasons(text, _with_lent_places(text, intents))
    if len(intents) == 1 and parsed.changes and _is_pointing(text, intents[0]):
        return []  # "an octave lower, only bars 3 to 8": what is to be done there stands elsewhere
    uncovered = _without_covered(text, intents, parsed, supply, remakes=remakes(supply))
    return _one_a_clause(text, uncovered, supply, may_make=may_make)


def _with_lent_places(text: str, intents: list[Wanted]) -> list[Wanted]:
    """One step where a phrase only points at its place: "only bars 9 to 12: transpose them", "up a tone, only bar 9".

    The place is lent to the step before or after that lacks one.
    """
    kept: list[Wanted] = []
    for wanted in intents:
        if kept and _only_points(text, wanted, kept[-1]) and _HOLDS_BACK.fullmatch(_between(text, kept[-1], wanted)):
            part = (kept[-1].segment[0], wanted.segment[1])
            kept[-1] = replace(kept[-1], segment=part, parsed=read(text[part[0] : part[1]]))
        elif kept and _only_points(text, kept[-1], wanted):
            part = (kept.pop().segment[0], wanted.segment[1])
            kept.append(replace(wanted, segment=part, parsed=read(text[part[0] : part[1]])))
        else:
            kept.append(wanted)
    return kept


def _between(text: str, one: Wanted, other: Wanted) -> str:
    """The words from the end of one phrase to the end of the next."""
    return normalised(text)[one.intent.end : other.intent.end]


def _without_reasons(text: str, intents: list[Wanted]) -> list[Wanted]:
    """Without what is said only as the reason for something else: "down a third so that my alto can sing it"."""
    plain = normalised(text)
    kept = [w for w in intents if not _REASON.search(plain[: w.intent.start])]
    return kept or intents


def _only_points(text: str, wanted: Wanted, after: Wanted) -> bool:
    """Whether a phrase is no more than "only" or "take" before a place that the next step can use and lacks."""
    if after.intent.negated or not _is_pointing(text, wanted) or _COUNT.match(normalised(text), after.intent.start):
        return False
    fields, lacks = after.tool.args_model.model_fields, after.parsed.slots
    return any(p in wanted.parsed.slots and p in fields and p not in lacks for p in ("from_bar", "start_s"))


def _is_pointing(text: str, wanted: Wanted) -> bool:
    """Whether a phrase is no more than "only" or "take"."""
    words = normalised(text)[wanted.intent.start : wanted.intent.end]
    return not wanted.intent.negated and _POINTING.fullmatch(words.strip()) is not None


def _of_what_is_shown(wanted: Wanted, supply: Supply) -> Wanted:
    """A question about music, where only a picture or a film is shown, is one about that."""
    kinds = {a.kind for a in supply.fresh}
    shown_only = bool(kinds) and kinds <= set(SEEN)
    if wanted.tool.family not in job.PERCEIVES or not shown_only or not supply.missing(wanted.tool):
        return wanted
    looks = [supply.tools[n] for n in job.LOOK if n in supply.tools and not supply.missing(supply.tools[n])]
    return replace(wanted, intent=replace(wanted.intent, tool=looks[0])) if looks else wanted


def remakes(supply: Supply) -> bool:
    """Whether what the session made last came from the main job, so that a changed Brief makes it again."""
    made_by = supply.made_last()
    return not made_by or job.MAKE in made_by


def _without_covered(text: str, intents: list[Wanted], parsed: Parse, supply: Supply, *, remakes: bool) -> list[Wanted]:
    """Drop what the Brief says already: "slower" is a wish for new music, but an edit of an attached score."""
    attached = any(a.kind in job.MUSIC for a in supply.fresh) or (not remakes and supply.kinds() & job.MUSIC)
    there = bool(supply.kinds() & job.MUSIC)
    kept: list[Wanted] = []
    for wanted in intents:
        begun = any(begins(k.tool) and "midi" in k.tool.gives for k in kept) or (bool(kept) and _finds(kept[-1]))
        if wanted.intent.negated or (attached and not begun) or not _covered(text, wanted, parsed, there=there):
            kept.append(wanted)
    return kept


def _finds(wanted: Wanted) -> bool:
    """Whether a tool looks for music: "something like this, but slower" says what to look for."""
    return not wanted.intent.negated and "references" in wanted.tool.gives


def _covered(text: str, wanted: Wanted, parsed: Parse, *, there: bool) -> bool:
    """Whether all that a phrase says is in the Brief: fields, relative wishes and words without weight."""
    if not works_on_music(wanted.tool):
        return False
    start, end = wanted.intent.start, wanted.intent.end
    said = [s for s in parsed.spans if s.name in MusicFields.model_fields or s.name in parsed.changes]
    if not there:  # what new music cannot do is no reason to edit it
        said += [s for s in parsed.spans if s.name in (UNMET, JOINED)]
    if not any(wanted.segment[0] <= s.start < wanted.segment[1] for s in said):
        return False
    rest = "".join(
        c for n, c in enumerate(normalised(text)) if start <= n < end and not any(s.start <= n < s.end for s in said)
    )
    return _MEANINGFUL.search(_LIGHT.sub(" ", rest)) is None


def _one_a_clause(text: str, intents: list[Wanted], supply: Supply, *, may_make: bool) -> list[Wanted]:
    """Keep what a clause means where one verb only leads up to another.

    Something begun gives way to what names it ("make a string quartet arrangement of this"), a second
    beginning to the first ("recommend some music for a party"), and what cannot be done with what is
    there to what can ("play this recording backwards").
    """
    plain = normalised(text)
    clauses = [clause_start(plain, w.intent.start) for w in intents]
    ready = _ready(intents, clauses, supply)
    kept: list[Wanted] = []
    for number, wanted in enumerate(intents):
        here = [n for n, w in enumerate(intents) if clauses[n] == clauses[number] and not w.intent.negated]
        if begins(wanted.tool):
            named = [n for n in here if n > number and not begins(intents[n].tool) and (may_make or ready[n])]
            gives_way = any(intents[n].tool.family not in job.PERCEIVES for n in named)
            gives_way = gives_way or any(n < number and begins(intents[n].tool) for n in here)
            gives_way = gives_way or (_MADE_THERE.match(plain, wanted.intent.start) is not None and any(ready[:number]))
        else:
            ahead = [n for n in here if ready[n] and not begins(intents[n].tool)]
            fed = any(n < number and _feeds(intents[n].tool, wanted.tool) for n in ahead)
            gives_way = not ready[number] and bool(ahead) and not fed
            gives_way = gives_way or any(_says_more(intents[n], wanted) for n in here if n != number)
        if wanted.intent.negated or not gives_way:
            kept.append(wanted)
    return kept


def _feeds(one: Tool, other: Tool) -> bool:
    """Whether one tool makes, of something else, what another needs: "turn my whistling into sheet music"."""
    needs = [set(k) for n, k in artifact_arguments(other).items() if required(other, n)]
    return not set(one.takes) & set(one.gives) and any(kinds & set(one.gives) for kinds in needs)


def _says_more(one: Wanted, other: Wanted) -> bool:
    """Whether one of two verdicts asked for in one breath is the particular one: "check it for parallel fifths"."""
    judges = one.tool.family == other.tool.family == "evaluate" and one.tool is not other.tool
    return judges and one.intent.end - one.intent.start > other.intent.end - other.intent.start


def _ready(intents: list[Wanted], clauses: list[int], supply: Supply) -> list[bool]:
    """For each intent whether all it needs is there, or is made by an intent of a clause before its own."""
    ready = []
    for wanted, clause in zip(intents, clauses, strict=True):
        before = [w for w, c in zip(intents, clauses, strict=True) if c < clause and not w.intent.negated]
        there = supply.kinds().union(*(w.tool.gives for w in before))
        needs = [set(k) for n, k in artifact_arguments(wanted.tool).items() if required(wanted.tool, n)]
        ready.append(all(kinds & there for kinds in needs))
    return ready
