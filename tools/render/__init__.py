"""Render: scores to sound and pictures, music under film."""
