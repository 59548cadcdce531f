"""The notes of a MusicXML part: ties, tuplets, beams, words and marks."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from fractions import Fraction
from itertools import groupby

from tools.kit.score.model import Note
from tools.kit.score.note_values import Value
from tools.kit.score.sheet import Bar, Chord, Line, Part, Sheet, written
from tools.kit.score.staves import drum_place
from tools.kit.theory.interval import moved_spelling, spelling_in

ARTICULATIONS = frozenset(
    [
        "accent",
        "strong-accent",
        "staccato",
        "tenuto",
        "detached-legato",
        "staccatissimo",
        "spiccato",
        "breath-mark",
        "caesura",
    ]
)
TECHNICAL = frozenset(["up-bow", "down-bow", "harmonic", "open-string", "stopped", "snap-pizzicato"])
ORNAMENTS = frozenset(["trill-mark", "mordent", "inverted-mordent", "turn", "inverted-turn"])
_LOUD = 90  # velocity that MusicXML calls 100 %
_BEAMED = frozenset({"eighth", "16th", "32nd", "64th", "128th"})


def voices_xml(sheet: Sheet, part: Part, chords: list[Chord], bar: Bar, words: dict[Fraction, str]) -> str:
    """The notes of a bar, voice after voice; the first voice of each staff has its rests written."""
    lines: dict[int, list[Chord]] = {v: [] for v in ((1, 5) if part.two_staves else (1,))}
    for chord in sorted(chords, key=lambda c: (c.voice, c.start)):
        lines.setdefault(chord.voice, []).append(chord)
    backup = f"<backup><duration>{sheet.ticks(bar.end - bar.start)}</duration></backup>"
    return backup.join(_voice(sheet, part, lines[v], v, bar, words) for v in sorted(lines) if lines[v] or v in (1, 5))


def _voice(sheet: Sheet, part: Part, line: list[Chord], voice: int, bar: Bar, words: dict[Fraction, str]) -> str:
    """The notes of one voice of a bar."""
    staff = f"<staff>{line[0].staff if line else 1 + voice // 5}</staff>" if part.two_staves else ""
    values = written(line, bar, voice)
    beams = _beams(values, bar)
    brackets = _brackets(values, beams)
    out: list[str] = []
    for index, (place, value, meant, tied, ties) in enumerate(values):
        if meant is None and voice not in (1, 5) and part.spaced:
            out.append(_note(sheet, "<rest/>", value, voice, staff, "", "", "", "", ' print-object="no"'))
        elif meant is None and voice not in (1, 5):
            out.append(f"<forward><duration>{sheet.ticks(value.length)}</duration></forward>")
        elif meant is None:
            whole = value.length == bar.end - bar.start and not (bar is sheet.bars[0] and sheet.has_pickup())
            shape = '<rest measure="yes"/>' if whole else "<rest/>"
            out.append(_note(sheet, shape, value, voice, staff, brackets.get(index, ""), "", typed=not whole))
        else:
            out += [_grace_xml(sheet, part, g, voice, staff) for g in meant.graces if not tied]
            out.append(
                _chord_xml(sheet, part, meant, value, (tied, ties), staff)
                .replace("@beam", beams.get(index, "")).replace("@bracket", brackets.get(index, ""))
                .replace("@lyric", words.pop(place, "") if not tied else "")
            )  # fmt: skip
    return "".join(out)


def _grace_xml(sheet: Sheet, part: Part, note: Note, voice: int, staff: str) -> str:
    loud = f' dynamics="{note.velocity * 100 / _LOUD:.2f}"'
    shape = _unpitched(note) if part.track.is_drum else _pitched(sheet, part, note)
    marks = _marks(note)
    notations = f"<notations>{marks}</notations>" if marks else ""
    return f'<note{loud}><grace slash="yes"/>{shape}<voice>{voice}</voice><type>eighth</type>{staff}{notations}</note>'


def _chord_xml(sheet: Sheet, part: Part, chord: Chord, value: Value, inner: tuple[bool, bool], staff: str) -> str:
    """The notes of a chord, the first with the chord's beam, bracket and words (marked ``@``)."""
    out: list[str] = []
    for index, (note, tied_from, tied_to) in enumerate(sorted(chord.notes, key=lambda n: n[0].pitch)):
        stops, starts = tied_from or inner[0], tied_to or inner[1]
        ties = ('<tie type="stop"/>' if stops else "") + ('<tie type="start"/>' if starts else "")
        notations = ties.replace("<tie ", "<tied ") + ("@bracket" if index == 0 else "")
        if not stops:
            notations += _marks(note) + part.slurs.get(id(note), "")
        head = "<chord/>" if index else ""
        drum = part.track.is_drum
        shape = _unpitched(note) if drum else _pitched(sheet, part, note)
        player = f'<instrument id="P{part.number}-I{note.pitch}"/>' if drum else ""
        notehead = drum_place(note.pitch)[2] if drum else ""
        place = f"<notehead>{notehead}</notehead>{staff}" if notehead else staff
        beam, lyric = ("@beam", "@lyric") if index == 0 else ("", "")
        loud = f' dynamics="{note.velocity * 100 / _LOUD:.2f}"'
        out.append(_note(sheet, head + shape, value, chord.voice, place, notations, beam, ties + player, lyric, loud))
    return "".join(out)


