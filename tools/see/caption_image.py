"""Caption a picture: subject, colour, texture, symmetry and affect, and words a musician can work from."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field

from tools.backends.image_labels import labeller
from tools.brief import MusicFields
from tools.contract import Image, Output, ToolArgs, ToolContext, ToolResult, tool
from tools.kit.colour import AFFECT_SOURCE, colour_affect, colour_stats
from tools.kit.picture import Picture, read_picture, symmetry, texture
from tools.see import _words
from tools.see._facts import Look, look_facts


class CaptionImageArgs(ToolArgs):
    """Arguments of `caption_image`."""

    image: Image = Field(description="The picture to describe.")


class ImageDescription(Look):
    """A picture as words and typed facts."""

    width: int = Field(description="Width as shown, after the rotation the file asks for, in pixels.")
    height: int = Field(description="Height as shown, after the rotation the file asks for, in pixels.")
    frames: int = Field(description="Frames of an animation; 1 for a still picture. The first is described.")
    texture: float = Field(description="Share of the picture that is edges, 0 plain to 1 all detail.")
    symmetry: float = Field(description="Likeness of the left half to the mirrored right one, -1 to 1.")
    affect_source: str = Field(description="Where the mapping from colour to affect was published.")
    description: str = Field(description="Two or three sentences for a musician.")
    bridge: dict[str, Any] = Field(description="Brief fields that the picture suggests.")


@tool(
    version="1",
    takes=("image",),
    gives=("description",),
    asks=(
        r"\b(?:describe|caption|analy[sz]e|summari[sz]e)\b[^,.;]{0,30}\b(?:picture|image|photo(?:graph)?|painting|"
        r"drawing|illustration|screenshot|artwork|poster|pic)s?\b",
        r"\bwhat(?:'s| is| are| do| can| does|ever)?\b(?:(?! music| song| key| tune)[^,.;?]){0,35}\b(?:picture|"
        r"image|photo(?:graph)?|painting|drawing|illustration|screenshot|artwork|poster|pic)s?\b(?! sounds?)"
        r"(?:[^,.;?]{0,12}\b(?:have|show|about|like|feel)\b)?",
        r"\b(?:tell me|say)\b[^,.;]{0,25}\b(?:see|in|about|shows?)\b[^,.;]{0,10}\b(?:picture|image|photo(?:graph)"
        r"?|painting|drawing|illustration|screenshot|artwork|poster|pic)s?\b",
        r"\b(?:mood|colou?rs?|palette|atmosphere) of (?:this|the|my) (?:picture|image|photo(?:graph)?|painting|"
        r"drawing|illustration|screenshot|artwork|poster|pic)s?\b",
        "(?:描述|分析|概括|说说|看看)[^,.;]{0,10}(?:图|照片|画|相片)(?:片|像)?",
        "(?:图|照片|画|图片|图像|相片)(?:里|上|中|的)?[^,.;]{0,4}(?:内容|是什么|有什么|画的是什么|什么样)",
    ),
    timeout_s=120.0,
)
def caption_image(args: CaptionImageArgs, ctx: ToolContext) -> ToolResult:
    """Describe a picture: what it shows, its colours, light, texture and mood, in words to compose from."""
    image = ctx.artifact(args.image)
    picture = read_picture(image.file)
    data = _describe(picture)
    path = ctx.work_dir / f"{image.file.stem}-description.json"
    path.write_text(json.dumps(data.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    output = Output(
        path,
        "description",
        "application/json",
        parents=(image.id,),
        licence=image.licence,
        facts={"valence": data.valence, "arousal": data.arousal},
    )
    notes = _notes(picture, image.file.name)
    return ToolResult(data.description, data, outputs=(output,), backend="embedded", notes=notes)


def _describe(picture: Picture) -> ImageDescription:
    stats = colour_stats(picture.rgb)
    affect = colour_affect(stats.brightness, stats.saturation)
    seen = labeller().probabilities(picture.rgb)
    data = ImageDescription(
        **look_facts(stats, picture.rgb, seen, affect),
        width=picture.width,
        height=picture.height,
        frames=picture.frames,
        texture=round(texture(picture.rgb), 3),
        symmetry=round(symmetry(picture.rgb), 3),
        affect_source=AFFECT_SOURCE,
        description="",
        bridge={},
    )
    data.description = _paragraph(data)
    suggested = MusicFields(valence=data.valence, arousal=data.arousal, mood=data.mood)
    data.bridge = suggested.model_dump(exclude_none=True, include={"valence", "arousal", "mood"})
    return data


def _paragraph(data: ImageDescription) -> str:
    what = _words.subject_words(data) or _words.guess_words(data)
    detail = "rich in detail" if data.texture > 0.25 else "plain" if data.texture < 0.06 else "moderately detailed"
    balance = ", close to mirror-symmetrical" if data.symmetry > 0.75 else ""
    return " ".join(
        [
            f"A picture{' of ' + what if what else ''}, mostly {_words.colour_words(data.palette)}: "
            f"{_words.light_words(data)}, {detail}{balance}.",
            f"By its colours it feels {_words.affect_words(data.valence, data.arousal)}.",
            _words.suggestion(data.valence, data.arousal, data.mood),
        ]
    )


def _notes(picture: Picture, name: str) -> tuple[str, ...]:
    if picture.frames == 1:
        return ()
    return (f"{name} is animated ({picture.frames} frames); its first frame was described.",)
