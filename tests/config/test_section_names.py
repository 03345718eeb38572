"""Every section of a programme has a Chinese name of its own."""

from config.programme import Programme
from config.section_names import SECTION_NAMES


def test_every_section_has_a_name_of_its_own() -> None:
    assert list(SECTION_NAMES) == list(Programme.model_fields)
    assert len(set(SECTION_NAMES.values())) == len(SECTION_NAMES)
    assert not [name for name in SECTION_NAMES.values() if name.isascii()]
