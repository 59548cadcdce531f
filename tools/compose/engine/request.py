"""What is asked: flat arguments, Brief, a film's timeline and found references, folded into one :class:`Wish`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.brief import Brief, MusicFields, TempoRange, is_set
from tools.compose.engine.grid import Anchor
from tools.compose.engine.keys import read_mode
from tools.compose.engine.style import Style, find_style, nearest_style, plain, table
from tools.compose.engine.theme import Theme
from tools.errors import UserError
from tools.kit.theory.pitch import Key

HIT_WEIGHT = 4.0
SAME_MOMENT_S = 0.4  # cuts nearer than this to a stronger moment are left to it
MOST_CUTS_A_MINUTE = 60
_GIVE = 0.06  # share by which a theme's tempo may bend for whole bars
NAMED_PLAYERS = 3  # as many as a title names


@dataclass
class Wish:
    """The request as the composer reads it; ``notes`` collects what the person should hear of.

    ``valence_asked`` and ``arousal_asked`` are False where the style's own stand in.
    """

    fields: MusicFields
    style: Style
    valence: float
    arousal: float
    anchors: tuple[Anchor, ...] = ()
    scene_starts_s: tuple[float, ...] = ()
    motion: tuple[tuple[float, float], ...] = ()
    borrowed: dict[str, Any] = field(default_factory=dict)
    fits_picture: bool = False
    valence_asked: bool = False
    arousal_asked: bool = False
    notes: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    theme: Theme | None = None

    @property
    def mood(self) -> tuple[float, float]:
        """Valence and arousal as asked: from the style's own where a genre was named, 0 where nobody asked."""
        home = self.style.affect if self.fields.genre else (0.0, 0.0)
        return (
            self.valence - home[0] if self.valence_asked else 0.0,
            self.arousal - home[1] if self.arousal_asked else 0.0,
        )

    def title(self) -> str:
        """What the piece is called, from what was asked: "calm waltz", "sad piano", "flute, C major", "piece"."""
        mood, genre = (_first(said) for said in (self.fields.mood, self.fields.genre))
        players = list(dict.fromkeys(self.fields.instruments))
        whose = " and ".join(players) if len(players) <= NAMED_PLAYERS else ""
        thing = genre or whose or ("film music" if self.fits_picture else "piece")
        if mood or genre:
            return f"{mood} {thing}".strip()
        return f"{thing}, {self.fields.key}" if self.fields.key else thing


def read_wish(flat: MusicFields, brief: Brief | None, timeline: Path | None, references: Path | None) -> Wish:
    """One wish from all that was given: flat arguments before the Brief, the Brief before film and references."""
    fields = merge(flat, brief)
    notes: list[str] = []
    conflicts: list[str] = []
    scene = _timeline_facts(timeline) if timeline else {}
    _take_from_film(fields, scene, notes)
    valence, arousal = _affect(fields, scene)
    style = _style(fields, valence, arousal, notes)
    asked = valence is not None, arousal is not None
    if valence is None or arousal is None:
        valence = style.affect[0] if valence is None else valence
        arousal = style.affect[1] if arousal is None else arousal
    borrowed = _borrow(references, notes) if references else {}
    end = fields.duration_s
    anchors = [Anchor(t, "hit", HIT_WEIGHT) for t in sorted(set(fields.hit_points_s)) if _inside(t, end, conflicts)]
    anchors += _cuts(scene, anchors, end, notes)
    return Wish(
        fields,
        style,
        valence,
        arousal,
        tuple(sorted(anchors, key=lambda a: a.time_s)),
        _scene_starts(scene),
        _motion(scene),
        borrowed,
        bool(timeline or (brief and brief.fit_picture)),
        *asked,
        notes,
        conflicts,
    )


def take_theme(wish: Wish, theme: Theme) -> None:
    """Give a wish its theme, and the theme's key, meter and tempo where none is asked and the style allows them."""
    wish.theme = theme
    fields = wish.fields
    if fields.key is None and not fields.chords:
        mode = read_mode(fields.mode) if fields.mode else None
        fields.key = str(Key(theme.key.tonic, mode) if mode else theme.key)
        wish.notes.append(f"key of the theme: {theme.key}" + (f", in {mode}" if mode else ""))
    own, meter = str(theme.meter), fields.meter or wish.style.meters[0]
    if fields.meter is None and (not fields.genre or own in wish.style.meters):
        fields.meter = own
        wish.notes.append(f"meter of the theme: {own}")
    elif meter != own:
        wish.notes.append(f"the theme is in {own}; its beats are laid on those of {meter}")
    if fields.tempo_bpm is None and fields.meter == own:
        tempo = theme.qpm / theme.meter.beat_quarters
        fields.tempo_bpm = TempoRange(min=max(20.0, tempo * (1 - _GIVE)), max=min(300.0, tempo * (1 + _GIVE)))
        wish.notes.append(f"tempo of the theme: about {tempo:.0f} BPM")


def _first(said: str | None) -> str:
    return (said or "").split(",")[0].strip()


def merge(flat: MusicFields, brief: Brief | None) -> MusicFields:
    """Fields of the Brief with the flat ones laid over them."""
    merged = {} if brief is None else {n: getattr(brief, n) for n in MusicFields.model_fields}
    merged.update({n: getattr(flat, n) for n in MusicFields.model_fields if is_set(getattr(flat, n))})
    return MusicFields(**{n: v for n, v in merged.items() if is_set(v)})


