"""The MCP server over a :class:`~agent.surfaces.mcp.studio.Studio`, by the official SDK: stdio or streamable HTTP."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent.events import CancelToken, Event
from agent.surfaces.mcp import wire
from agent.surfaces.mcp.studio import Reply, Studio
from tools.errors import ScorewrightError

if TYPE_CHECKING:
    import mcp_types as types
    from mcp.server.context import ServerRequestContext
    from mcp.server.lowlevel import Server

INSTRUCTIONS = (
    "Music tools. `ask` takes a whole request in plain words; the others are single steps. Files are named by path "
    "or by the id of an earlier result (s1-1), and every result is a resource scorewright://artifact/ID."
)


def build_server(studio: Studio, version: str = "0.1") -> Server[Any]:
    """The server: tools, artifacts as resources, and three prompts."""
    import mcp_types as types
    from mcp.server.lowlevel import Server

    async def list_tools(ctx: ServerRequestContext[Any], params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[wire.tool(offer) for offer in studio.offers()])

    async def call_tool(ctx: ServerRequestContext[Any], params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            reply = await _in_thread(ctx, functools.partial(studio.call, params.name, params.arguments or {}))
        except ScorewrightError as err:
            return types.CallToolResult(content=[types.TextContent(text=err.msg)], is_error=True)
        return wire.result(reply)

    async def list_resources(ctx: ServerRequestContext[Any], params: Any) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=[wire.resource(a) for a in studio.bench.store.all()])

    async def list_templates(ctx: ServerRequestContext[Any], params: Any) -> types.ListResourceTemplatesResult:
        template = types.ResourceTemplate(
            name="artifact",
            uri_template=wire.ARTIFACT_URI + "{id}",
            description="A file made or given.",
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read_resource(ctx: ServerRequestContext[Any], params: types.ReadResourceRequestParams) -> Any:
        return types.ReadResourceResult(contents=[_answered(wire.contents, studio, params.uri)])

    async def list_prompts(ctx: ServerRequestContext[Any], params: Any) -> types.ListPromptsResult:
        return types.ListPromptsResult(prompts=[wire.prompt(name) for name in wire.PROMPTS])

    async def get_prompt(ctx: ServerRequestContext[Any], params: types.GetPromptRequestParams) -> types.GetPromptResult:
        text = _answered(wire.filled, params.name, params.arguments or {})
        message = types.PromptMessage(role="user", content=types.TextContent(text=text))
        return types.GetPromptResult(description=wire.PROMPTS[params.name][0], messages=[message])

    return Server(
        "scorewright",
        version=version,
        title="Scorewright",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
    )


def serve_stdio(studio: Studio) -> None:
    """Serve one client over stdin and stdout until it hangs up."""
    import anyio
    from mcp.server.stdio import stdio_server

    async def serve() -> None:
        server = build_server(studio)
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    with contextlib.closing(studio):
        anyio.run(serve)


def serve_http(studio: Studio, host: str, port: int) -> None:
    """Serve clients over streamable HTTP at ``http://host:port/mcp``; a loopback host refuses foreign origins."""
    import uvicorn

    app = build_server(studio).streamable_http_app(host=host)
    with contextlib.closing(studio):
        uvicorn.run(app, host=host, port=port, log_level="warning")


class Course:
    """How far a call has come, in steps; it only grows, as the protocol asks."""

    def __init__(self) -> None:
        self.steps, self.total, self.text = 0.0, 1.0, ""
        self._done = 0

    def moved(self, event: Event) -> bool:
        """Take an event in; whether there is something to tell."""
        if event.kind == "planned":
            self.total = float(len(event.data))
        self._done += event.kind == "step_done"
        self.steps = max(self.steps + 1e-3, self._done + (event.share or 0.0))
        self.text = event.text if event.tool in (None, event.text) else f"{event.tool}: {event.text}"
        return event.kind in ("planned", "step_started", "step_progress", "step_done", "checked", "repairing")


async def _in_thread(ctx: ServerRequestContext[Any], call: Callable[..., Reply]) -> Reply:
    """Do the work in a thread, its progress told to the client; a client that cancels stops it."""
    import anyio
    import anyio.lowlevel

    cancel, loop = CancelToken(), anyio.lowlevel.current_token()

    course = Course()

    def emit(event: Event) -> None:
        if not cancel.cancelled and course.moved(event):
            with contextlib.suppress(anyio.ClosedResourceError, anyio.BrokenResourceError, anyio.RunFinishedError):
                anyio.from_thread.run(ctx.session.report_progress, course.steps, course.total, course.text, token=loop)

    try:
        return await anyio.to_thread.run_sync(functools.partial(call, emit=emit, cancel=cancel), abandon_on_cancel=True)
    finally:
        cancel.cancel()


def _answered(work: Callable[..., Any], *args: Any) -> Any:
    """The work's result; a person's mistake becomes the protocol's error for wrong parameters."""
    import mcp_types as types
    from mcp.shared.exceptions import MCPError

    try:
        return work(*args)
    except ScorewrightError as err:
        raise MCPError(types.INVALID_PARAMS, err.msg) from err
