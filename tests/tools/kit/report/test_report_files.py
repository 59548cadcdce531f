from __future__ import annotations

import csv
import json

import pytest

from tools.kit.report import (
    Document,
    Figure,
    Table,
    Undrawn,
    figure,
    mean_interval,
    shown,
    write_csv,
    write_html,
    write_json,
)
from tools.kit.report import write_markdown as write_md
from tools.kit.report.draw import bars, distributions, interval_bars, radar

EVIL = 'a|b <script>alert(1)</script> [x](http://evil) "q"\n.mid'


@pytest.fixture
def document():
    picture = bars({"one": [1.0, None]}, ["x", "y"], "Bars")
    table = Table(["file", "value"], [[EVIL, 0.123456], ["b", None], ["c", True]], "Values", "a note")
    return Document("Title & more", ["Hello <b>.", table, Figure(picture, "bars.png", "what it shows")])


def test_html_stands_alone_and_runs_nothing(document, tmp_path):
    write_html(document, tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text()
    assert "<script>" not in text
    assert "Title &amp; more" in text
    assert 'src="data:image/png;base64,' in text
    assert 'alt="what it shows"' in text
    assert "<td class=n>0.1235</td>" in text


def test_markdown_keeps_rows_whole_and_pictures_beside_it(document, tmp_path):
    (picture,) = write_md(document, tmp_path / "r.md")
    text = (tmp_path / "r.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 5
    assert "\\<script>" in text
    assert "\\[x](" in text
    assert picture.name == "bars.png"
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_csv_keeps_precision_and_runs_no_formula(tmp_path):
    write_csv([{"f": "=cmd()", "v": 1 / 3}, {"f": "a,b", "v": None}], ["f", "v"], tmp_path / "r.csv")
    rows = list(csv.reader((tmp_path / "r.csv").read_text().splitlines()))
    assert rows[1][0] == "'=cmd()"
    assert float(rows[1][1]) == 1 / 3
    assert rows[2] == ["a,b", ""]


def test_json_is_json_for_every_reader(tmp_path):
    write_json({"a": float("nan"), "b": [float("inf"), 1]}, tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text()) == {"a": None, "b": [None, 1]}


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "–"), (0.0, "0"), (1.0, "1"), (12345.678, "12346"), (0.00012345, "0.000123"), (-0.5, "−0.5"), (3, "3"),
     (1e-9, "1.000e−09"), (float("nan"), "–"), (True, "yes"), ("x", "x"), (100.0, "100"), (1e9, "1.000e+09")],
)  # fmt: skip
def test_numbers_as_a_person_reads_them(value, said):
    assert shown(value) == said


def test_pictures_are_the_same_bytes_and_take_undefined_values():
    made = [
        lambda: radar({"a": [0.1, None, 0.9], "b": [1.2, 0.5, -1.0]}, ["x", "y", "z"], "t"),
        lambda: bars({"a": [None, 2.0], "b": [-1.0, float("nan")]}, ["x", "y"], "t"),
        lambda: interval_bars({"a": [mean_interval([]), mean_interval([1.0, 2.0])]}, ["x", "y"], "t"),
        lambda: distributions({"q": {"a": [1.0, 2.0], "b": []}, "p": {"a": [1.0] * 3}}, "$t 音"),
    ]
    for draw in made:
        assert draw() == draw()
    with pytest.raises(ValueError, match="three axes"):
        radar({"a": [1.0]}, ["x"], "t")


@pytest.mark.parametrize(
    "values", [[0.1 + 0.2, 0.3], [1e300, 1e300 * (1 + 2e-16)], [0.0, 5e-324], [1e16, 1e16 + 2], [7.0], []]
)
def test_values_that_rounding_tells_apart_are_drawn(values):
    assert distributions({"x": {"set": values}}, "t").startswith(b"\x89PNG")


def test_a_picture_that_cannot_be_drawn_costs_its_report_nothing_but_itself(tmp_path):
    found = figure(lambda: radar({"a": [1.0]}, ["x"], "t"), "radar.png", "what it shows")
    assert isinstance(found, Undrawn)
    document = Document("t", ["before", found, "after"])
    assert write_md(document, tmp_path / "r.md") == []
    write_html(document, tmp_path / "r.html")
    for name in ("r.md", "r.html"):
        text = (tmp_path / name).read_text()
        assert "radar.png (what it shows) could not be drawn: a radar needs three axes." in text
        assert "after" in text
