"""The library: records measured from notes, a vector store over their descriptions, and search."""
