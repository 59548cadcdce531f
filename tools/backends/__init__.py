"""Backends: models behind small interfaces, with their weights and licences."""
