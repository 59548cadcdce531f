"""Which SoundFont is taken, and under which licence."""

from __future__ import annotations

import pytest

from tools.errors import UserError
from tools.kit import soundfonts, synth


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder that stands for the system's; ``put(name, copyright)`` lays a small valid head of a bank there."""
    monkeypatch.setattr(soundfonts, "folders", lambda: (tmp_path,))

    def put(name: str, said: str | None = None) -> None:
        body = b"" if said is None else b"ICOP" + (len(said) + 1).to_bytes(4, "little") + said.encode() + b"\0"
        (tmp_path / f"{name}.sf2").write_bytes(b"RIFF\0\0\0\0sfbkLIST\0\0\0\0INFO" + body)

    return put


def test_the_shipped_one_sounds_where_no_other_is_installed(shelf):
    assert soundfonts.choose().name == "TimGM6mb"


def test_a_known_bank_is_taken_unasked_with_its_licence(shelf):
    shelf("FluidR3_GM", "someone")
    found = soundfonts.choose()
    assert (found.name, found.licence) == ("FluidR3_GM", "MIT")


def test_an_unknown_bank_is_taken_only_by_its_name_and_its_licence_is_what_it_says(shelf):
    shelf("Strange", "(c) 1999 nobody, non-commercial")
    assert soundfonts.choose().name == "TimGM6mb"
    found = soundfonts.choose("strange")
    assert found.name == "Strange"
    assert "non-commercial" in found.licence


def test_the_persons_own_stands_before_an_installed_one_and_after_an_asked_one(shelf, tmp_path):
    shelf("FluidR3_GM")
    own = tmp_path / "Mine.sf2"
    own.write_bytes((tmp_path / "FluidR3_GM.sf2").read_bytes())
    assert soundfonts.choose(None, own).name == "Mine"
    assert soundfonts.choose(None, own).licence == "unstated"
    assert soundfonts.choose("FluidR3_GM", own).name == "FluidR3_GM"
    assert soundfonts.choose("shipped", own).data == synth.load_soundfont().data


def test_a_name_that_is_not_there_is_refused_with_those_that_are(shelf):
    shelf("FluidR3_GM")
    with pytest.raises(UserError, match=r"'Nothing'.*shipped, FluidR3_GM"):
        soundfonts.choose("Nothing")
