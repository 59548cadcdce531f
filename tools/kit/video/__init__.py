"""Films, read as a stream: what a file announces, its frames one by one, its motion and its shots."""

from tools.kit.video.frames import DecodeReport, FilmFrame, read_frames
from tools.kit.video.motion import MotionMeter
from tools.kit.video.probe import FilmFacts, PictureClock, open_film, picture_span, probe, readable_packets
from tools.kit.video.shots import Boundary, ShotDetector

__all__ = [
    "Boundary", "DecodeReport", "FilmFacts", "FilmFrame", "MotionMeter", "PictureClock", "ShotDetector",
    "open_film", "picture_span", "probe", "read_frames", "readable_packets",
]
