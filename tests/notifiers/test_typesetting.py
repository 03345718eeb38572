"""Typst sets Chinese with the font that comes along, and the same data give the same bytes."""

from pathlib import Path

import pytest

from notifiers.typesetting import Form, typeset

TEMPLATE = '#set page(width: auto, height: auto)\n#set text(font: "Noto Sans CJK SC", lang: "zh")\n#json(bytes(sys.inputs.data)).text'


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "page.typ"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


@pytest.mark.parametrize(("form", "begins"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_each_form_is_made_and_made_alike(template: Path, form: Form, begins: bytes) -> None:
    made = typeset(template, {"text": "滨江工匠"}, form)
    assert made.startswith(begins)
    assert typeset(template, {"text": "滨江工匠"}, form) == made


def test_every_chinese_letter_has_its_own_shape(template: Path) -> None:
    """Letters that a font lacks all look alike."""
    pictures = {typeset(template, {"text": letter}, "png") for letter in "滨江工匠认定办法催办升级暂定逾期"}
    assert len(pictures) == len(set("滨江工匠认定办法催办升级暂定逾期"))
