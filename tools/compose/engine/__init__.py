"""The embedded composer, a room each: form and timing, harmony, melody, rhythm, orchestration, performance.

Data flow: :mod:`request` (what is asked) -> :mod:`timing` (bars and tempo map) -> :mod:`form` (sections,
phrases) -> :mod:`harmony` (chord spans) -> :mod:`voicing`, :mod:`melody`, :mod:`bass`, :mod:`textures`,
:mod:`drums` (parts) -> :mod:`orchestration` (who plays what) -> :mod:`performance` (loudness, accents, timing).
Places and lengths are in quarter notes, moments in seconds, tempi in beats of the meter per minute.
"""
