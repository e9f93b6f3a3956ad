"""What an API says when it says no: RFC 9457, with a stable code, the numbers, and what to do next."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from regulars.engine.ids import external
from regulars.web.languages import Language
from regulars.web.wording import Measures, wording

MEDIA_TYPE: Final = "application/problem+json"

Fact = str | int | bool | None

# The only place that knows status codes. First what a rule of the programme says, then what the edge says.
STATUS: Final[dict[str, int]] = {
    "already-a-member": 409,
    "amount-not-positive": 422,
    "amount-too-large": 422,
    "another-programme": 422,
    "captured-more-than-held": 409,
    "conversion-final": 409,
    "conversion-limit": 409,
    "conversion-not-whole": 422,
    "conversion-used": 409,
    "currency-mismatch": 422,
    "event-before-1970": 422,
    "event-in-the-future": 422,
    "event-too-late": 409,
    "hold-already-over": 422,
    "hold-not-open": 409,
    "hold-of-a-voucher": 409,
    "identities-of-different-members": 409,
    "insufficient-points": 409,
    "malformed": 422,
    "member-missing": 422,
    "member-merged": 409,
    "merge-into-itself": 422,
    "merge-with-open-holds": 409,
    "no-programme": 409,
    "nothing-reserved": 404,
    "not-convertible": 409,
    "nothing-to-adjust": 422,
    "nothing-to-reserve": 422,
    "order-already-recorded": 409,
    "order-of-another-member": 409,
    "order-unknown": 404,
    "out-of-stock": 409,
    "programme-changed-meanwhile": 409,
    "programme-invalid": 422,
    "quantity-not-positive": 422,
    "receipt-too-late": 409,
    "return-needs-quantity": 422,
    "returned-more-than-bought": 409,
    "reward-unavailable": 409,
    "spend-already-restored": 409,
    "too-many-codes": 429,
    "transfer-to-oneself": 422,
    "unknown-code": 404,
    "unknown-line": 422,
    "unknown-member": 404,
    "unknown-list": 422,
    "unknown-reward": 422,
    "unknown-segment": 404,
    "unknown-spend": 404,
    "unknown-voucher": 404,
    "unknown-wallet": 422,
    "voucher-named-twice": 422,
    "voucher-not-undoable": 409,
    "voucher-not-usable": 409,
    "wallet-not-spendable": 409,
    "malformed-json": 400,
    "malformed-request": 400,
    "idempotency-key-missing": 400,
    "idempotency-key-invalid": 400,
    "credentials-missing": 401,
    "credentials-invalid": 401,
    "scope-missing": 403,
    "scope-beyond-own": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "precondition-failed": 412,
    "body-too-large": 413,
    "media-type-unsupported": 415,
    "invalid": 422,
    "idempotency-key-reused": 422,
    "too-many-requests": 429,
    "internal": 500,
    "unavailable": 503,
}

# The ids among the facts of a refusal, with the prefix under which the API writes them.
_IDS: Final = {"into": "mem", "member": "mem", "spend": "evt", "hold": "hld", "voucher": "vch"}


class FieldError(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong with what was sent: where (a JSON path, or line and column of YAML) and what."""

    message: str
    path: str = ""
    line: int | None = None
    column: int | None = None
    hint: str = ""


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was refused.

    `code` is stable. `title`, `detail` and `hint` (what to do next) are in the language of Accept-Language;
    `facts` are the numbers in them. `id` names the entry of our log, where the fault is ours.
    """

    type: str
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    code: str
    detail: str
    hint: str
    facts: dict[str, Fact] = {}
    errors: tuple[FieldError, ...] = ()
    id: str = ""


class Stopped(Exception):
    """The edge will not pass a request on; the code says why."""

    def __init__(self, code: str, facts: Mapping[str, Fact] | None = None, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.facts = dict(facts or {})
        self.errors = tuple(errors)


def problem(
    code: str,
    facts: Mapping[str, Fact] | None = None,
    *,
    language: Language = "en",
    measures: Measures | None = None,
    errors: Sequence[FieldError] = (),
    id: str = "",
) -> Problem:
    """Return the problem of a code, in words. Raises: KeyError, when the code has no status or no words."""
    known = {name: _shown(name, value) for name, value in (facts or {}).items()}
    words, counted = wording(language), measures or Measures()
    title, detail, hint = (
        words.text(f"problem.{code}.{part}", {**known, "id": id}, counted) for part in ("title", "detail", "hint")
    )
    return Problem(
        type=f"/docs#problem-{code}",
        title=title,
        status=STATUS[code],
        code=code,
        detail=detail,
        hint=hint,
        facts=known,
        errors=tuple(errors),
        id=id,
    )


def field_error(error: msgspec.ValidationError) -> FieldError:
    """Return what msgspec found wrong, with the JSON path it found it at."""
    message, separator, path = str(error).rpartition(" - at `")
    return FieldError(message=message, path=path.rstrip("`")) if separator else FieldError(message=path, path="$")


def _shown(name: str, value: Fact) -> Fact:
    if name in _IDS and isinstance(value, str):
        try:
            return external(_IDS[name], UUID(value))
        except ValueError:
            return value
    return value
