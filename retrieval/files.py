"""From a file of one's own to records: scores are measured from their notes, recordings from their sound.

What a file says of itself (its tags, a JSON sidecar beside it) names it; it is data, and what is measured stays
measured. Tags are read with PyAV, which is here for decoding anyway: FFmpeg knows ID3, Vorbis comments, MP4 atoms
and RIFF INFO, and the tag library of the field, mutagen, is GPL.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from retrieval.affect import mood_words, plain_mood
from retrieval.describe import describe
from retrieval.ingest import Origin, record_of
from retrieval.piece import Piece, first_score, piece_of_music21, read_piece
from retrieval.record import Record
from retrieval.shelf import readable
from tools.errors import LimitExceeded, UserError
from tools.kit.folders import AUDIO_SUFFIXES

UNSTATED = "unstated"
COLLECTION = "own files"
MAX_BYTES = 2 << 30
_LEAST_S, _HEARD_S = 3.0, 12.0  # a recording's least length; how much of its middle the tagger hears
_CONFIDENT = 0.12  # a tag's mean score from which it is believed
_GENRE_TAGS = {
    "rock", "pop", "alternative", "indie", "electronic", "dance", "alternative rock", "jazz", "metal", "classic rock",
    "soul", "indie rock", "electronica", "folk", "chillout", "instrumental", "punk", "blues", "hard rock", "ambient",
    "acoustic", "experimental", "hip-hop", "country", "funk", "electro", "heavy metal", "progressive rock", "rnb",
    "indie pop", "house",
}  # fmt: skip
_VOCAL_TAGS = ("female vocalists", "female vocalist", "male vocalists")
_PLAYED = {"guitar": "guitar", "piano": "piano"}
_OWN_WORDS = "from your own library"


def records_of_file(path: Path) -> list[Record]:
    """Every piece in a file; an ABC tune book has many.

    Raises
    ------
    UserError
        When nothing in it can be read or measured.
    LimitExceeded
        When it is larger than two gigabytes or lasts more than two hours.
    """
    if path.stat().st_size > MAX_BYTES:
        raise LimitExceeded(f"{path.name} is larger than {MAX_BYTES >> 30} GB; cut it first.")
    sha = content_sha(path)
    said = _sidecar(path)
    suffix = path.suffix.lower()
    if suffix in AUDIO_SUFFIXES:
        return [_named(_of_recording(path, sha), said)]
    if suffix == ".abc":
        return [_named(record, said) for record in _of_tunes(path, sha)]
    piece = read_piece(path)
    title = readable(piece.title) if piece.title and piece.title != path.name else _stem(path)
    named = replace(piece, title=title, instruments=piece.instruments or _scored(piece, suffix))
    return [_named(_measured(named, _origin(path, sha)), said)]


def content_sha(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _stem(path: Path) -> str:
    """A file's name without its ending, as text."""
    return readable(path.stem)


def _origin(path: Path, sha: str, number: int | None = None) -> Origin:
    tune = "" if number is None else f"#{number}"
    return Origin(
        id=f"own/{sha[:20]}{tune}",
        collection=COLLECTION,
        source=f"{readable(str(path))}{' ' + tune if tune else ''}",
        words=_OWN_WORDS,
        licence=UNSTATED,
        licence_why="The file states no licence.",
    )


def _scored(piece: Piece, suffix: str) -> list[str]:
    """The players of a notation that names them; kern seldom does."""
    from tools.kit.analysis.portrait import players

    return [] if suffix == ".krn" else players(piece.score)


def _measured(piece: Piece, origin: Origin) -> Record:
    """The record of a piece; an anonymous composer is no traditional tune."""
    record = record_of(piece, origin)
    return record if piece.composer else record.model_copy(update={"composer": ""})


def _of_tunes(path: Path, sha: str) -> list[Record]:
    """The records of an ABC file's tunes; those that cannot be read are passed over while others can."""
    from music21 import converter

    text = path.read_text(encoding="utf-8", errors="replace").replace("\r", "")
    tunes = re.split(r"(?m)^(?=X:)", text)[1:] or [text]
    records, faults = [], []
    for number, tune in enumerate(tunes, start=1):
        try:
            piece = piece_of_music21(first_score(converter.parse(tune, format="abc")))
            kinds = re.findall(r"(?m)^R:[ \t]*(.+)$", tune)
            named = replace(piece, title=piece.title or f"{_stem(path)} {number}", genre=[k.lower() for k in kinds[:1]])
            records.append(_measured(named, _origin(path, sha, number)))
        except Exception as err:  # noqa: BLE001  # music21's reader raises anything on malformed tunes
            faults.append(f"tune {number}: {err}")
    if not records:
        msg = f"{path.name} holds no tune that can be read ({faults[0] if faults else 'it is empty'})."
        raise UserError(msg)
    return records


