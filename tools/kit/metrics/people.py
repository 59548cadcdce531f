"""What listeners say, as numbers: ratings, preferences and choices, each with its 95 % interval.

Ratings of one listener hang together, so their interval is that of the listeners' means where there are enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean

from tools.errors import UserError
from tools.kit.metrics.registry import metric
from tools.kit.report.interval import Interval, mean_interval

ENOUGH_LISTENERS = 3  # for an interval over listeners' means
Ratings = Mapping[tuple[str, str], float]  # (listener, item) to rating
_WILSON = "; interval of Wilson 1927"


@metric(
    "mean_opinion_score",
    family="people",
    low=1,
    high=5,
    better="higher",
    formula="mean over listeners of the mean of a listener's ratings, 1 bad to 5 excellent",
    meaning="How good listeners find the music. A score of one test cannot be set beside that of another, since "
    "listeners rate against what else they hear.",
    source="ITU-T P.800 (1996), absolute category rating; interval of Student 1908 over listeners",
)
def mean_opinion_score(ratings: Ratings) -> Interval:
    """Mean opinion score of one system's ratings."""
    return mean_rating(ratings, 1, 5)


@metric(
    "mushra_score",
    family="people",
    low=0,
    high=100,
    better="higher",
    formula="mean over listeners of the mean of a listener's ratings against the reference, 0 bad to 100 excellent",
    meaning="How near listeners find each version to the original. Listeners who rate the hidden original below 90 in "
    "more than 15 % of the parts are left out.",
    source="after ITU-R BS.1534-3 (2015), with its hidden reference, 3.5 kHz anchor and post-screening",
)
def mushra_score(ratings: Ratings) -> Interval:
    """Mean rating of one system against the reference."""
    return mean_rating(ratings, 0, 100)


def mean_rating(ratings: Ratings, low: float, high: float) -> Interval:
    """Mean of ratings with its interval: over listeners' means with three or more, else over single ratings.

    Raises
    ------
    UserError
        When a rating lies outside the scale.
    """
    wrong = [v for v in ratings.values() if not low <= v <= high]
    if wrong:
        raise UserError(f"{wrong[0]:g} is no rating from {low:g} to {high:g}.")
    means = listener_means(ratings)
    judged = means if len(means) >= ENOUGH_LISTENERS else ratings
    return mean_interval(list(judged.values()), least=low, most=high)


def listener_means(ratings: Ratings) -> dict[str, float]:
    """Mean rating of each listener."""
    grouped: dict[str, list[float]] = {}
    for (listener, _), value in ratings.items():
        grouped.setdefault(listener, []).append(value)
    return {listener: fmean(values) for listener, values in grouped.items()}


@metric(
    "preference_share",
    family="people",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="comparisons won / comparisons decided",
    meaning="How often listeners prefer a system in pairs of clips. Answers without a preference are left out and "
    "told beside it.",
    source="two-alternative comparison; exact binomial test against 1/2" + _WILSON,
)
def preference_share(won: int, decided: int) -> Interval:
    """Share of decided comparisons won."""
    return share(won, decided)


@metric(
    "cue_found_share",
    family="people",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="parts in which the clip made for the cue was chosen among four / parts",
    meaning="How often listeners find the clip that was made for a text, picture or tune. Guessing gives 0.25.",
    source="four-alternative forced choice; exact binomial test against 1/4" + _WILSON,
)
def cue_found_share(found: int, parts: int) -> Interval:
    """Share of parts in which the right clip was chosen."""
    return share(found, parts)


@metric(
    "taken_for_person_share",
    family="people",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="clips said to be made by a person / clips judged",
    meaning="How often music passes for a person's. It tells something only beside the share that people's own music "
    "gets from the same listeners.",
    source="after Turing 1950; Fisher's exact test against people's music" + _WILSON,
)
def taken_for_person_share(taken: int, judged: int) -> Interval:
    """Share of clips taken for a person's work."""
    return share(taken, judged)


def share(successes: int, n: int) -> Interval:
    """A share with Wilson's 95 % interval (Wilson 1927); undefined for ``n`` of 0.

    Raises
    ------
    UserError
        When there are more successes than cases, or fewer than none.
    """
    from scipy import stats

    if not 0 <= successes <= n:
        raise UserError(f"{successes} of {n} is no share.")
    if not n:
        return Interval(None, None, None, None, 0)
    ends = stats.binomtest(successes, n).proportion_ci(method="wilson")
    return Interval(successes / n, float(ends.low), float(ends.high), None, n)
