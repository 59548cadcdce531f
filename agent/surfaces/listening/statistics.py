"""What the listeners' answers say: means and shares with 95 % intervals, and tests of significance.

Ratings (MOS, MUSHRA): means with Student's intervals over listeners; Wilcoxon's signed-rank test for two systems,
Friedman's test and then pairwise Wilcoxon tests for more. Choices (A/B, 4AFC, Turing): shares with Wilson's interval
and exact binomial tests; persons against machines by Fisher's exact test. P values of several comparisons are Holm's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from statistics import fmean
from typing import Any

from agent.surfaces.listening.answers import Answers
from agent.surfaces.listening.design import REFERENCE
from tools.kit.metrics import people
from tools.kit.report import Document, Figure, Interval, Table
from tools.kit.report.draw import interval_bars

LISTENERS_AS_BLOCKS = 6  # with fewer listeners Wilcoxon's test over listeners can never reach p < 0.05
SCREEN_BELOW, SCREEN_SHARE = 90.0, 0.15  # ITU-R BS.1534-3, 4.1.2: post-screening
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Comparison:
    """One test of significance; ``p`` is Holm's when several were made."""

    what: str
    test: str
    n: int
    effect: float | None
    p: float


@dataclass
class Findings:
    """The statistics of a listening test.

    Attributes
    ----------
    scores
        Name of a system to its mean (ratings) or share (choices) with its interval.
    tests
        Every comparison made.
    """

    kind: str
    question: str
    listeners: int
    scores: dict[str, Interval] = field(default_factory=dict)
    unit: str = ""
    tests: list[Comparison] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The findings as plain JSON."""
        return asdict(self)

    def as_document(self) -> Document:
        """The findings as a report with a table, a picture and the tests."""
        document = Document(f"Listening test ({self.kind}): {self.question}")
        document.add(f"{self.listeners} listeners. {self._sentence()}")
        rows = [[n, i.mean, i.low, i.high, i.n] for n, i in self.scores.items()]
        document.add(Table(["system", self.unit, "95 % from", "to", "n"], rows, "Scores"))
        picture = interval_bars(
            {"": list(self.scores.values())}, list(self.scores), "Scores with 95 % intervals", self.unit
        )
        document.add(Figure(picture, "scores.png", f"{self.unit} of each system with 95 % intervals"))
        if self.tests:
            found = [[t.what, t.test, t.n, t.effect, t.p, t.p < SIGNIFICANT] for t in self.tests]
            columns = ["comparison", "test", "n", "effect", "p", f"p < {SIGNIFICANT}"]
            document.add(Table(columns, found, "Tests", "A p value above the bound is no proof that two are alike."))
        document.add(*self.notes)
        return document

    def _sentence(self) -> str:
        clear = [t for t in self.tests if t.p < SIGNIFICANT]
        if not self.tests:
            return "There are too few answers for a test of significance."
        return "Significant: " + "; ".join(t.what for t in clear) + "." if clear else "No difference is significant."


def statistics(answers: Answers) -> Findings:
    """The statistics that belong to the kind of test."""
    made = _KINDS[answers.key.kind](answers)
    made.notes = [*answers.notes, *made.notes]
    return made


Ratings = Mapping[str, Mapping[tuple[str, str], float]]  # system to (listener, item) to rating


def _rated(answers: Answers) -> Findings:
    """MOS and MUSHRA."""
    is_mushra = answers.key.kind == "mushra"
    made = _findings(answers, "mean rating, 0 to 100" if is_mushra else "mean opinion score, 1 to 5")
    sheets = _screened(answers, made.notes) if is_mushra else answers.sheets
    gathered: dict[str, dict[tuple[str, str], list[float]]] = defaultdict(lambda: defaultdict(list))
    for sheet in sheets:
        for given in sheet.trials:
            for token, value in given.answer.items():
                clip = answers.key.stimuli[token]
                gathered[clip.system][sheet.listener, clip.item].append(float(value))
    ratings = {s: {k: fmean(v) for k, v in gathered[s].items()} for s in sorted(gathered)}
    made.listeners = len({sheet.listener for sheet in sheets})
    score = people.mushra_score if is_mushra else people.mean_opinion_score
    made.scores = {s: score(found) for s, found in ratings.items()}
    _compare_ratings(ratings, made)
    return made


def _screened(answers: Answers, notes: list[str]) -> list[Any]:
    """Listeners who know the reference when they hear it (BS.1534-3); all of them when not one does."""
    kept = []
    for sheet in answers.sheets:
        hidden = [v for g in sheet.trials for t, v in g.answer.items() if answers.key.stimuli[t].role == "reference"]
        failed = sum(v < SCREEN_BELOW for v in hidden) / len(hidden) if hidden else 0.0
        if failed > SCREEN_SHARE:
            notes.append(
                f"{sheet.listener} rated the hidden reference below {SCREEN_BELOW:g} in {failed:.0%} of the parts "
                "and is left out (BS.1534-3)."
            )
        else:
            kept.append(sheet)
    if not kept:
        notes.append("Nobody passed the screening; all listeners are kept, and the ratings tell little.")
    return kept or answers.sheets


def _compare_ratings(ratings: Ratings, made: Findings) -> None:
    from scipy import stats

    over_listeners = made.listeners >= LISTENERS_AS_BLOCKS
    tables: dict[str, Mapping[Any, float]] = {
        s: people.listener_means(found) if over_listeners else found for s, found in ratings.items()
    }
    if not over_listeners:
        made.notes.append(
            f"Fewer than {LISTENERS_AS_BLOCKS} listeners: single answers are compared as if they were independent, "
            "so the p values are too small."
        )
    blocks = sorted(set.intersection(*(set(t) for t in tables.values()))) if tables else []
    if len(tables) > 2 and len(blocks) > 1:
        columns = [[tables[s][b] for b in blocks] for s in tables]
        p = 1.0 if _all_ties(columns) else float(stats.friedmanchisquare(*columns).pvalue)
        made.tests.append(Comparison("all systems", "Friedman", len(blocks), None, p))
    found = []
    for one, other in combinations(tables, 2):
        common = sorted(set(tables[one]) & set(tables[other]))
        differences = [tables[one][b] - tables[other][b] for b in common]
        if len(common) < 2:
            continue
        p = float(stats.wilcoxon(differences, zero_method="pratt").pvalue) if any(differences) else 1.0
        found.append(Comparison(f"{one} against {other}", "Wilcoxon", len(common), fmean(differences), p))
    made.tests += holm(found)


def _all_ties(columns: Sequence[Sequence[float]]) -> bool:
    return all(len(set(row)) == 1 for row in zip(*columns, strict=True))


def _preferred(answers: Answers) -> Findings:
    """A/B: for each pair of systems, how often each was preferred."""
    made = _findings(answers, "share of decided comparisons won")
    wins: dict[str, int] = defaultdict(int)
    decided: dict[str, int] = defaultdict(int)
    pairs: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for sheet in answers.sheets:
        for given in sheet.trials:
            one, other = sorted(answers.key.stimuli[t].system for t in answers.key.trials[given.trial].clips)
            choice = given.answer["choice"]
            chosen = None if choice == "same" else answers.key.stimuli[choice].system
            pairs[one, other][2 if chosen is None else 0 if chosen == one else 1] += 1
            for system in (one, other) if chosen else ():
                decided[system] += 1
                wins[system] += system == chosen
    made.scores = {s: people.preference_share(wins[s], decided[s]) for s in sorted(decided)}
    found = []
    for (one, other), (first, second, same) in sorted(pairs.items()):
        if first + second:
            what = f"{one} against {other} ({first} to {second}, no preference {same})"
            found.append(_binomial(what, first, first + second, 0.5))
    made.tests = holm(found)
    made.notes.append("Answers of one listener are counted as independent.")
    return made


def _found(answers: Answers) -> Findings:
    """4AFC: how often the clip that belongs to the cue was found; chance is 1/4."""
    made = _findings(answers, "share found (chance is 0.25)")
    right: dict[str, list[bool]] = defaultdict(list)
    for sheet in answers.sheets:
        for given in sheet.trials:
            target = answers.key.trials[given.trial].target
            assert target is not None
            right[answers.key.stimuli[target].system].append(given.answer["choice"] == target)
    made.scores = {s: people.cue_found_share(sum(r), len(r)) for s, r in sorted(right.items())}
    made.tests = holm(
        [_binomial(f"{s} above chance", sum(r), len(r), 0.25, "greater") for s, r in sorted(right.items())]
    )
    made.notes.append("Answers of one listener are counted as independent.")
    return made


def _turing(answers: Answers) -> Findings:
    """Person or machine: how often each source was taken for a person, and whether listeners can tell."""
    from scipy import stats

    made = _findings(answers, "share taken for a person")
    judged: dict[str, list[bool]] = defaultdict(list)
    for sheet in answers.sheets:
        for given in sheet.trials:
            for token, said in given.answer.items():
                judged[answers.key.stimuli[token].system].append(said == "person")
    made.scores = {s: people.taken_for_person_share(sum(j), len(j)) for s, j in sorted(judged.items())}
    right = sum(sum(j) if s == REFERENCE else len(j) - sum(j) for s, j in judged.items())
    made.tests = [_binomial("persons and machines told apart", right, sum(map(len, judged.values())), 0.5, "greater")]
    real = judged.get(REFERENCE, [])
    found = []
    for system, machine in sorted(judged.items()):
        if system != REFERENCE and real:
            table = [[sum(real), len(real) - sum(real)], [sum(machine), len(machine) - sum(machine)]]
            effect = fmean(machine) - fmean(real)
            p = float(stats.fisher_exact(table).pvalue)
            found.append(Comparison(f"{system} against people", "Fisher", len(real) + len(machine), effect, p))
    made.tests += holm(found)
    made.notes.append("Answers of one listener are counted as independent.")
    return made


_KINDS: Mapping[str, Callable[[Answers], Findings]] = {
    "mos": _rated,
    "mushra": _rated,
    "ab": _preferred,
    "4afc": _found,
    "turing": _turing,
}


def holm(found: Sequence[Comparison]) -> list[Comparison]:
    """The comparisons with Holm's correction (Holm 1979): no p value shrinks, and their order stays."""
    ranked = sorted(range(len(found)), key=lambda i: found[i].p)
    corrected, highest = {}, 0.0
    for rank, index in enumerate(ranked):
        highest = max(highest, min(1.0, found[index].p * (len(found) - rank)))
        corrected[index] = highest
    return [Comparison(**{**asdict(c), "p": corrected[i]}) for i, c in enumerate(found)]


def _binomial(what: str, successes: int, n: int, chance: float, alternative: str = "two-sided") -> Comparison:
    from scipy import stats

    p = float(stats.binomtest(successes, n, chance, alternative=alternative).pvalue)
    return Comparison(what, f"binomial against {chance:g}", n, successes / n - chance, p)


def _findings(answers: Answers, unit: str) -> Findings:
    return Findings(answers.key.kind, answers.key.question, len(answers.sheets), unit=unit)
