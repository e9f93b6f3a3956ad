"""Which of our languages a client reads best: the HTTP header Accept-Language, met by what we speak."""

from typing import Final, Literal, get_args

Language = Literal["en", "fr", "tr"]

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)


def negotiate(header: str | None) -> Language:
    """Return the language with the highest quality among ours; English where none is asked for.

    Source: RFC 9110, section 12.5.4. A region is left out of account: `fr-CA` is French.
    """
    if not header:
        return "en"
    best: Language = "en"
    best_quality = 0.0
    for part in header.split(","):
        tag, _, parameters = part.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        quality = _quality(parameters)
        for language in LANGUAGES:
            if primary in (language, "*") and quality > best_quality:
                best, best_quality = language, quality
                break
    return best


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
