"""What an event, and the clock, do to a member's levels: up at once, down when their time is over."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

from msgspec.structs import replace

from regulars.engine.effects import Announced, TierKept
from regulars.engine.events import Absorb, Event, Merge, Return, Settle
from regulars.engine.forfeiting import left_by_return
from regulars.engine.ledger import Ledger
from regulars.engine.levels import later, steps
from regulars.engine.measures import Held, Needs
from regulars.engine.members import MemberState
from regulars.engine.outcome import TierChange
from regulars.engine.running import Running
from regulars.engine.standing import LevelKept, TierState, TierStep
from regulars.engine.tiers import Level, TierSet
from regulars.engine.welcoming import welcome
from regulars.engine.windows import Counted, reached
from regulars.engine.zones import EPOCH, local_date, midnight

By = Literal["enter", "reenter", "keep", "landing"]


def standing(running: Running, state: MemberState, at: datetime) -> dict[str, TierStep]:
    """Return where a member stands in each set of tiers at an instant, whether or not a sweeper has run."""
    return {tier_set.id: _at(tier_set, state, at) for tier_set in running.tiers}


def settle(running: Running, ledger: Ledger, event: Event) -> None:
    """Tell what the clock has done to the member's levels up to the time at which the event is recorded.

    Where the member stands follows from the steps that events led to; here it is only announced and written down.
    """
    at = max(event.occurred_at, event.recorded_at)
    _fall_silent(ledger, {name: tier for name, tier in ledger.before.tiers.items() if not _runs(running, name)})
    for tier_set in running.tiers:
        tier = ledger.before.tiers.get(tier_set.id)
        if tier is None or tier.next_at is None or tier.next_at > at:
            continue
        passed = [step for step in tier.steps if tier.since < step.since <= at]
        for step in passed:
            _announce(ledger, tier_set, tier.level, step)
            tier = _told(tier, step, step.since)
        if tier.next_at is not None and tier.next_at <= at:
            _warn(ledger, tier_set, tier)
            tier = replace(tier, next_at=tier.until)
        ledger.add(TierKept(tier_set.id, tier))


def requalify(running: Running, ledger: Ledger, event: Event) -> tuple[TierChange, ...]:
    """Let what an event counted raise and renew the member's levels, and return those that changed."""
    if not running.tiers or isinstance(event.body, Settle):
        return ()
    state = ledger.state()
    if isinstance(event.body, Merge):
        _fall_silent(ledger, state.tiers)
        return ()
    changes = (_requalify(running, ledger, event, state, tier_set) for tier_set in running.tiers)
    return tuple(change for change in changes if change is not None)


def counted_of(running: Running, state: MemberState, tier_set: TierSet, at: datetime) -> Counted:
    """Return what a set of tiers counts of a member at an instant."""
    wallets = {kind.wallet for kind in tier_set.measures.values() if isinstance(kind, Held)}
    balances = {wallet: state.balance(wallet, at) for wallet in wallets}
    return Counted(
        tier_set,
        state.days,
        {wallet: balance.available + balance.pending + balance.held for wallet, balance in balances.items()},
        enrolled_on=local_date(state.enrolled_at or at, running.timezone),
        zone_name=running.timezone,
        exclusive=running.policies.thresholds == "exclusive",
    )


def needs_of(tier_set: TierSet, place: int, *, current: int, best: int) -> tuple[tuple[Needs, ...], By]:
    """Return the needs one of which gives or keeps a level, for who stands at a place and once stood at the best."""
    level = tier_set.levels[place]
    if place <= current:
        return (level.keep or level.enter, level.enter), "keep"
    if place <= best and level.reenter is not None:
        return (level.reenter,), "reenter"
    return (level.enter,), "enter"


def counted_from(counted: Counted, known: LevelKept | None, at: datetime) -> date:
    """Return the day from which on things count for a level: ever, or again since it was lost."""
    if known is None or known.until is None or known.until > at:
        return date.min
    return local_date(known.until, counted.zone_name)


def _runs(running: Running, name: str) -> bool:
    return any(tier_set.id == name for tier_set in running.tiers)


def _fall_silent(ledger: Ledger, tiers: Mapping[str, TierState]) -> None:
    """Let the clock tell nothing more of sets that are no more, or of a membership that is over."""
    for name, tier in sorted(tiers.items()):
        if tier.next_at is not None:
            ledger.add(TierKept(name, replace(tier, next_at=None)))


def _at(tier_set: TierSet, state: MemberState, at: datetime) -> TierStep:
    tier = state.tiers.get(tier_set.id)
    step = tier.at(at) if tier is not None else None
    return step or TierStep(level=tier_set.base, since=state.enrolled_at or EPOCH)


