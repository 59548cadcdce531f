"""One thing the doctor looked at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["ok", "missing", "broken"]


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it stands and the command that mends it.

    ``missing`` things would add something and nothing needs them; ``broken`` ones keep a part from working.
    """

    area: str
    name: str
    status: Status
    detail: str
    mend: str = ""

    def as_json(self) -> dict[str, Any]:
        """The finding as plain JSON."""
        return asdict(self)
