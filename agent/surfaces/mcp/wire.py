"""Between this program's types and the protocol's: tools, results, artifacts as resources, prompts."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from agent.surfaces.mcp.studio import Offer, Reply, Studio
from prompts import load
from tools.contract import Artifact
from tools.errors import UserError

if TYPE_CHECKING:
    import mcp_types as types

ARTIFACT_URI = "scorewright://artifact/"
MOST_BYTES = 64 * 2**20
PROMPTS: dict[str, tuple[str, dict[str, str]]] = {
    "score_a_film": (
        "Music for a film, with every wish checked.",
        {"film": "Path of the film.", "wish": "What the music should be, in your own words."},
    ),
    "rewrite_bars": (
        "Change some bars of a score, and prove that nothing else changed.",
        {"score": "Path or id of the score.", "bars": "Which bars, as 'bars 9 to 12'.", "wish": "What should change."},
    ),
    "describe": ("What a piece of music is, from measurements.", {"music": "Path or id of a recording or score."}),
}


def tool(offer: Offer) -> types.Tool:
    """A tool with its schemas and hints."""
    import mcp_types as types

    return types.Tool(
        name=offer.name,
        title=offer.title,
        description=offer.description,
        input_schema=offer.arguments,
        output_schema=offer.result,
        annotations=types.ToolAnnotations(
            read_only_hint=not offer.makes_files, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )


def result(reply: Reply) -> types.CallToolResult:
    """A call's text, its links to what was made, and the typed report."""
    import mcp_types as types

    links = [types.ResourceLink(**resource(a).model_dump(by_alias=True)) for a in reply.made]
    return types.CallToolResult(
        content=[types.TextContent(text=reply.text), *links],
        structured_content=reply.report.model_dump(mode="json"),
        is_error=reply.failed,
    )


def resource(artifact: Artifact) -> types.Resource:
    """An artifact as a resource: its kind and licence, its size in bytes."""
    import mcp_types as types

    size = artifact.file.stat().st_size if artifact.file.is_file() else None
    return types.Resource(
        uri=ARTIFACT_URI + artifact.id,
        name=artifact.file.name,
        description=f"{artifact.kind}, licence: {artifact.licence}",
        mime_type=artifact.media_type,
        size=size,
    )


def contents(studio: Studio, uri: str) -> types.TextResourceContents | types.BlobResourceContents:
    """An artifact's bytes, as text where it is text; ``UserError`` when unknown or over ``MOST_BYTES``."""
    import mcp_types as types

    if not uri.startswith(ARTIFACT_URI):
        raise UserError(f"{uri} is no resource here; they are {ARTIFACT_URI}ID.")
    artifact = studio.bench.store[uri.removeprefix(ARTIFACT_URI)]
    if artifact.file.stat().st_size > MOST_BYTES:
        raise UserError(f"{artifact.file.name} is over {MOST_BYTES >> 20} MiB; read it from {artifact.path}.")
    data = artifact.file.read_bytes()
    if artifact.media_type.startswith("text/") or artifact.media_type.endswith(("json", "xml")):
        return types.TextResourceContents(uri=uri, mime_type=artifact.media_type, text=data.decode("utf-8", "replace"))
    return types.BlobResourceContents(
        uri=uri, mime_type=artifact.media_type, blob=base64.b64encode(data).decode("ascii")
    )


def prompt(name: str) -> types.Prompt:
    """A prompt and its arguments."""
    import mcp_types as types

    description, arguments = PROMPTS[name]
    taken = [types.PromptArgument(name=n, description=d, required=True) for n, d in arguments.items()]
    return types.Prompt(name=name, description=description, arguments=taken)


def filled(name: str, arguments: dict[str, str]) -> str:
    """A prompt's text with its arguments in their places; ``UserError`` when one is missing."""
    if name not in PROMPTS:
        raise UserError(f"There is no prompt {name!r}; there are {', '.join(PROMPTS)}.")
    missing = PROMPTS[name][1].keys() - arguments.keys()
    if missing:
        raise UserError(f"The prompt {name} needs {', '.join(sorted(missing))}.")
    text = load(f"mcp_{name}")
    for key in PROMPTS[name][1]:
        text = text.replace("{" + key + "}", arguments[key])
    return text