def _requalify(
    running: Running, ledger: Ledger, event: Event, state: MemberState, tier_set: TierSet
) -> TierChange | None:
    before = state.tiers.get(tier_set.id) or TierState(level=tier_set.base, since=state.enrolled_at or EPOCH)
    at = event.occurred_at
    counted = counted_of(running, state, tier_set, at)
    step = _at(tier_set, state, at)
    kept = _known(tier_set, before, step)
    match event.body:
        case Return(order_id=order_id):
            kept = left_by_return(counted, kept, state, order_id, at)
        case body:
            if isinstance(body, Absorb) and tier_set.id in body.tiers:
                kept = _both(kept, _still_there(tier_set, body.tiers[tier_set.id]))
            _raise(counted, kept, at, local_date(at, running.zone_of(event)), current=tier_set.place(step.level))
    planned = steps(counted, kept, before.steps, at)
    if kept == before.kept and planned == before.steps:
        return None
    now = max(at, event.recorded_at)
    best = max(kept, key=tier_set.place, default="")
    after = replace(before, best=best, steps=planned, kept=kept)
    reached_now = after.at(now)
    assert reached_now is not None, "steps begin with what has happened"
    after = _told(after, reached_now, now)
    ledger.add(TierKept(tier_set.id, after))
    entered = _at(tier_set, ledger.state(), at).level
    if tier_set.place(entered) > tier_set.place(step.level):
        welcome(running, ledger, event, tier_set, entered)
    return _change(ledger, tier_set, before, reached_now)


def _still_there(tier_set: TierSet, tier: TierState) -> dict[str, LevelKept]:
    return {id: one for id, one in tier.kept.items() if id in tier_set.by_id}


def _known(tier_set: TierSet, before: TierState, step: TierStep) -> dict[str, LevelKept]:
    """The levels that are kept, and the one to which the member fell, of those that the set still has."""
    kept = _still_there(tier_set, before)
    if step.level not in tier_set.by_id or step.level == tier_set.base:
        return kept
    known = kept.get(step.level)
    if known is None or known.since > step.since or later(step.until, known.until):
        kept[step.level] = LevelKept(since=step.since, until=step.until, by="landing")
    return kept


def _both(one: dict[str, LevelKept], other: dict[str, LevelKept]) -> dict[str, LevelKept]:
    """The levels that two memberships of a person kept, each until the later end."""
    return {id: _longer(one.get(id), other.get(id)) for id in (*one, *(id for id in other if id not in one))}


def _longer(one: LevelKept | None, other: LevelKept | None) -> LevelKept:
    if one is None or (other is not None and later(other.until, one.until)):
        one, other = other, one
    assert one is not None, "one of the two is kept"
    if other is None or later(one.since, other.until) or one.since <= other.since:
        return one
    return replace(one, since=other.since)


def _raise(counted: Counted, kept: dict[str, LevelKept], at: datetime, day: date, *, current: int) -> None:
    tier_set = counted.tier_set
    best = max(map(tier_set.place, kept), default=-1)
    for place, level in enumerate(tier_set.levels):
        if level.enter.nothing:
            continue
        known = kept.get(level.id)
        needs, by = needs_of(tier_set, place, current=current, best=best)
        found = reached(counted, needs, _keep(level), day, counted_from=counted_from(counted, known, at))
        if found is not None:
            since = at if found.day <= day else midnight(found.day, counted.zone_name)
            until = None if level.never_down else found.until
            kept[level.id] = _extended(tier_set, known, LevelKept(since=since, until=until, by=by))


def _keep(level: Level) -> Sequence[Needs]:
    return (level.keep or level.enter,)


def _extended(tier_set: TierSet, known: LevelKept | None, new: LevelKept) -> LevelKept:
    if known is None:
        return new
    if not later(new.until, known.until):
        return known
    assert known.until is not None, "nothing ends later than what never ends"
    if known.until < new.since:
        return new
    by = new.by if tier_set.cyclic or known.by == "landing" else known.by
    return LevelKept(since=min(known.since, new.since), until=new.until, by=by)


def _told(tier: TierState, step: TierStep, now: datetime) -> TierState:
    """What the clock has told of the level that the member stands at now, and when it has something to tell again."""
    warned = tier.level == step.level and tier.next_at is not None and tier.next_at == tier.until
    silent = step.warn_at is None or (warned and step.warn_at <= now)
    next_at = step.until if silent else step.warn_at
    return replace(tier, level=step.level, since=step.since, until=step.until, next_at=next_at)


def _warn(ledger: Ledger, tier_set: TierSet, tier: TierState) -> None:
    assert tier.until is not None, "only what ends is warned of"
    falls_to = tier.at(tier.until)
    data: dict[str, object] = {
        "tier_set": tier_set.id, "level": tier.level, "until": tier.until, "to": falls_to.level if falls_to else "",
    }  # fmt: skip
    ledger.add(Announced("member.tier.will_downgrade", data))


def _announce(ledger: Ledger, tier_set: TierSet, left: str, step: TierStep) -> TierChange:
    up = tier_set.place(step.level) > tier_set.place(left)
    change = TierChange(tier_set=tier_set.id, level=step.level, before=left, until=step.until)
    data: dict[str, object] = {"tier_set": tier_set.id, "level": step.level, "from": left, "until": step.until}
    ledger.add(Announced("member.tier.upgraded" if up else "member.tier.downgraded", data))
    return change


def _change(ledger: Ledger, tier_set: TierSet, before: TierState, step: TierStep) -> TierChange | None:
    if step.level != before.level:
        return _announce(ledger, tier_set, before.level, step)
    if tier_set.cyclic and before.until is not None and later(step.until, before.until):
        data: dict[str, object] = {"tier_set": tier_set.id, "level": step.level, "until": step.until}
        ledger.add(Announced("member.tier.renewed", data))
        return TierChange(tier_set=tier_set.id, level=step.level, before=step.level, until=step.until)
    return None
