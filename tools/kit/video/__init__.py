"""Films, read as a stream: what a file announces, its frames one by one, its motion and its shots."""

from tools.kit.video.frames import DecodeReport, FilmFrame, read_frames
from tools.kit.video.motion import MotionMeter
from tools.kit.video.probe import (
    FilmFacts,
    PictureClock,
    cut_off_note,
    open_film,
    picture_span,
    probe,
    readable_packets,
)
from tools.kit.video.shots import Boundary, ShotDetector
from tools.kit.video.survey import CURVE_HZ, ColourSample, Survey, survey

__all__ = [
    "CURVE_HZ",
    "Boundary",
    "ColourSample",
    "DecodeReport",
    "FilmFacts",
    "FilmFrame",
    "MotionMeter",
    "PictureClock",
    "ShotDetector",
    "Survey",
    "cut_off_note",
    "open_film",
    "picture_span",
    "probe",
    "read_frames",
    "readable_packets",
    "survey",
]
