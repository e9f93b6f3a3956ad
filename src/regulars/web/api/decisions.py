"""Why: an event tried without anything happening, and a recorded decision with every rule's reason."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from regulars.actions.answers import EventAnswer
from regulars.actions.evaluating import evaluate
from regulars.actions.explaining import explain_event
from regulars.actions.quoting import Wishes, quote
from regulars.actions.telling import Told, told_of
from regulars.connectors.incoming import Incoming
from regulars.engine.carts import Priced
from regulars.engine.events import Purchase, Scalar
from regulars.engine.programme import in_language
from regulars.engine.reasons import Outcome, Reason, Refused
from regulars.engine.running import Running
from regulars.web.answering import answer, encoded, refused_answer
from regulars.web.api import examples
from regulars.web.api.events import EVENT_PROBLEMS
from regulars.web.api.reward_shapes import ChosenReward, Code, OfferShown, voucher_named
from regulars.web.api.rewards import offers_shown
from regulars.web.api.shapes import EXAMPLE_DECISION, DecisionId, Instant, ReasonShown
from regulars.web.api.vouchers import CODE_PROBLEMS, REWARD_PROBLEMS
from regulars.web.desk import Call, client_of, desk_of, language_of, visit_of
from regulars.web.languages import Language
from regulars.web.operations import Operation, declared
from regulars.web.problems import FieldError, Stopped
from regulars.web.reading import body, path_id, utc
from regulars.web.wording import Measures, wording


class CheckoutTrial(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to come off a cart: rewards that the member would take, and vouchers by their codes.

    `tax_percents` are the rates of lines by their ids, where discounts are meant with or without tax.
    """

    rewards: Annotated[tuple[ChosenReward, ...], Meta(max_length=50)] = ()
    vouchers: Annotated[tuple[Code, ...], Meta(max_length=50)] = ()
    tax_percents: Annotated[dict[str, Decimal], Meta(max_length=1000)] = {}


