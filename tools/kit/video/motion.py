"""How much a picture moves, and how much of a change no motion explains.

Dense optical flow (Kroeger et al. 2016, Fast Optical Flow using Dense Inverse Search) between small
frames. Its length is the motion; what remains after the earlier frame has been moved along it is new
picture, which is what a cut brings and a pan does not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
_LEAST_CONTRAST = 15.0  # grey levels; a flatter patch lies anywhere and proves nothing


class MotionMeter:
    """Motion and unexplained change between two small frames of one size."""

    def __init__(self) -> None:
        import cv2

        self._cv2 = cv2
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._grid: NDArray[np.float32] | None = None

    def compare(self, before: Picture, after: Picture) -> tuple[float, float]:
        """Motion and residual between two frames.

        Parameters
        ----------
        before, after
            uint8 [height, width, 3], BGR, of one shape.

        Returns
        -------
        motion
            Mean length of the flow as a share of the frame's diagonal.
        residual
            Mean absolute difference in [0, 255] once ``before`` is moved along the flow.
        """
        cv2 = self._cv2
        grey_before = cv2.cvtColor(before, cv2.COLOR_BGR2GRAY)
        grey_after = cv2.cvtColor(after, cv2.COLOR_BGR2GRAY)
        flow: Any = self._flow.calc(grey_after, grey_before, None)
        moved = cv2.remap(
            before, self._places(flow.shape) + flow, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        length = float(np.hypot(flow[..., 0], flow[..., 1]).mean() / np.hypot(*flow.shape[:2]))
        return length, float(cv2.absdiff(moved, after).mean())

    def slid(self, before: Picture, after: Picture) -> float:
        """How badly the two frames agree when one is slid over the other: for jumps too long for flow.

        Half of a frame is laid on every place of the other; the best place's mean difference is given
        as a share of that half's own contrast: 0 is the same picture moved, about 1 another picture.
        """
        return min(self._laid(before, after), self._laid(after, before))

    def _laid(self, source: Picture, target: Picture) -> float:
        cv2 = self._cv2
        height, width = source.shape[:2]
        best = 1.0
        for left in (0, width // 4, width - width // 2):
            patch = source[height // 8 : height - height // 8, left : left + width // 2]
            _, _, (x, y), _ = cv2.minMaxLoc(cv2.matchTemplate(target, patch, cv2.TM_SQDIFF))
            found = target[y : y + patch.shape[0], x : x + patch.shape[1]]
            contrast = float(np.abs(patch - patch.mean(axis=(0, 1))).mean())
            if contrast >= _LEAST_CONTRAST:
                best = min(best, float(cv2.absdiff(found, patch).mean()) / contrast)
        return best

    def _places(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        if self._grid is None or self._grid.shape[:2] != shape[:2]:
            rows, columns = np.indices(shape[:2], dtype=np.float32)
            self._grid = np.stack([columns, rows], axis=-1)
        return self._grid
