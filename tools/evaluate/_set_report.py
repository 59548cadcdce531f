"""The report of a set of files as Markdown, HTML, CSV and JSON with pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from tools.evaluate._set_view import FRECHET, View
from tools.kit.metrics.registry import Family, Metric
from tools.kit.report import (
    Cell,
    Document,
    Figure,
    Interval,
    Table,
    Undrawn,
    figure,
    write_csv,
    write_html,
    write_json,
    write_markdown,
)
from tools.kit.set_confidence import DRAWS, Confidences, Values

if TYPE_CHECKING:
    from tools.contract import Kind

_PANELS = 12  # metrics whose distributions are drawn
_LINES = 24  # metrics in a picture of means
_FAMILIES: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("Means of the scores", "-scores", frozenset({"symbolic"})),
    ("Means of the recordings", "-recordings", frozenset({"audio"})),
    ("Means", "", frozenset(get_args(Family)) - {"symbolic", "audio"} | {""}),
)
"""Title, ending of the pictures' names and families of metrics of each table of means."""
_DRAWN = (
    f"The intervals of metrics of a whole set come from {DRAWS} seeded draws of its files with replacement: the spread "
    "of the draws about their mean, laid round the value measured, since a draw holds fewer different files and lies "
    "elsewhere as a whole. It is widened as Student's t is where files are few."
)
_STUDENT = "Intervals of means are Student's; none is given where fewer than two files define a metric or all agree."


def write(made: View, folder: Path) -> tuple[list[tuple[Path, Kind, str]], list[str]]:
    """The reports and their pictures: path, kind and media type of each; and which pictures could not be drawn."""
    document = as_document(made)
    markdown, html, table, plain = (folder / f"report.{suffix}" for suffix in ("md", "html", "csv", "json"))
    pictures = write_markdown(document, markdown)
    write_html(document, html)
    rows = _rows(made)
    write_csv(rows, list(dict.fromkeys(name for row in rows for name in row)), table)
    write_json(_plain(made, rows), plain)
    reports: list[tuple[Path, Kind, str]] = [
        (markdown, "report", "text/markdown"),
        (html, "report", "text/html"),
        (table, "report", "text/csv"),
        (plain, "report", "application/json"),
    ]
    whole = _set_rows(made)
    if whole:
        write_csv(whole, list(whole[0]), folder / "set.csv")
        reports.append((folder / "set.csv", "report", "text/csv"))
    undrawn = [str(part) for part in document.parts if isinstance(part, Undrawn)]
    return [*reports, *((p, "picture", "image/png") for p in pictures)], undrawn


def _set_rows(made: View) -> list[dict[str, Cell]]:
    """One row a metric of the whole set."""
    groups: dict[str, Values] = {f"embedding {n}": found for n, found in made.embeddings.items()}
    groups |= {f"labels of {n}": found.values for n, found in made.labels.items()}
    groups |= {f"tokens of {n}": found.values for n, found in made.memorisation.items()}
    groups |= {
        f"feature {n}": {k: v for k, v in found.items() if not isinstance(v, list)}
        for n, found in made.relative.items()
    }
    groups |= {"melodies": made.melodies.values, "beats": made.beats.values}
    return [
        {
            "group": group,
            "metric": name,
            "value": values[name],
            "low": c.low,
            "high": c.high,
            "no interval because": c.why,
        }
        for group, found in made.confidence.items()
        for values in (groups[group],)
        for name, c in found.items()
    ]


def as_document(made: View) -> Document:
    """The report as text, tables and pictures."""
    document = Document(made.title, [made.sentence])
    if made.resolution is not None:
        document.add(f"Metrics of scores on a grid are at {made.resolution} steps a quarter note.")
    document.add(*_against_reference(made))
    document.add(*_means(made))
    if made.failed:
        rows: list[list[Cell]] = [[name, m.error] for name, m in made.failed]
        document.add(Table(["file", "why"], rows, "Files that could not be measured"))
    return document


