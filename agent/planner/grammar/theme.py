"""A theme of one's own: what was hummed, sung or whistled, or a riff, of which a piece is to be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.planner.grammar import job
from agent.planner.grammar.fill import brief_in_words
from agent.planner.grammar.intents import Intent
from agent.planner.grammar.parse import Parse
from agent.planner.grammar.reading import Span, normalised, pattern
from agent.planner.grammar.supply import Supply
from agent.planner.grammar.wanted import Wanted
from tools.brief import Brief

_NOTES = frozenset({"midi", "score"})
_VOICE = r"(?:hum(?:s|med|ming)?|whistl(?:e|es|ed|ing)|sang|sung|sing(?:ing)?)"
_SEED = r"(?:riff|motif|motive|hook|idea|fragment|snippet|melody|tune|theme|phrase|lick|ditty)"
_WRITTEN = r"(?:midi|notes?\b|sheet|score\b|notation|transcription|abc\b|musicxml|text|melody\b|tab)"
_MAKE = r"\b(?:make|write|compose|create|build|produce|craft|want|need|give)\b"
_FROM = r"\b(?:(?:made )?(?:out of|from|around|of)|based on|built on|using|with)\b"
_OF_VOICE = pattern(
    rf"\b(?:turn|make|transform|develop|expand|grow|build|convert)\b[^.;]{{0,40}}?\b{_VOICE}\b[^.;]{{0,25}}?\binto\b"
    rf"(?! (?:(?:a|an|the|some) )?(?:[\w-]+ )?(?:{_WRITTEN}|voices?\b|vocals?\b|singer|choir))"
    rf"|{_MAKE}(?! (?:me )?(?:(?:a|an|the|some) )?{_WRITTEN})[^.;]{{0,60}}?{_FROM} "
    rf"(?:\w+ ){{0,4}}?{_VOICE}\b"
    r"|哼[^,.;]{0,10}?(?:变成|改成|做成|写成|编成|谱成|发展成|改编成)(?!谱|五线|简谱|midi|音符)"
    r"|(?:根据|用|拿|以|按)[^,.;]{0,6}(?:哼|口哨|唱)[^,.;]{0,10}?(?:写|做|作|创作|编)(?!谱)"
)
_OF_NOTES = pattern(
    rf"{_MAKE}[^.;]{{0,60}}?{_FROM} (?:this|my|that|the attached|these) (?:\w+ )?{_SEED}\b"
    r"|\b(?:turn|develop|expand|grow|build)\b (?:this|my|that|the) (?:\w+ )?"
    r"(?:riff|motif|motive|hook|idea|fragment|snippet|lick|ditty)\b[^.;]{0,12}? into\b"
    r"|(?:根据|用|拿|以|按|把)[^,.;]{0,6}(?:旋律|动机|乐句|主题)[^,.;]{0,6}?(?:写|作|创作|发展)(?:成)?(?:一)?(?:首|段|支)"
)
_AS_THEME = pattern(
    r"\b(?:use|take|treat|with)\b[^.;]{0,50}?\bas (?:a|an|the|its|my) (?:(?:main|central|opening|musical) )?"
    r"(?:theme|motif|motive|basis|subject|starting point|seed|idea|hook|leitmotif)\b(?: (?:of|for|to|in))?"
    r"|(?:用|拿|以|把)[^,.;]{0,14}?(?:作为|当作|当|做|为)(?:一)?(?:首|段|支)?[^,.;]{0,8}?(?:主题|动机)"
)
_ARRANGE = pattern(rf"\barrange\b[^.;]{{0,40}}?\b{_VOICE}\b|哼[^,.;]{{0,10}}?(?:编配|配器)")


def theme_words(text: str, supply: Supply) -> list[Span]:
    """Where the words make what was given the theme of a new piece, or have a hum arranged; named by the tool meant.

    A recording is a theme where a voice is spoken of, or where the words call it the theme; notes may be any tune.
    """
    at_hand = {a.kind for a in (supply.fresh or supply.current)}
    plain = normalised(text)
    patterns = []
    if at_hand & {"audio", *_NOTES}:
        patterns += [(_OF_VOICE, job.MAKE), (_AS_THEME, job.MAKE)]
    patterns += [(_OF_NOTES, job.MAKE)] if at_hand & _NOTES else []
    patterns += [(_ARRANGE, job.ARRANGE)] if "audio" in at_hand and not at_hand & _NOTES else []
    return [Span(m.start(), m.end(), tool) for p, tool in patterns for m in p.finditer(plain)]


def with_theme(
    text: str, wanted: Sequence[Wanted], parsed: Parse, supply: Supply, themed: Sequence[Span]
) -> list[Wanted]:
    """What a request wants, a hum written down first where a piece or an arrangement is to be made of it.

    ``themed`` are the words that say so, by :func:`theme_words`.
    """
    if not themed or job.HEAR_TUNE not in supply.tools:
        return list(wanted)
    kinds = {a.kind for a in (supply.fresh or supply.current)}
    names = [job.HEAR_TUNE] if "audio" in kinds and not kinds & _NOTES else []
    names.append(job.MAKE if any(s.name == job.MAKE for s in themed) else job.ARRANGE)
    query = brief_in_words(parsed.brief)
    whole = (0, len(text))
    own = replace(parsed, brief=Brief(request=text), slots={}, changes={})  # what is asked is not what was hummed
    said = {job.HEAR_TUNE: own}
    made = [Wanted(Intent(supply.tools[n], 0, 0), whole, said.get(n, parsed), query) for n in names]
    return [*made, *(w for w in wanted if w.tool.family == "render" or w.intent.negated)]
