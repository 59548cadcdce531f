"""How close a piece is to a given one and to the works of the library, with the bars that show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.contract import Output, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.contract import Score as ScoreRef
from tools.errors import UserError
from tools.kit.score import Score
from tools.kit.theory.pitch import Key

if TYPE_CHECKING:
    from retrieval.record import Record
    from tools.kit.likeness import Line

Verdict = Literal["the same", "very close", "shares passages", "alike in manner", "apart"]
_SAME, _VERY_CLOSE = 0.9, 0.6  # of a melody's intervals, by edit distance
_LONG, _TELLING = 24, 12  # notes of a passage
_BITS = 38.0  # of a passage that chance does not explain
_MANNER = 0.8  # of harmony and rhythm together
_LIBRARY_CLOSE, _LIBRARY_SAME = 0.35, 0.75  # of a tune's shapes of four notes, rare ones weighing more


class CheckSimilarityArgs(ToolArgs):
    """Arguments of :func:`check_similarity`."""

    music: ScoreRef = Field(description="The piece to judge.")
    reference: ScoreRef | None = Field(None, description="A work to compare it with; the library alone when not given.")
    k: int = Field(5, ge=1, le=50, description="How many of the library's nearest works to name.")


class SharedPassage(BaseModel):
    """A stretch of melody that both pieces have."""

    model_config = ConfigDict(extra="forbid")

    from_bar: int = Field(description="First bar of it in the piece.")
    to_bar: int = Field(description="Last bar of it in the piece.")
    reference_from_bar: int = Field(description="First bar of it in the reference.")
    reference_to_bar: int = Field(description="Last bar of it in the reference.")
    notes: int = Field(description="Notes that agree.")
    bits: float = Field(description="How surprising its intervals are, in bits; a scale has few.")
    same_rhythm: float = Field(description="Share of its notes whose lengths agree too, 0 to 1.")
    transposed: int = Field(description="Semitones from the piece to the reference.")


class Compared(BaseModel):
    """The piece beside the reference."""

    model_config = ConfigDict(extra="forbid")

    melody: float = Field(description="Likeness of the melodies by edit distance of their intervals, 0 to 1.")
    melody_ngrams: float = Field(description="Share of the piece's runs of six notes that the reference has, 0 to 1.")
    harmony: float = Field(description="Likeness of the chords bar by bar, relative to the key, 0 to 1.")
    rhythm: float = Field(description="Likeness of where in the bar notes are struck, 0 to 1.")
    passages: list[SharedPassage] = Field(description="Stretches of melody that both have, the longest first.")
    verdict: Verdict = Field(description="What the figures say together; no legal opinion.")


class NearWork(BaseModel):
    """A work of the library and how near it is."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(description="Title.")
    composer: str = Field(description="Composer.")
    source: str = Field(description="Where the library has it from.")
    melody: float = Field(description="Share of common melodic shapes of four notes, rare ones weighing more, 0 to 1.")
    harmony: float = Field(description="Likeness of the chords bar by bar, relative to the key, 0 to 1.")
    verdict: Verdict = Field(description="What the figures say together; no legal opinion.")


