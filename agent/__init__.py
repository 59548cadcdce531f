"""The agent: Brief, plan, execution, checks and sessions over the tools.

``from agent import Scorewright, load_tools`` is the Python interface; both load when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.api import Scorewright
    from agent.toolkit import load_tools

__all__ = ["Scorewright", "load_tools"]


def __getattr__(name: str) -> Any:
    if name == "Scorewright":
        from agent.api import Scorewright

        return Scorewright
    if name == "load_tools":
        from agent.toolkit import load_tools

        return load_tools
    raise AttributeError(f"module 'agent' has no attribute {name!r}")
