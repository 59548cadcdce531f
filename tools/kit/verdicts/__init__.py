"""Verdicts: each field of a Brief measured on the artifacts, one small function a field.

:func:`~tools.kit.verdicts.registry.judge` looks the measure up by the constraint's name; a new
field needs a function under ``@measures("name")`` in one of the rooms and nothing else.
"""

from tools.kit.verdicts import (  # noqa: F401  (each room registers its measures)
    character,
    forces,
    likeness,
    rights,
    shape,
    sound,
    time,
    tonal,
)
from tools.kit.verdicts.evidence import Evidence
from tools.kit.verdicts.registry import MEASURES, constraints_of, judge, judge_all

__all__ = ["MEASURES", "Evidence", "constraints_of", "judge", "judge_all"]
