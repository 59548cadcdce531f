"""Start-up stays light: what the command line and discovery must not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {
    "torch",
    "transformers",
    "diffusers",
    "chromadb",
    "gradio",
    "music21",
    "librosa",
    "matplotlib",
    "scipy",
    "av",
    "cv2",
    "onnxruntime",
    "symusic",
    "pretty_midi",
    "langchain",
    "langchain_openai",
    "langgraph",
    "openai",
    "pandas",
}


@pytest.mark.parametrize(
    "code",
    [
        "import main",
        "from tools import catalogue; catalogue()",
        "import agent.planner",
    ],
)
def test_imports_nothing_heavy(code):
    listing = f"import sys; {code}; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


def test_help_imports_no_pydantic_model_of_ours():
    listing = "import sys, main; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, check=True)
    ours = {m for m in done.stdout.split() if m.startswith(("agent", "tools", "retrieval"))}
    assert {m for m in ours if not m.startswith("agent.surfaces.cli")} <= {"agent", "agent.surfaces"}
