"""One person has many names; each is brought to one form, so that it is found however it was typed."""

import unicodedata
from typing import Literal

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from msgspec import Struct

from regulars.connectors.incoming import MemberReference

IdentityKind = Literal["email", "phone", "card", "external_id"]


class BadIdentity(ValueError):
    """The identifier cannot be one of its kind."""


class Identity(Struct, frozen=True, order=True):
    """An identifier in its one form: e-mail in lower case, phone in E.164, card as digits, external id as given."""

    kind: IdentityKind
    value: str


def identities_of(reference: MemberReference) -> tuple[Identity, ...]:
    """Return the identifiers of a reference, each in its one form.

    Raises: BadIdentity.
    """
    found: list[Identity] = []
    if reference.external_id is not None:
        found.append(Identity("external_id", reference.external_id))
    if reference.card is not None:
        found.append(Identity("card", card_number(reference.card)))
    if reference.email is not None:
        found.append(Identity("email", email_address(reference.email)))
    if reference.phone is not None:
        found.append(Identity("phone", phone_number(reference.phone)))
    return tuple(found)


def email_address(text: str) -> str:
    """Return an e-mail address in lower case, its domain in the form that mail servers use.

    Raises: BadIdentity.
    """
    try:
        valid = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise BadIdentity(f"this is not an e-mail address: {error}") from error
    return unicodedata.normalize("NFC", f"{valid.local_part}@{valid.ascii_domain or valid.domain}").lower()


def phone_number(text: str) -> str:
    """Return a phone number in E.164: a plus, the country's code and the number, at most 15 digits.

    Raises: BadIdentity, also where the country's code is missing.
    """
    try:
        parsed = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        hint = "write it with + and the country's code, such as +33612345678"
        raise BadIdentity(f"this is not a phone number; {hint}") from error
    if not phonenumbers.is_possible_number(parsed):
        raise BadIdentity("this phone number has too few or too many digits for its country")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def card_number(text: str) -> str:
    """Return a card number as 8 to 18 digits, of which the last is the GS1 check digit (as in EAN-8 and EAN-13).

    Raises: BadIdentity.
    """
    digits = "".join(character for character in text if character not in " -.")
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 18):
        raise BadIdentity("a card number has 8 to 18 digits")
    if digits[-1] != check_digit(digits[:-1]):
        raise BadIdentity("the card number's check digit is wrong: a digit was mistyped or two were swapped")
    return digits


def check_digit(digits: str) -> str:
    """Return the digit that completes a card number.

    Source: GS1 General Specifications, check digit of numeric keys: weights 3 and 1 in turn from the right.
    """
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)