class Trial(Incoming, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event, as it would be told; at which moment (`now`), and under which version of the programme.

    With a `checkout` the order is a cart: it is priced with rewards and vouchers before it is decided.
    """

    now: Instant | None = None
    programme_version: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    checkout: CheckoutTrial | None = None


class RuleShown(Struct, frozen=True, kw_only=True):
    """What became of one live rule: `value` of the `desired_value` that it would have given without limits.

    `campaign` is the one that it belongs to, if any; `rewards` and `attributes` what it gave beside points.
    """

    rule: str
    name: str
    applied: bool
    wallet: str
    value: int
    desired_value: int
    text: str
    reasons: tuple[ReasonShown, ...]
    campaign: str | UnsetType = UNSET
    rewards: tuple[str, ...] | UnsetType = UNSET
    attributes: Mapping[str, Scalar] | UnsetType = UNSET


class EvaluationShown(Struct, frozen=True, kw_only=True):
    """What telling it would be answered, and what every live rule would do. Nothing was written.

    `recorded` where the event, or its order, was told before: then it is the decision of that time. With a checkout
    `cart` is what is to be paid, discount by discount in the order in which they count, and `rewards` what else
    the member could have.
    """

    recorded: bool
    decision: EventAnswer
    rules: tuple[RuleShown, ...]
    cart: Priced | UnsetType = UNSET
    rewards: tuple[OfferShown, ...] | UnsetType = UNSET


class DecisionShown(Struct, frozen=True, kw_only=True):
    """A decision as it was answered, and what became of every rule of the version that made it.

    Rules decide on purchases and the brand's own events only; other events have no rules here.
    """

    id: DecisionId
    programme_version: int
    language: str
    decision: EventAnswer
    rules: tuple[RuleShown, ...]


_PERCENT_MAX: Final = 1000
_TRIAL: Final = msgspec.json.Decoder(Trial)
_RULES: Final[list[dict[str, Any]]] = [
    {
        "rule": "base",
        "name": "1 point per euro",
        "applied": True,
        "wallet": "points",
        "value": 100,
        "desired_value": 100,
        "text": "Gave 100 points.",
        "reasons": [],
    },
    {
        "rule": "welcome",
        "name": "",
        "applied": False,
        "wallet": "points",
        "value": 0,
        "desired_value": 0,
        "text": "It is not the first purchase; before it: 3 purchases.",
        "reasons": [
            {
                "code": "already-first-purchase",
                "text": "It is not the first purchase; before it: 3 purchases.",
                "required": 0,
                "actual": 3,
                "subject": None,
            }
        ],
    },
]


@post(
    "/v1/evaluate",
    status_code=200,
    opt=declared(
        Operation(
            id="evaluate_event",
            tag="Decisions",
            summary="Try an event",
            description=(
                "Takes what `POST /v1/events` takes, decides, explains every live rule, and writes nothing. What was "
                "told before, or is about an order that was, is answered with the recorded decision, and `recorded` "
                "is true, whatever `now` and `programme_version` say. To try another version on a past order, give "
                "the trial an order id of its own."
            ),
            scope="events:evaluate",
            takes=Trial,
            example={**examples.PURCHASE, "now": "2027-02-03T16:20:01Z"},
            gives=EvaluationShown,
            answer={"recorded": False, "decision": examples.DECISION, "rules": _RULES},
            problems=(*EVENT_PROBLEMS, *REWARD_PROBLEMS, *CODE_PROBLEMS, "voucher-named-twice", "voucher-not-usable"),
        )
    ),
)
async def evaluate_event(request: Call) -> ASGIResponse:
    """Decide on an event without remembering it."""
    trial = await body(request, _TRIAL)
    told = told_of(trial)
    if isinstance(told, Refused):
        return await refused_answer(request, told)
    if trial.checkout is not None:
        return await _priced(request, trial, trial.checkout, told)
    memory, programme_id, now = desk_of(request).memory, client_of(request).programme_id, visit_of(request).now
    if trial.now is not None:
        now = utc(trial.now, path="$.now")
    found = await evaluate(memory, programme_id, told, version=trial.programme_version, now=now)
    if isinstance(found, Refused):
        return await refused_answer(request, found)
    running = await memory.version(programme_id, found.programme_version)
    rules = _rules(running, found.timezone, found.explanation, language_of(request))
    return answer(encoded({"recorded": found.recorded, "decision": Raw(found.text), "rules": rules}))


async def _priced(request: Call, trial: Trial, asked: CheckoutTrial, told: Told) -> ASGIResponse:
    """Answer what a cart comes to with rewards, what it would earn, and what else could be had."""
    if not isinstance(told.body, Purchase):
        raise Stopped("invalid", errors=[FieldError(path="$.checkout", message="only a purchase has a checkout")])
    for line_id, percent in asked.tax_percents.items():
        if not (percent.is_finite() and 0 <= percent <= _PERCENT_MAX):
            wrong = FieldError(path=f"$.checkout.tax_percents.{line_id}", message="is not from 0 to 1000")
            raise Stopped("invalid", errors=[wrong])
    memory, programme_id, now = desk_of(request).memory, client_of(request).programme_id, visit_of(request).now
    if trial.now is not None:
        now = utc(trial.now, path="$.now")
    member = told.member.id if told.member is not None else None
    named = [await voucher_named(request, code, member, path="$.member.id") for code in asked.vouchers]
    wishes = Wishes(
        chosen=[one.chosen() for one in asked.rewards],
        vouchers=[one.voucher_id for one in named],
        taxes=asked.tax_percents,
    )
    found = await quote(memory, programme_id, told, wishes, version=trial.programme_version, now=now)
    if isinstance(found, Refused):
        return await refused_answer(request, found)
    language = language_of(request)
    shown = {
        "recorded": False,
        "decision": Raw(found.text),
        "rules": _rules(found.running, found.timezone, found.explanation, language),
        "cart": found.priced,
        "rewards": offers_shown(found.running, found.offers, language),
    }
    return answer(encoded(shown))


@get(
    "/v1/decisions/{decision_id:str}",
    opt=declared(
        Operation(
            id="read_decision",
            tag="Decisions",
            summary="Explain a decision",
            description="As recorded, byte for byte; the reasons of every rule are worked out from the event log.",
            scope="decisions:read",
            gives=DecisionShown,
            answer={
                "id": EXAMPLE_DECISION,
                "programme_version": 3,
                "language": "en",
                "decision": examples.DECISION,
                "rules": _RULES,
            },
            problems=("not-found",),
        )
    ),
)
async def read_decision(request: Call, decision_id: FromPath[str]) -> ASGIResponse:
    """Read a recorded decision with the reason of every rule."""
    memory, programme_id, language = desk_of(request).memory, client_of(request).programme_id, language_of(request)
    found = await explain_event(memory, programme_id, path_id("dec", decision_id))
    if found is None:
        raise Stopped("not-found")
    recorded = found.recorded
    running = await memory.version(programme_id, recorded.programme_version)
    shown = {
        "id": decision_id,
        "programme_version": recorded.programme_version,
        "language": language,
        "decision": Raw(recorded.answer.encode()),
        "rules": _rules(running, running.zone_of(recorded.event), found.outcomes, language),
    }
    return answer(encoded(shown))


def _rules(running: Running, timezone: str, outcomes: Iterable[Outcome], language: Language) -> tuple[RuleShown, ...]:
    measures = Measures(timezone=timezone, currency=running.currency, wallets=running.wallets)
    names = {rule.id: in_language(rule.name, language, *running.languages) for rule in running.rules}
    return tuple(
        RuleShown(
            rule=outcome.rule,
            name=names[outcome.rule],
            applied=outcome.applied,
            wallet=outcome.wallet,
            value=outcome.value,
            desired_value=outcome.desired_value,
            text=wording(language).outcome(outcome, measures),
            reasons=tuple(_reason(reason, outcome.wallet, measures, language) for reason in outcome.reasons),
            campaign=running.campaign_of[outcome.rule].id if outcome.rule in running.campaign_of else UNSET,
            rewards=outcome.rewards or UNSET,
            attributes=outcome.attributes or UNSET,
        )
        for outcome in outcomes
    )


def _reason(reason: Reason, wallet: str, measures: Measures, language: Language) -> ReasonShown:
    return ReasonShown(
        code=reason.code,
        text=wording(language).reason(reason, wallet, measures),
        required=reason.required,
        actual=reason.actual,
        subject=reason.subject,
    )


HANDLERS: Final = (evaluate_event, read_decision)