def _against_reference(made: View) -> list[str | Table | Figure]:
    """Set metrics: by embedding for recordings, by feature for scores."""
    parts: list[str | Table | Figure] = []
    for name, found in made.embeddings.items():
        note = (
            f"All values rest on the embedding {name} ({made.windows(name)}); values of another embedding must not be "
            "set beside them."
        )
        title = f"Recordings as a set (embedding {name})"
        parts.append(_set_table(made, title, found, made.embedding_confidence[name], note))
    for name, paired in made.labels.items():
        note = (
            f"All values rest on the labels of {name}; values of another tagger must not be set beside them. The kl_ "
            f"values are over {paired.count} recordings of one name in both folders."
        )
        title = f"Recordings by their labels (tagger {name})"
        parts.append(_set_table(made, title, paired.values, paired.confidence, note))
    for name, paired in made.memorisation.items():
        note = (
            f"Over {paired.count} recordings of one name in both folders, token by token, the longer one cut to the "
            "shorter."
        )
        parts.append(_set_table(made, f"Memorisation (tokens of {name})", paired.values, paired.confidence, note))
    parts += _relative(made)
    if made.melodies.count:
        note = f"Over {made.melodies.count} scores of one name in both folders, the reference's the target."
        title = "Melodies pair by pair (SongMASS)"
        parts.append(_set_table(made, title, made.melodies.values, made.melodies.confidence, note))
    if made.beats.count:
        note = (
            f"Over {made.beats.count} files of one name in both folders, on the onsets that this program finds; "
            "published scores rest on librosa's."
        )
        title = "Beats pair by pair (LORIS, D2M-GAN)"
        parts.append(_set_table(made, title, made.beats.values, made.beats.confidence, note))
    return [*parts, *([_DRAWN] if parts else [])]


def _set_table(made: View, title: str, values: Values, confidence: Confidences, note: str) -> Table:
    """Metrics of the whole set with their intervals, and why some have none."""
    rows: list[list[Cell]] = [
        [name, value, confidence[name].low, confidence[name].high, _better(made, name)]
        for name, value in values.items()
    ]
    return Table(
        ["metric", "value", "95 % from", "to", "better"], rows, title, f"{note} {_without(confidence)}".strip()
    )


def _without(confidence: Confidences) -> str:
    """Which metrics have no interval, and why, in words."""
    reasons: dict[str, list[str]] = {}
    for name, found in confidence.items():
        if found.why:
            reasons.setdefault(found.why, []).append(name)
    return " ".join(f"No interval for {', '.join(names)}: {why}." for why, names in reasons.items())


def _relative(made: View) -> list[str | Table | Figure]:
    """Yang and Lerch's measures by feature, and the overlaps as a picture."""
    from tools.kit.report import draw

    if not made.relative:
        return []
    keys = ("kl", "intra", "reference_intra", "inter")
    rows: list[list[Cell]] = []
    for feature, values in made.relative.items():
        sure = made.relative_confidence[feature]["overlap"]
        rows.append(
            [feature, _scalar(values.get("overlap")), sure.low, sure.high, *(_scalar(values.get(k)) for k in keys)]
        )
    ours, theirs = made.pieces_compared
    note = (
        "overlap: area shared by the densities of distances inside the set and to the reference (1: the feature "
        f"cannot tell the sets apart); kl: their divergence in nats. {ours} and {theirs} pieces, pair by pair. "
        + " ".join(made.thinned)
    ).strip()
    note = f"{note} {_without({n: c['overlap'] for n, c in made.relative_confidence.items()})}".strip()
    columns = ["feature", "overlap", "95 % from", "to", *keys]
    parts: list[str | Table | Figure] = [Table(columns, rows, "Scores as a set (Yang and Lerch 2020)", note)]
    areas = {n: v["overlap"] for n, v in made.relative.items() if isinstance(v["overlap"], float)}
    caption = "Overlap of the densities of distances, by feature (1 is best)"
    if len(areas) >= 3:
        radar = partial(draw.radar, {"overlap": list(areas.values())}, list(areas), caption)
        parts.append(figure(radar, "overlap.png", caption))
    return parts


def _means(made: View) -> list[str | Table | Figure]:
    """Means of the metrics of each family that the files have, in tables and pictures of their own."""
    return [part for family in _FAMILIES for part in _family(made, *family)]