def _inside(time_s: float, end: float | None, conflicts: list[str]) -> bool:
    if end is None or time_s < end - 0.05:
        return True
    conflicts.append(f"the hit point at {time_s:g} s lies at or after the end ({end:g} s)")
    return False


def _timeline_facts(path: Path) -> dict[str, Any]:
    """The JSON of a film's timeline."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise UserError(f"{path.name} cannot be read as a timeline ({err}); make it again with caption_video.") from err
    if not isinstance(found, dict):
        raise UserError(f"{path.name} is no timeline of a film; make it with caption_video.")
    return found


def _take_from_film(fields: MusicFields, scene: Mapping[str, Any], notes: list[str]) -> None:
    length = scene.get("duration_s")
    if length and fields.duration_s is None and fields.bars is None:
        fields.duration_s = float(length)
        notes.append(f"as long as the film: {float(length):.2f} s")


def _affect(fields: MusicFields, scene: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Valence and arousal: as asked, else the mean of the mood words known, else what the film shows."""
    words = [table("moods").get(plain(w)) for w in (fields.mood or "").replace(" and ", ",").split(",")]
    known = [w for w in words if w]
    valence, arousal = fields.valence, fields.arousal
    if known:
        valence = sum(w[0] for w in known) / len(known) if valence is None else valence
        arousal = sum(w[1] for w in known) / len(known) if arousal is None else arousal
    if fields.genre is None:
        valence = scene.get("valence") if valence is None else valence
        arousal = scene.get("arousal") if arousal is None else arousal
    return valence, arousal


def _style(fields: MusicFields, valence: float | None, arousal: float | None, notes: list[str]) -> Style:
    for genre in (fields.genre or "").split(","):
        found = find_style(genre) if genre.strip() else None
        if found is not None:
            return found
    for mood in (fields.mood or "").split(","):
        found = find_style(mood) if mood.strip() else None
        if found is not None:
            notes.append(f"style chosen from the mood: {found.name}")
            return found
    chosen = nearest_style(valence or 0.0, arousal or 0.0)
    if fields.genre:
        notes.append(f"the genre {fields.genre!r} is not known here; {chosen.name} lies nearest to the mood")
    else:
        why = "chosen from the mood" if valence is not None or arousal is not None else "chosen, as none was named"
        notes.append(f"style {why}: {chosen.name}")
    return chosen


def _scene_starts(scene: Mapping[str, Any]) -> tuple[float, ...]:
    return tuple(float(s["start_s"]) for s in scene.get("scenes", []) if isinstance(s, Mapping) and "start_s" in s)


def _motion(scene: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    """Motion over time as (seconds, 0 to 1): each scene's curve spread over the scene."""
    points: list[tuple[float, float]] = []
    for shot in scene.get("scenes", []):
        curve = [float(m) for m in shot.get("motion") or [shot.get("motion_mean", 0.5)]]
        start, end = float(shot["start_s"]), float(shot["end_s"])
        points += [(start + (end - start) * (k + 0.5) / len(curve), m) for k, m in enumerate(curve)]
    return tuple(sorted(points))


def _cuts(scene: Mapping[str, Any], hits: Sequence[Anchor], end: float | None, notes: list[str]) -> list[Anchor]:
    """The cuts worth marking: where many crowd together, those that open the longest shots."""
    raw = [float(c["time_s"] if isinstance(c, Mapping) else c) for c in scene.get("cuts_s", [])]
    times = sorted({t for t in raw if t > 0.3 and (end is None or t < end - 0.3)})
    if not times:
        return []
    stops = [*times[1:], end or float(scene.get("duration_s", 0.0) or times[-1] + 4)]
    shots = sorted(zip(times, stops, strict=True), key=lambda s: (s[0] - s[1], s[0]))
    most = max(3, round(MOST_CUTS_A_MINUTE * (end or 60.0) / 60.0))
    chosen: list[Anchor] = []
    for start, stop in shots:
        taken = [*hits, *chosen]
        if len(chosen) < most and all(abs(start - a.time_s) >= SAME_MOMENT_S for a in taken):
            chosen.append(Anchor(start, "cut", min(2.0, 0.6 + 0.2 * (stop - start))))
    marked = [a.time_s for a in (*hits, *chosen)]
    left = [f"{t:.2f}" for t in times if all(abs(t - m) > 0.05 for m in marked)]
    if left:
        notes.append(
            f"{len(times) - len(left)} of {len(times)} cuts are marked; too close to others: {', '.join(left)} s"
        )
    return chosen


def _borrow(path: Path, notes: list[str]) -> dict[str, Any]:
    """Musical facts of found references: the first hit that knows a fact gives it."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise UserError(f"{path.name} cannot be read as references ({err}); make it again with search_music.") from err
    hits = found.get("hits", []) if isinstance(found, Mapping) else found
    borrowed: dict[str, Any] = {}
    for hit in hits if isinstance(hits, Sequence) else []:
        facts = hit.get("facts", {}) if isinstance(hit, Mapping) else {}
        for name in ("chords", "tempo_bpm", "meter", "mode", "density", "groove", "genre"):
            if name not in borrowed and facts.get(name):
                borrowed[name] = facts[name]
                borrowed[f"{name}_from"] = str(hit.get("title", "a reference"))
    return borrowed
