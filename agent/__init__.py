"""The agent: Brief, plan, execution, checks and sessions over the tools."""