def _family(made: View, title: str, stem: str, families: frozenset[str]) -> list[str | Table | Figure]:
    from tools.kit.report import draw

    def belongs(name: str) -> bool:
        return (made.known[name].family if name in made.known else "") in families

    means = {n: i for n, i in made.means.items() if belongs(n)}
    if not means:
        return []
    shifts = [s for s in made.shifts if belongs(s.metric)]
    parts: list[str | Table | Figure] = []
    if shifts:
        columns = ["metric", "unit", "mean", "95 % from", "to", "n", "reference", "from", "to", "n", "effect"]
        rows: list[list[Cell]] = [
            [s.metric, _unit(made, s.metric), *_cells(s.mean), *_cells(s.reference), s.effect] for s in shifts
        ]
        note = "effect: difference of the means in pooled standard deviations (Cohen's d); the largest first."
        parts.append(Table(columns, rows, title, f"{note} {_STUDENT}"))
        chosen = [s.metric for s in shifts][:_PANELS]
    else:
        rows = [[n, _unit(made, n), *_cells(i), i.std] for n, i in means.items()]
        parts.append(Table(["metric", "unit", "mean", "95 % from", "to", "n", "std"], rows, title, _STUDENT))
        chosen = [n for n, i in means.items() if i.std][:_PANELS]
    shares = [n for n, i in means.items() if i.n and n in made.known and _is_share(made.known[n])][:_LINES]
    if shares:
        groups = {"set": [means[n] for n in shares]}
        if shifts:
            groups["reference"] = [made.reference_means.get(n, Interval(None, None, None, None, 0)) for n in shares]
        caption = f"{title}: metrics that are shares, with 95 % intervals"
        parts.append(figure(partial(draw.interval_bars, groups, shares, caption), f"means{stem}.png", caption))
    panels = {n: _panel(made, n) for n in chosen}
    if panels:
        caption = f"{title}: distributions over the files" + (", largest differences first" if shifts else "")
        parts.append(figure(partial(draw.distributions, panels, caption), f"distributions{stem}.png", caption))
    return parts


def _panel(made: View, name: str) -> dict[str, list[float]]:
    sets = {"set": made.ours, **({"reference": made.theirs} if made.theirs else {})}
    return {label: [v for _, m in found if (v := m.metrics.get(name)) is not None] for label, found in sets.items()}


def _rows(made: View) -> list[dict[str, Cell]]:
    """One row a file, measured or not, of both sets."""
    rows: list[dict[str, Cell]] = []
    ours, theirs = ({m.path for _, m in found} for found in (made.ours, made.theirs))
    for name, m in (*made.ours, *made.theirs, *made.failed):
        belongs = "set" if m.path in ours else "reference" if m.path in theirs else ""
        row: dict[str, Cell] = {"file": name, "set": belongs, "kind": m.kind, "sha256": m.sha256, "error": m.error}
        for embedding, distances in made.frechet.items():
            if distances:
                row[f"{FRECHET}_per_song:{embedding}"] = distances.get(str(m.path))
        rows.append({**row, **m.metrics})
    return rows


def _plain(made: View, rows: Sequence[Mapping[str, Cell]]) -> dict[str, Any]:
    """The report as JSON."""
    return {
        "title": made.title,
        "sentence": made.sentence,
        "resolution": made.resolution,
        "means": {n: asdict(i) for n, i in made.means.items()},
        "reference_means": {n: asdict(i) for n, i in made.reference_means.items()},
        "effects": {s.metric: s.effect for s in made.shifts},
        "relative": made.relative,
        "pieces_compared": list(made.pieces_compared),
        "melodies": made.melodies.values,
        "beats": made.beats.values,
        "embeddings": made.embeddings,
        "labels": {n: found.values for n, found in made.labels.items()},
        "memorisation": {n: found.values for n, found in made.memorisation.items()},
        "confidence": {g: {n: asdict(c) for n, c in found.items()} for g, found in made.confidence.items()},
        "files": rows,
    }


def _cells(interval: Interval) -> list[Cell]:
    return [interval.mean, interval.low, interval.high, interval.n]


def _unit(made: View, name: str) -> str:
    return made.known[name].unit if name in made.known else ""


def _better(made: View, name: str) -> str:
    return made.known[name].better if name in made.known else ""


def _is_share(metric: Metric) -> bool:
    return metric.low == 0 and metric.high == 1


def _scalar(value: float | list[float] | None) -> float | None:
    """A number; histograms have no one number."""
    return None if isinstance(value, list) else value
