"""What members read is said in every language of the programme, or falls back on its default one."""

from collections.abc import Iterator, Mapping

from msgspec import Struct, structs

from regulars.engine.conditions.hints import did_you_mean
from regulars.engine.programme import Text
from regulars.programme.document import Document
from regulars.programme.parts import parts_of
from regulars.programme.problems import Finding, Path


def check_texts(document: Document) -> Iterator[Finding]:
    """Yield the languages that nobody declared, and the texts that have nothing to fall back on."""
    languages = document.languages
    for index, tag in enumerate(languages):
        if tag in languages[:index]:
            yield Finding(path=("languages", index), message=f"{tag!r} is here twice", hint="Keep one of them.")
    for path, text, _ in _texts(document):
        if isinstance(text, Mapping):
            yield from _unknown(text, path, languages)
            if languages and languages[0] not in text:
                message = f"there is no {languages[0]}, which the other languages fall back on"
                yield Finding(path=path, message=message, hint=f"Add {languages[0]}, the default language.")


def missing_texts(document: Document) -> Iterator[Finding]:
    """Yield the texts that are not there in every language of the programme."""
    for path, text, proper in _texts(document):
        missing = [tag for tag in document.languages if isinstance(text, Mapping) and tag not in text]
        if isinstance(text, str) and text and not proper:
            missing = [*document.languages[1:]]
        if missing:
            message = f"the text is not there in {' and '.join(missing)}"
            hint = f"Members would read it in {document.languages[0]}."
            yield Finding(path=path, message=message, hint=hint, code="translation-missing")


def _unknown(text: Mapping[str, str], path: Path, languages: tuple[str, ...]) -> Iterator[Finding]:
    for tag in text:
        if tag not in languages:
            hint = did_you_mean(tag, languages) or f"Declare it: languages: [{', '.join((*languages, tag))}]."
            message = f"{tag!r} is not a language of the programme"
            yield Finding(path=(*path, tag), message=message, hint=hint, at_name=True)
    if not text:
        yield Finding(path=path, message="the text is in no language", hint="Write it, or leave the field out.")


def _texts(document: Document) -> Iterator[tuple[Path, str | Mapping[str, str], bool]]:
    """Yield every text that was written for members, with its path, and whether it is a proper name."""
    for path, part in parts_of(document).items():
        for field in structs.fields(part):
            text = getattr(part, field.name)
            if field.type == Text and text != field.default:
                yield (*path, field.encode_name), text, _has_proper_names(part)


def _has_proper_names(part: Struct) -> bool:
    """Tell whether the texts of a part are names that are the same in every language."""
    return bool(getattr(part, "proper_names", False))
