"""The shipped library: whole, free, and what its builder makes."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest

from retrieval import library
from retrieval.build_library import Job, build, measure
from retrieval.embed import describe_vectors, load_vectors, save_vectors
from retrieval.filters import is_non_commercial, satisfying_licences
from retrieval.library import DEFAULT, RECORDS, VECTORS, Shelves, open_library
from retrieval.record import Record, load_records, save_records
from retrieval.sources import TUNEBOOKS, WORKS, corpus_folder, piece_of_tune, piece_of_work, tunes
from tools.errors import UserError
from tools.kit.theory.chord import Chord
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return load_records(DEFAULT / RECORDS)


def test_it_holds_thousands_of_pieces_with_ids_of_their_own(records: list[Record]) -> None:
    assert len(records) >= 5_000
    assert len({r.id for r in records}) == len(records)


def test_every_piece_may_be_used_commercially_or_says_that_it_may_not_and_why(records: list[Record]) -> None:
    allowed = satisfying_licences("commercial use") or frozenset()
    for record in records:
        is_free = record.licence.rstrip("0123456789. ") in allowed or record.licence in allowed
        assert is_free != is_non_commercial(record), record.id
        assert is_free == (record.collection != "essenFolksong"), record.id
        assert "public domain" in record.licence_why.lower()
    assert sum(not is_non_commercial(r) for r in records) >= 2_900


def test_nothing_comes_from_a_collection_with_conditions(records: list[Record]) -> None:
    barred = ("palestrina", "bach", "airdsAirs", "miscFolk", "josquin", "trecento", "monteverdi")
    assert not [r.id for r in records if r.collection in barred or r.source.split(": ")[1].startswith(barred)]


def test_values_are_in_their_ranges_and_parse(records: list[Record]) -> None:
    for r in records:
        assert 20 <= r.tempo_bpm <= 400
        assert r.duration_s > 0
        assert r.bars == len(r.chords)
        assert -1 <= r.valence <= 1
        assert -1 <= r.arousal <= 1
        assert Key.parse(r.key).mode == r.mode
        Meter.parse(r.meter)
        assert all(c == "N.C." or Chord.parse(c) for c in r.chords)
        assert set(r.groove.pattern) <= {"x", "."}
        assert r.groove.pattern


def test_it_is_small_enough_to_ship() -> None:
    assert (DEFAULT / RECORDS).stat().st_size < 4e6
    assert (DEFAULT / VECTORS).stat().st_size < 4e6


def test_vectors_are_those_of_the_descriptions(records: list[Record]) -> None:
    vectors = load_vectors(DEFAULT / VECTORS, len(records))
    rows = list(range(0, len(records), 150))
    fresh = describe_vectors([records[row] for row in rows])
    assert np.sum(vectors[rows] * fresh, axis=1) == pytest.approx(1.0, abs=1e-3)


ESTIMATES = {"valence", "arousal", "mood", "description"}  # these follow tools.kit.analysis as it is refined


@pytest.mark.parametrize("number", [3, 700])
def test_the_builder_makes_the_shipped_records(records: list[Record], number: int) -> None:
    tune = list(tunes(TUNEBOOKS[0], corpus_folder()))[number]
    shipped = next(r for r in records if r.id == tune.origin.id)
    built = measure(Job(tune.origin, lambda: piece_of_tune(tune)))
    assert isinstance(built, Record)
    assert built.model_dump(exclude=ESTIMATES) == shipped.model_dump(exclude=ESTIMATES)
    assert (built.valence, built.arousal) == pytest.approx((shipped.valence, shipped.arousal), abs=0.2)


def test_a_score_is_read_with_its_chords(records: list[Record]) -> None:
    work = next(w for w in WORKS if w.title == "Aloha ʻOe")
    built = measure(Job(work.origin(), lambda: piece_of_work(work, corpus_folder())))
    shipped = next(r for r in records if r.id == work.origin().id)
    assert isinstance(built, Record)
    assert (built.key, built.meter, built.bars, built.chords_from) == ("G major", "4/4", 20, "recognised")
    same = [a == b for a, b in zip(built.chords, shipped.chords, strict=True)]
    assert sum(same) >= 0.7 * len(same)


def test_a_build_goes_on_where_it_was_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from retrieval import build_library

    all_tunes = list(tunes(TUNEBOOKS[1], corpus_folder()))[:3]
    monkeypatch.setattr(
        build_library, "jobs", lambda corpus: [Job(t.origin, functools.partial(piece_of_tune, t)) for t in all_tunes]
    )
    first = measure(Job(all_tunes[0].origin, lambda: piece_of_tune(all_tunes[0])))
    assert isinstance(first, Record)
    kept = first.model_copy(update={"title": "kept from before"}).model_dump_json() + "\n"
    (tmp_path / "records.partial.jsonl").write_text(kept + kept[:40])
    assert build(tmp_path) == 3
    assert [r.title for r in load_records(tmp_path / RECORDS)].count("kept from before") == 1
    assert not (tmp_path / "records.partial.jsonl").exists()


def test_broken_records_are_reported_with_the_file(tmp_path: Path, records: list[Record]) -> None:
    file = tmp_path / RECORDS
    save_records(records[:3], file)
    assert load_records(file) == records[:3]
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(UserError, match=RECORDS):
        load_records(file)


def test_vectors_that_do_not_match_the_records_are_refused(tmp_path: Path) -> None:
    save_vectors(np.eye(4, 384, dtype=np.float32), tmp_path / VECTORS)
    with pytest.raises(UserError, match="4 vectors for 5 records"):
        load_vectors(tmp_path / VECTORS, 5)


def test_a_cache_that_cannot_be_written_is_scanned_around_and_said(
    tmp_path: Path, records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "EXACT_LIMIT", 10)
    save_records(records[:40], tmp_path / RECORDS)
    save_vectors(describe_vectors(records[:40]), tmp_path / VECTORS)
    query = describe_vectors(records[5:6])[0]
    usual = open_library(Shelves(tmp_path / "cache"), tmp_path)
    expected = [row for row, _ in usual.nearest(query, 10)]
    usual.close()
    (tmp_path / "file").write_text("no folder")
    hampered = open_library(Shelves(tmp_path / "file"), tmp_path)
    assert (usual.index.name, hampered.index.name) == ("chroma", "exact scan")
    assert "could not be used" in hampered.notes[0]
    assert [row for row, _ in hampered.nearest(query, 10)] == expected
