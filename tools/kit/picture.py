"""Pictures of any mode and size, read upright and small, and what their surface is like."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tools.errors import UserError

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 180_000_000  # larger pictures are refused before they are decoded
LONG_SIDE = 640  # longest side of what is analysed, in pixels
_ORIENTATION = 0x0112  # EXIF tag
_SIDEWAYS = (5, 6, 7, 8)  # its values that swap width and height

Pixels = NDArray[np.uint8]  # [height, width, 3] in RGB


@dataclass(frozen=True)
class Picture:
    """A picture upright: ``rgb`` is uint8 [h, w, 3], at most :data:`LONG_SIDE` long.

    ``width`` and ``height`` are those of the whole picture in pixels, as shown.
    """

    rgb: Pixels
    width: int
    height: int
    frames: int


def read_picture(path: Path) -> Picture:
    """Read a picture (the first frame of an animation); transparency is laid on white.

    Raises
    ------
    UserError
        When the file is no picture that can be read, or has more than :data:`MAX_PIXELS` pixels.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own bomb warning; the bound here is checked below
            with Image.open(path) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise _too_large(path, image.width, image.height)
                return _read(image)
    except Image.DecompressionBombError as err:
        raise UserError(f"{path.name} has too many pixels ({err}); scale it down and attach that.") from err
    except UnidentifiedImageError as err:
        raise UserError(f"{path.name} is no picture that can be read; export it again as PNG or JPEG.") from err
    except (OSError, SyntaxError, ValueError, EOFError) as err:
        raise UserError(f"{path.name} is damaged: it cannot be decoded ({err}); export it again as PNG.") from err


def texture(rgb: Pixels) -> float:
    """Share of edge pixels in [0, 1] (Canny 1986), after noise is smoothed away."""
    import cv2

    grey = cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (0, 0), 1.2)
    return float((cv2.Canny(grey, 40, 100) > 0).mean())


def symmetry(rgb: Pixels) -> float:
    """Correlation in [-1, 1] of the luma with its mirror image about the vertical axis; 1 for a flat picture."""
    import cv2

    grey = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (64, 64), interpolation=cv2.INTER_AREA).astype(np.float64)
    grey -= grey.mean()
    power = float((grey**2).sum())
    return float((grey * grey[:, ::-1]).sum() / power) if power > 1e-9 else 1.0


def _read(image: Image) -> Picture:
    from PIL import ImageOps

    frames = int(getattr(image, "n_frames", 1))
    width, height = image.size
    image.draft("RGB", (2 * LONG_SIDE, 2 * LONG_SIDE))  # a JPEG is decoded at a fraction of its size
    turned = image.getexif().get(_ORIENTATION, 1) in _SIDEWAYS
    small = _plain(image)
    small.thumbnail((LONG_SIDE, LONG_SIDE), reducing_gap=2.0)
    ImageOps.exif_transpose(small, in_place=True)
    return Picture(_on_white(small), height if turned else width, width if turned else height, frames)


def _plain(image: Image) -> Image:
    """The picture in a mode that can be scaled: 8 bits a channel, no colour table."""
    if image.mode.startswith("I") or image.mode == "F":
        return _eight_bits(image)
    if image.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB", "RGBA", "CMYK") else image.convert("RGB")


def _eight_bits(image: Image) -> Image:
    """Deep grey levels as 8 bits: integers by their full scale, floats by their brightest level."""
    from PIL import Image

    levels = np.nan_to_num(np.asarray(image, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    brightest = float(levels.max(initial=1.0))
    top = brightest if image.mode == "F" else 65535.0 if brightest > 255 else 255.0
    return Image.fromarray((np.clip(levels / np.float32(top), 0, 1) * 255).astype(np.uint8))


def _on_white(image: Image) -> Pixels:
    from PIL import Image

    if image.mode == "RGBA":
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    return np.ascontiguousarray(np.asarray(image.convert("RGB"), dtype=np.uint8))


def _too_large(path: Path, width: int, height: int) -> UserError:
    return UserError(
        f"{path.name} has {width} x {height} pixels and the bound is {MAX_PIXELS // 1_000_000} million; "
        "scale it down and attach that."
    )
