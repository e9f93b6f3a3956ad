"""What members read, they read in their language where there is one."""

import pytest

from regulars.engine.programme import Text, in_language


@pytest.mark.parametrize(
    ("text", "wanted", "read"),
    [
        ("Stars", "fr", "Stars"),
        ({"en": "Stars", "fr": "Étoiles"}, "fr", "Étoiles"),
        ({"en": "Stars", "fr": "Étoiles"}, "fr-CA", "Étoiles"),
        ({"en": "Stars", "fr": "Étoiles", "fr-CA": "Étoiles d'ici"}, "fr-CA", "Étoiles d'ici"),
        ({"fr": "Étoiles", "en": "Stars"}, "tr", "Stars"),
        ({"de": "Sterne"}, "tr", "Sterne"),
        ({}, "tr", ""),
    ],
)
def test_a_text_is_read_in_the_language_wanted_or_in_the_default(text: Text, wanted: str, read: str) -> None:
    assert in_language(text, wanted, "en") == read