class SimilarityChecked(ToolData):
    """How close the piece is to what."""

    verdict: Verdict = Field(description="The closest of all verdicts.")
    compared: Compared | None = Field(description="The piece beside the reference, where one was given.")
    library: list[NearWork] = Field(description="The library's nearest works, the nearest first.")
    searched: int = Field(description="Works of the library that were compared.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("report",),
    cost="seconds",
    timeout_s=300,
    asks=(
        r"\brip(?:ping|ped|s)? ?off\b",
        r"\b(?:stolen|stole|copied|copy|borrowed) (?:this |it )?from\b",
        r"\bremind(?:s)? (?:you|me) of\b",
        r"\b(?:too )?(?:close|similar|near)\b[^,.;?]{0,12}\b(?:to (?:an? |any |some )?(?:existing|known|other|"
        r"famous|another|copyrighted|the original)|tune|song)\b(?: (?:tune|song|piece|work|music)s?)?",
        r"\bhow original\b(?:[^.;?]{0,30}\bcompared to\b(?: \w+){0,2})?",
        r"\bplagiari(?:sm|zed|sed|zing|sing)\b",
        r"\b(?:check(?: it)?(?: for)?|is there(?: any)?|risk of|avoid) (?:plagiarism|copying|infringement)\b",
        r"\bhow (?:similar|close|original|alike)\b(?: (?:is|are|does) (?:this|it|these|they))?",
        r"\b(?:copyright|infring\w+)\b[^,.;]{0,15}\b(?:risk|problem|issue|claim|safe)?\b",
        r"\boriginality\b",
        r"\b(?:sounds?|is) (?:this )?(?:ripped|copied|stolen)\b",
        r"抄袭",
        r"(?:相似|雷同|原创)(?:度|性)?",
        r"(?:太)?像(?:某|哪|别)",
    ),
)
def check_similarity(args: CheckSimilarityArgs, ctx: ToolContext) -> ToolResult:
    """Measure how close a piece is to a given work and to the library's: melody, harmony, rhythm, and shared bars.

    A verdict with its evidence, and no legal opinion. The library keeps of each work its melodic shapes of four notes
    and its chords, so a likeness found there is a hint to compare with the work itself.
    """
    from retrieval.library import DEFAULT, RECORDS
    from retrieval.record import load_records
    from tools.kit.likeness import line_of
    from tools.kit.score.notation import read_notation

    artifacts = [ctx.artifact(ref) for ref in (args.music, args.reference) if ref]
    scores = [read_notation(a) for a in artifacts]
    for artifact, score in zip(artifacts, scores, strict=True):
        if not any(t.notes and not t.is_drum for t in score.tracks):
            raise UserError(f"{artifact.file.name} has no pitched notes to compare; attach a piece that has some.")
    records = load_records(DEFAULT / RECORDS)
    chances = _chances(records)
    line, key = line_of(scores[0]), _key(scores[0])
    ctx.progress(0.3, f"comparing with {len(records)} works of the library")
    near = _nearest(scores[0], line, key, records, args.k)
    compared = _compared(scores[0], line, key, scores[1], chances) if len(scores) > 1 else None
    verdicts = [n.verdict for n in near] + ([compared.verdict] if compared else [])
    order: tuple[Verdict, ...] = ("the same", "very close", "shares passages", "alike in manner", "apart")
    verdict = min(verdicts, key=order.index, default="apart")
    data = SimilarityChecked(verdict=verdict, compared=compared, library=near, searched=len(records))
    names = [a.file.name for a in artifacts]
    path = ctx.work_dir / "similarity.md"
    path.write_text(as_markdown(data, names), encoding="utf-8")
    facts = data.model_dump(mode="json", include={"verdict", "searched"})
    report = Output(path, "report", "text/markdown", facts, tuple(a.id for a in artifacts), "CC0-1.0")
    return ToolResult(_summary(data, names), data, (report,))


def _key(score: Score) -> Key:
    from tools.kit.analysis.key import rank_note_keys
    from tools.kit.analysis.notes import notes_of, phrase_starts

    fits = rank_note_keys(notes_of(score), phrase_starts_q=phrase_starts(score))
    return fits[0].key if fits else Key(0)


def _chances(records: Sequence[Record]) -> Mapping[int, float]:
    """How likely each interval is, by the library's melodic shapes."""
    count = Counter(ord(letter) - ord("m") for r in records for gram in r.ngrams for letter in gram)
    total = sum(count.values())
    return {interval: n / total for interval, n in count.items()}


def _compared(score: Score, line: Line, key: Key, other: Score, chances: Mapping[int, float]) -> Compared:
    from tools.kit.likeness import edit_similarity, harmony_of, line_of, passages, rhythm_similarity, shared_ngrams

    theirs = line_of(other)
    melody = edit_similarity(line.intervals, theirs.intervals)
    harmony = edit_similarity(harmony_of(score, key), harmony_of(other, _key(other)))
    rhythm = rhythm_similarity(score, other)
    found = [
        SharedPassage(
            from_bar=p.bars[0],
            to_bar=p.bars[1],
            reference_from_bar=p.other_bars[0],
            reference_to_bar=p.other_bars[1],
            notes=p.notes,
            bits=p.bits,
            same_rhythm=p.same_rhythm,
            transposed=p.transposed,
        )
        for p in passages(line, theirs, chances)
    ]
    found.sort(key=lambda p: -p.bits)
    return Compared(
        melody=round(melody, 3),
        melody_ngrams=round(shared_ngrams(line.intervals, theirs.intervals), 3),
        harmony=round(harmony, 3),
        rhythm=round(rhythm, 3),
        passages=found,
        verdict=_verdict(melody, harmony, rhythm, found),
    )


