"""People join, tell us about themselves, and turn out to be one person."""

from datetime import datetime

from regulars.engine import days
from regulars.engine.activity import stay_active
from regulars.engine.counting import until_of
from regulars.engine.effects import Announced, Counted, Described, Enrolled, Listed, MergedInto, Posted, Sent
from regulars.engine.events import Absorb, Describe, Enrol, Event, Merge, Scalar
from regulars.engine.ledger import Ledger
from regulars.engine.mail import parcels_of, unpack, write
from regulars.engine.outcome import Result
from regulars.engine.reasons import Refused


def enrol_unknown(ledger: Ledger, event: Event) -> None:
    """Begin the membership of somebody of whom nothing is recorded yet."""
    if ledger.before.standing == "unknown":
        at = event.body.enrolled_at if isinstance(event.body, Absorb) else event.occurred_at
        ledger.add(Enrolled(at))
        ledger.add(Announced("member.created", {"channel": event.channel}))


def member_already(ledger: Ledger) -> Refused | None:
    """Return why somebody cannot join, if they are a member already."""
    if ledger.before.standing == "unknown":
        return None
    return Refused(code="already-a-member", detail={"member": str(ledger.before.member_id)})


def describe(ledger: Ledger, body: Enrol | Describe) -> None:
    """Change the member's attributes, and the lists that the member is on."""
    _describe(ledger, body.attributes)
    if isinstance(body, Describe):
        before = ledger.state().lists
        for name, on in body.lists.items():
            if on != (name in before):
                ledger.add(Listed(name, on))


def merge(ledger: Ledger, event: Event, body: Merge) -> Result | Refused:
    """Send everything the member has to another membership, and close this one."""
    before = ledger.before
    if body.into_member == before.member_id:
        return Refused(code="merge-into-itself")
    if ledger.holds():
        return Refused(code="merge-with-open-holds", detail={"holds": len(ledger.holds())})
    at = event.occurred_at
    parcels = parcels_of(ledger, at=at)
    wallets = ledger.state().wallets
    debts = {name: wallet.debt for name, wallet in wallets.items() if wallet.debt}
    for name, debt in sorted(debts.items()):
        ledger.post(Posted(wallet=name, kind="transfer", source="transit", target="debt", amount=debt, at=at))
    absorbed = Absorb(
        from_member=before.member_id,
        parcels=parcels,
        debts=debts,
        counters=before.counters,
        attributes=before.attributes,
        enrolled_at=before.enrolled_at or at,
        active_until={name: wallet.active_until for name, wallet in wallets.items() if wallet.active_until is not None},
        days=before.days,
        tiers=before.tiers,
    )
    ledger.add(Sent(body.into_member, "member.absorbed", write(absorbed)))
    ledger.add(MergedInto(body.into_member))
    ledger.add(Announced("member.merged", {"into": str(body.into_member)}))
    return Result()


def absorb(ledger: Ledger, event: Event, body: Absorb) -> Result:
    """Take over all that another membership of the same person had.

    Counters add up, so that limits and visits hold over both; the later activity counts; an attribute that is
    known here stays.
    """
    at = event.occurred_at
    for name, until in sorted(body.active_until.items()):
        stay_active(ledger, name, until, at=at)
    unpack(ledger, body.parcels, at=at)
    for name, debt in sorted(body.debts.items()):
        ledger.post(Posted(wallet=name, kind="receive", source="debt", target="transit", amount=debt, at=at))
        ledger.repay_all(name, at)
    ledger.count(Counted(name=name, by=value, until=until_of(name)) for name, value in sorted(body.counters.items()))
    days.absorb(ledger, body.days)
    known = ledger.before.attributes
    _describe(ledger, {name: value for name, value in body.attributes.items() if name not in known})
    _begin_earlier(ledger, body.enrolled_at)
    return Result()


def _begin_earlier(ledger: Ledger, at: datetime) -> None:
    enrolled_at = ledger.state().enrolled_at
    if enrolled_at is not None and at < enrolled_at:
        ledger.add(Enrolled(at))


def _describe(ledger: Ledger, attributes: dict[str, Scalar]) -> None:
    for name, value in attributes.items():
        ledger.add(Described(name, value))
