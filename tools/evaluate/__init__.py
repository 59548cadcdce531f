"""Evaluating: music measured against what was asked, and against music."""
