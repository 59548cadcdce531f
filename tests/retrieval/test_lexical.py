"""BM25 by words."""

from __future__ import annotations

import math

import pytest

from retrieval.lexical import Lexicon, words


def test_words_lose_accents_possessives_and_stop_words() -> None:
    assert words("Find me O'Neill's café waltz in 3/4") == ["oneill", "cafe", "waltz", "3/4"]


def test_rarer_words_and_shorter_documents_rank_first() -> None:
    lexicon = Lexicon(["jig lark morning", "jig jig kerry", "jig lark long description words more"])
    assert [row for row, _ in lexicon.rank("lark morning")] == [0, 2]
    assert lexicon.rank("zither") == []


def test_scores_follow_the_formula() -> None:
    (row, score), *_ = Lexicon(["alpha beta", "gamma"]).rank("alpha")
    expected = math.log(1 + 1.5 / 1.5) * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / 1.5))
    assert (row, score) == (0, pytest.approx(expected))
