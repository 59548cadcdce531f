"""The Model Context Protocol: the tools, the artifacts and the agent itself, for any MCP client."""

from agent.surfaces.mcp.server import build_server, serve_http, serve_stdio
from agent.surfaces.mcp.studio import Studio

__all__ = ["Studio", "build_server", "serve_http", "serve_stdio"]
