"""Colour as a musician needs it: brightness, saturation, contrast, a named palette, and what colour does to affect.

Brightness and saturation are those of the IHSL space (Hanbury 2003): luma and max - min of R, G, B, so
that saturation does not explode in the dark. Their effect on affect is Valdez and Mehrabian's (1994,
Effects of color on emotions, J. Exp. Psychol. Gen. 123): pleasure = .69 brightness + .22 saturation,
arousal = -.31 brightness + .60 saturation, standardised coefficients. Pictures are standardised by
:data:`USUAL`, our own reading of everyday photographs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # [..., 3] in RGB

USUAL = {"brightness": (0.42, 0.15), "saturation": (0.16, 0.12)}  # mean and standard deviation over pictures
AFFECT_SOURCE = "Valdez & Mehrabian 1994"
_FULL_SCALE = 2.0  # standard deviations that reach the end of the affect scale

COLOUR_NAMES: dict[str, tuple[int, int, int]] = {
    "black": (10, 10, 10),
    "dark grey": (70, 70, 70),
    "grey": (128, 128, 128),
    "light grey": (190, 190, 190),
    "white": (248, 248, 248),
    "dark red": (110, 15, 20),
    "red": (205, 30, 35),
    "salmon": (235, 130, 115),
    "pink": (245, 185, 200),
    "magenta": (200, 30, 140),
    "dark brown": (65, 45, 35),
    "brown": (120, 80, 50),
    "tan": (190, 155, 115),
    "beige": (225, 210, 180),
    "orange": (240, 135, 25),
    "gold": (205, 165, 40),
    "yellow": (245, 225, 50),
    "pale yellow": (245, 240, 175),
    "olive": (110, 110, 45),
    "dark green": (25, 65, 35),
    "green": (50, 140, 60),
    "lime green": (140, 205, 60),
    "pale green": (185, 220, 180),
    "teal": (25, 120, 120),
    "turquoise": (70, 195, 195),
    "dark blue": (20, 35, 90),
    "blue": (40, 85, 185),
    "sky blue": (130, 185, 230),
    "pale blue": (195, 215, 235),
    "bright blue": (20, 25, 245),
    "bright green": (25, 235, 35),
    "slate blue": (95, 110, 140),
    "violet": (125, 70, 180),
    "dark violet": (60, 30, 80),
    "lavender": (195, 180, 225),
    "slate grey": (75, 85, 95),
    "grey-brown": (120, 110, 100),
    "grey-green": (120, 135, 110),
}


@dataclass(frozen=True)
class Swatch:
    """One colour of a palette: sRGB as ``#rrggbb``, its everyday name, and its share of the picture in [0, 1]."""

    hex: str
    name: str
    share: float


@dataclass(frozen=True)
class ColourStats:
    """Mean luma, mean max - min of R, G, B, and standard deviation of luma, each in [0, 1]."""

    brightness: float
    saturation: float
    contrast: float


def colour_stats(pixels: Pixels) -> ColourStats:
    """Brightness, saturation and contrast of RGB pixels of any shape ``[..., 3]``."""
    levels = pixels.reshape(-1, 3).astype(np.float32) / 255
    luma = levels @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
    spread = levels.max(axis=1) - levels.min(axis=1)
    return ColourStats(float(luma.mean()), float(spread.mean()), float(luma.std()))


def colour_affect(brightness: float, saturation: float) -> tuple[float, float]:
    """Valence and arousal in [-1, 1] from a picture's brightness and saturation in [0, 1] (see the module)."""
    bright = (brightness - USUAL["brightness"][0]) / USUAL["brightness"][1]
    saturated = (saturation - USUAL["saturation"][0]) / USUAL["saturation"][1]
    valence = (0.69 * bright + 0.22 * saturated) / _FULL_SCALE
    arousal = (-0.31 * bright + 0.60 * saturated) / _FULL_SCALE
    return float(np.clip(valence, -1, 1)), float(np.clip(arousal, -1, 1))


def palette(pixels: Pixels, k: int = 5) -> list[Swatch]:
    """The main colours of RGB pixels of any shape ``[..., 3]``, largest share first.

    k-means in CIE L*a*b* from starts that lie far apart, so the same pixels give the same palette;
    clusters that bear one name are one swatch.
    """
    rgb = pixels.reshape(-1, 3)
    rgb = rgb[:: max(1, len(rgb) // 4000)]
    lab = rgb_to_lab(rgb)
    nearest = _cluster(lab, k)
    swatches: dict[str, tuple[int, NDArray[np.float64]]] = {}
    for cluster in range(k):
        members = rgb[nearest == cluster]
        if not len(members):
            continue
        mean = members.mean(axis=0)
        name = colour_name(mean)
        count, so_far = swatches.get(name, (0, np.zeros(3)))
        swatches[name] = (count + len(members), so_far + mean * len(members))
    ordered = sorted(swatches.items(), key=lambda item: (-item[1][0], item[0]))
    return [Swatch(_hex(total / count), name, round(count / len(rgb), 3)) for name, (count, total) in ordered]


def colour_name(rgb: NDArray[np.float64]) -> str:
    """The nearest of :data:`COLOUR_NAMES` in CIE L*a*b*; ``rgb`` is ``[3]`` in [0, 255]."""
    names = list(COLOUR_NAMES)
    anchors = rgb_to_lab(np.array([COLOUR_NAMES[name] for name in names]))
    distance = ((anchors - rgb_to_lab(np.asarray(rgb)[None])) ** 2).sum(axis=1)
    return names[int(distance.argmin())]


def rgb_to_lab(rgb: NDArray[np.generic]) -> NDArray[np.float64]:
    """Convert sRGB ``[n, 3]`` in [0, 255] to CIE L*a*b* ``[n, 3]`` under D65 (IEC 61966-2-1, CIE 15)."""
    levels = np.asarray(rgb, dtype=np.float64) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _SRGB_TO_XYZ.T / _D65
    root = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * root[:, 1] - 16, 500 * (root[:, 0] - root[:, 1]), 200 * (root[:, 1] - root[:, 2])], axis=1)


_SRGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_D65 = np.array([0.95047, 1.0, 1.08883])


def _cluster(points: NDArray[np.float64], k: int, rounds: int = 12) -> NDArray[np.intp]:
    """The cluster of each point, ``[n]``, by Lloyd's iteration from farthest-point starts."""
    centres = [points[((points - points.mean(axis=0)) ** 2).sum(axis=1).argmin()]]
    gap = ((points - centres[0]) ** 2).sum(axis=1)
    while len(centres) < k:
        centres.append(points[gap.argmax()])
        gap = np.minimum(gap, ((points - centres[-1]) ** 2).sum(axis=1))
    middle = np.array(centres)
    for _ in range(rounds):
        nearest: NDArray[np.intp] = ((points[:, None] - middle[None]) ** 2).sum(axis=2).argmin(axis=1)
        for cluster in range(k):
            if (nearest == cluster).any():
                middle[cluster] = points[nearest == cluster].mean(axis=0)
    return nearest


def _hex(rgb: NDArray[np.float64]) -> str:
    return "#" + "".join(f"{round(float(level)):02x}" for level in rgb)