def _verdict(melody: float, harmony: float, rhythm: float, found: Sequence[SharedPassage]) -> Verdict:
    if melody >= _SAME:
        return "the same"
    if melody >= _VERY_CLOSE:
        return "very close"
    if any((p.notes >= _TELLING and p.bits >= _BITS and p.same_rhythm >= 0.5) or p.notes >= _LONG for p in found):
        return "shares passages"
    return "alike in manner" if min(harmony, rhythm) >= _MANNER else "apart"


def _nearest(score: Score, line: Line, key: Key, records: Sequence[Record], k: int) -> list[NearWork]:
    """The works whose melodic shapes agree most, weighed by rarity."""
    import math

    from retrieval.melody import ngrams
    from tools.kit.likeness import edit_similarity, harmony_of

    mine = set(ngrams([n.pitch for n in line.notes]))
    spread = Counter(gram for r in records for gram in set(r.ngrams))
    weight = {g: math.log((len(records) + 1) / (spread[g] + 1)) for g in mine | set(spread)}

    def melody(record: Record) -> float:
        theirs = set(record.ngrams)
        either = sum(weight[g] for g in mine | theirs)
        return sum(weight[g] for g in mine & theirs) / either if either else 0.0

    ranked = sorted(((melody(r), r) for r in records), key=lambda pair: (-pair[0], pair[1].id))[:k]
    chords = harmony_of(score, key)
    found = []
    for value, record in ranked:
        harmony = edit_similarity(chords, _record_chords(record))
        verdict: Verdict = (
            "very close" if value >= _LIBRARY_SAME else "shares passages" if value >= _LIBRARY_CLOSE else "apart"
        )
        found.append(
            NearWork(
                title=record.title,
                composer=record.composer,
                source=record.source,
                melody=round(value, 3),
                harmony=round(harmony, 3),
                verdict=verdict,
            )
        )
    return found


def _record_chords(record: Record) -> list[int]:
    from tools.kit.theory.chord import Chord

    tonic = Key.parse(record.key).tonic
    found = []
    for symbol in record.chords:
        first = symbol.split()[0] if symbol.split() else "N.C."
        if first == "N.C.":
            found.append(-1)
            continue
        chord = Chord.parse(first)
        found.append((chord.root - tonic) % 12 * 2 + (3 in chord.intervals))
    return found


def _summary(data: SimilarityChecked, names: Sequence[str]) -> str:
    told = []
    if data.compared:
        best = data.compared.passages[0] if data.compared.passages else None
        where = (
            f"; the longest passage in common is {best.notes} notes, bars {best.from_bar} to {best.to_bar} against "
            f"{best.reference_from_bar} to {best.reference_to_bar}"
            if best
            else ""
        )
        told.append(f"beside {names[1]} it is {data.compared.verdict} (melody {data.compared.melody:.2f}{where})")
    if data.library:
        first = data.library[0]
        told.append(
            f"of {data.searched} works in the library the nearest is {first.title} ({first.verdict}, "
            f"melody {first.melody:.2f})"
        )
    return f"{names[0]}: {'; '.join(told)}. This is a measurement, no legal opinion."


def as_markdown(data: SimilarityChecked, names: Sequence[str]) -> str:
    """The verdict and its evidence."""
    lines = [f"# How close {names[0]} is to other music", "", _summary(data, names), ""]
    if data.compared:
        c = data.compared
        lines += [f"## Beside {names[1]}: {c.verdict}", "", "| measure | likeness |", "|---|---|"]
        lines += [f"| {n} | {getattr(c, n):.2f} |" for n in ("melody", "melody_ngrams", "harmony", "rhythm")]
        if c.passages:
            lines += [
                "",
                "| bars | reference bars | notes | bits | same rhythm | transposed |",
                "|---|---|---|---|---|---|",
            ]
            lines += [
                f"| {p.from_bar} to {p.to_bar} | {p.reference_from_bar} to {p.reference_to_bar} | {p.notes} | "
                f"{p.bits:.0f} | {p.same_rhythm:.2f} | {p.transposed:+d} |"
                for p in c.passages
            ]
        lines.append("")
    lines += ["## In the library", "", "| work | melody | harmony | verdict |", "|---|---|---|---|"]
    lines += [f"| {w.title} ({w.composer}) | {w.melody:.2f} | {w.harmony:.2f} | {w.verdict} |" for w in data.library]
    return "\n".join([*lines, ""])
