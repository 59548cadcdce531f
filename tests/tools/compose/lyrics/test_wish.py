"""What a request for lyrics says: the topic is taken as it was written, form and numbers beside it."""

from __future__ import annotations

import pytest

from tools.compose.lyrics.wish import read_wish


@pytest.mark.parametrize("topic", ["autumn", "apples and pears", "usage", "theatre", "somewhere", "meadows", "anchors"])
@pytest.mark.parametrize("words", ["{}", "about {}", "a song about {}", "the {}"])
def test_a_topic_that_begins_like_a_little_word_stays_whole(words, topic):
    assert read_wish(words.format(topic)).topic == topic


def test_articles_are_left_out():
    assert read_wish("about an anchor").topic == "anchor"
    assert read_wish("about the sea").topic == "sea"


def test_the_end_of_a_word_is_no_number():
    said = read_wish("banana lines")
    assert said.lines is None
    assert read_wish("four lines about autumn").lines == 4
