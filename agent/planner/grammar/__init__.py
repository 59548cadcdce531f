"""The embedded planner: no network, no model; a grammar of what people say about music."""