def _note(
    sheet: Sheet,
    head: str,
    value: Value,
    voice: int,
    staff: str,
    notations: str,
    beam: str,
    after_duration: str = "",
    lyric: str = "",
    loud: str = "",
    *,
    typed: bool = True,
) -> str:
    kind = f"<type>{value.type}</type>{'<dot/>' * value.dots}" if value.type and typed else ""
    if value.tuplet and typed:
        played, time = value.tuplet
        kind += (
            f"<time-modification><actual-notes>{played}</actual-notes><normal-notes>{time}</normal-notes>"
            "</time-modification>"
        )
    shown = f"<notations>{notations}</notations>" if notations else ""
    duration = f"<duration>{sheet.ticks(value.length)}</duration>"
    return f"<note{loud}>{head}{duration}{after_duration}<voice>{voice}</voice>{kind}{staff}{beam}{shown}{lyric}</note>"


def _pitched(sheet: Sheet, part: Part, note: Note) -> str:
    """Step, alteration and octave, at written pitch."""
    name, pitch = note.spelling or spelling_in(note.pitch, sheet.key(note.start)), note.pitch
    if part.shift is not None:
        name, pitch = moved_spelling(name, part.shift.fifths), pitch + part.shift.semitones
    alter = name.count("#") - name.count("b")
    octave = (pitch - alter) // 12 - 1
    altered = f"<alter>{alter}</alter>" if alter else ""
    return f"<pitch><step>{name[0]}</step>{altered}<octave>{octave}</octave></pitch>"


def _unpitched(note: Note) -> str:
    step, octave, _ = drum_place(note.pitch)
    return f"<unpitched><display-step>{step}</display-step><display-octave>{octave}</display-octave></unpitched>"


def _marks(note: Note) -> str:
    """A note's articulations, technical signs, ornaments, slurs and fermata."""
    out = ""
    for group, names in (("articulations", ARTICULATIONS), ("technical", TECHNICAL), ("ornaments", ORNAMENTS)):
        own = "".join(f"<{m}/>" for m in note.marks if m in names)
        out += f"<{group}>{own}</{group}>" if own else ""
    out += "".join(f'<slur type="{m.removeprefix("slur-")}"/>' for m in note.marks if m.startswith("slur-"))
    out += "<arpeggiate/>" if "arpeggiate" in note.marks else ""
    return out + ("<fermata/>" if "fermata" in note.marks else "")


def _beams(written: Line, bar: Bar) -> dict[int, str]:
    """Beams over the short notes of each beat."""
    accents = [float(bar.start) + a for a in bar.meter.accents()]
    groups: dict[int, list[int]] = defaultdict(list)
    for index, (place, value, chord, _, _) in enumerate(written):
        if chord is not None and value.type in _BEAMED:
            groups[bisect_right(accents, float(place) + 1e-6)].append(index)
    found: dict[int, str] = {}
    for group in groups.values():
        runs = [[i for _, i in run] for _, run in groupby(enumerate(group), lambda e: e[1] - e[0])]
        for run in (r for r in runs if len(r) > 1):
            for index in run:
                kind = "begin" if index == run[0] else "end" if index == run[-1] else "continue"
                found[index] = f'<beam number="1">{kind}</beam>'
    return found


def _brackets(written: Line, beams: dict[int, str]) -> dict[int, str]:
    """Where tuplets begin and end: a run of one kind that fills a length without it; bracketed unless all is beamed."""
    found: dict[int, str] = {}
    begun: int | None = None
    length = Fraction(0)
    for index, (_, value, _, _, _) in enumerate(written):
        if value.tuplet is None:
            begun = None
            continue
        if begun is None or written[begun][1].tuplet != value.tuplet:
            begun, length = index, Fraction(0)
        length += value.length
        if length.denominator % value.tuplet[0] and index > begun:
            shown = "no" if all(i in beams for i in range(begun, index + 1)) else "yes"
            found[begun] = f'<tuplet type="start" bracket="{shown}"/>'
            found[index] = '<tuplet type="stop"/>'
            begun = None
    return found
