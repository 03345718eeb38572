"""Pages and pictures set by Typst, with the Chinese font that comes along: no font of the machine is used, no network."""

import json
from pathlib import Path
from typing import Any, Literal

import manimgx_fonts_cjk  # type: ignore[import-untyped]  # a folder with a font, without types
import typst

Form = Literal["svg", "png", "pdf"]
_FONTS = Path(manimgx_fonts_cjk.__file__).parent
_PIXELS_PER_INCH = 144.0


def typeset(template: Path, data: Any, form: Form) -> bytes:
    """Set a template's first page (of a PDF: every page) with ``data``, which it reads as JSON from ``sys.inputs.data``.

    The same data give the same bytes. Letters are drawn as shapes in an SVG, so it looks alike everywhere.
    """
    made = typst.compile(
        template,
        format=form,
        ppi=_PIXELS_PER_INCH,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        font_paths=[_FONTS],
        ignore_system_fonts=True,
        timestamp=0,
    )
    # Its types say bytes, but several pages come as a list.
    return made if isinstance(made, bytes) else b"".join(made[:1])