def _of_recording(path: Path, sha: str) -> Record:
    """What can be heard of a recording, and what its tags say."""
    from tools.backends import music_tags
    from tools.kit.analysis import portrait, spectrum
    from tools.kit.audio import read_audio

    samples, rate = read_audio(path, spectrum.RATE, need_sound=True)
    if len(samples) < _LEAST_S * rate:
        raise UserError(f"{path.name} lasts {len(samples) / rate:.1f} s; a library piece needs {_LEAST_S:.0f} s.")
    facts = portrait.of_audio(samples, rate)
    middle = max(0, len(samples) // 2 - int(_HEARD_S * rate / 2))
    tags, _ = music_tags.listen(samples[middle : middle + int(_HEARD_S * rate)], rate)
    heard = dict(zip(music_tags.tag_names(), tags.mean(axis=0).tolist(), strict=True))
    known = _tags(path)
    origin = _origin(path, sha)
    record = Record(
        id=origin.id,
        title=str(known.get("title") or _stem(path)),
        composer=str(known.get("composer") or known.get("artist") or ""),
        collection=COLLECTION,
        source=origin.source,
        licence=origin.licence,
        licence_why=origin.licence_why,
        tempo_bpm=None if facts["tempo_bpm"] is None else round(facts["tempo_bpm"], 1),
        tempo_from="heard",
        key=facts["key"] or "C major",
        key_from="estimated",
        mode=facts["mode"] or "major",
        meter="",
        bars=0,
        duration_s=round(facts["duration_s"], 1),
        instruments=_players(heard),
        instruments_from="heard",
        genre=_genres(heard),
        mood=mood_words(facts["valence"], facts["arousal"]),
        valence=facts["valence"],
        arousal=facts["arousal"],
        chords=[],
        chords_from="unread",
        sections=[str(section["label"]) for section in facts["sections"]],
        description="",
    )
    return _named(record, known)


def _genres(heard: Mapping[str, float]) -> list[str]:
    """The two likeliest genres that are believed."""
    best = sorted(_GENRE_TAGS & set(heard), key=lambda tag: (-heard[tag], tag))[:2]
    return [tag for tag in best if heard[tag] >= _CONFIDENT]


def _players(heard: Mapping[str, float]) -> list[str]:
    found = [name for tag, name in _PLAYED.items() if heard.get(tag, 0.0) >= _CONFIDENT]
    return found + (["voice"] if max(heard.get(tag, 0.0) for tag in _VOCAL_TAGS) >= _CONFIDENT else [])


def _tags(path: Path) -> dict[str, Any]:
    """Title, artist, genre, date and copyright of a recording's tags."""
    import av

    with av.open(str(path), metadata_errors="replace") as container:
        pairs = {**container.metadata, **(container.streams.audio[0].metadata if container.streams.audio else {})}
    tags: dict[str, Any] = {key.lower(): value.strip() for key, value in pairs.items() if value.strip()}
    tags.setdefault("licence", tags.get("license") or tags.get("copyright"))
    return {key: value for key, value in tags.items() if value}


def _sidecar(path: Path) -> Mapping[str, Any]:
    """What a JSON file beside a piece says of it: ``song.mid.json``, or else ``song.json``."""
    for file in (path.with_name(path.name + ".json"), path.with_suffix(".json")):
        if file.is_file():
            try:
                said = json.loads(file.read_text(encoding="utf-8"))
            except (OSError, ValueError) as err:
                raise UserError(f"{file.name}, which describes {path.name}, cannot be read ({err}).") from err
            if not isinstance(said, dict):
                raise UserError(f"{file.name}, which describes {path.name}, is no JSON object.")
            return said
    return {}


def _named(record: Record, said: Mapping[str, Any]) -> Record:
    """A record with what tags or a sidecar say of title, composer, year, licence, genre and mood."""
    update: dict[str, Any] = {"path": record.source.rsplit(" #", 1)[0]}
    for name in ("title", "composer"):
        if isinstance(said.get(name), str) and said[name].strip():
            update[name] = said[name].strip()[:300]
    year = re.search(r"\d{4}", str(said.get("year") or said.get("date") or ""))
    if year:
        update["year"] = int(year[0])
    if said.get("licence"):
        update |= {"licence": _licence(str(said["licence"])), "licence_why": f"The file says: {said['licence']}"[:300]}
    for name in ("genre", "mood"):
        words = said.get(name)
        listed = [
            str(w).strip().lower() for w in (words if isinstance(words, list) else re.split(r"[;,/]", str(words or "")))
        ]
        if any(listed):
            update[name] = list(dict.fromkeys([*(plain_mood(w) for w in listed if w), *getattr(record, name)]))[:5]
    named = record.model_copy(update=update)
    return named.model_copy(update={"description": describe(named, _OWN_WORDS)})


def _licence(said: str) -> str:
    """A licence in this library's words; what is none of them stays :data:`UNSTATED`."""
    plain = re.sub(r"[\s_-]+", " ", said).lower()
    if "cc0" in plain or "creativecommons.org/publicdomain/zero" in plain:
        return "CC0"
    if "public domain" in plain or "publicdomain" in plain:
        return "public domain"
    found = re.search(r"(?:cc |licenses/|creative commons )(by(?: nc)?(?: sa| nd)?)\b", plain)
    if found:
        parts = found[1].upper().split()
        return f"CC {'-'.join(parts)}"
    return "non-commercial" if re.search(r"non ?commercial", plain) else UNSTATED
