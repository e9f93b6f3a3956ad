"""Whatever three members do, in whatever order, …"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from regulars.engine.decide import Decision, decide
from regulars.engine.effects import Posted
from regulars.engine.evolve import evolve
from regulars.engine.explain import explain
from regulars.engine.members import MemberState, quiet_until
from regulars.engine.points import Lot
from regulars.engine.reasons import Refused
from regulars.engine.running import Running
from tests.engine.books import check_books, check_debts, check_sweeper_unneeded, settled
from tests.engine.worlds import PEOPLE, WITH_MERGES, Move, World, moves, programmes

DELIVER = Move("deliver", who=0, hours=0, a=0, b=0)


@given(programmes(), moves(*WITH_MERGES))
def test_lots_holds_and_debts_are_what_the_postings_say(programme: Running, life: list[Move]) -> None:
    world = World(programme)
    for move in life:
        made = world.make(move)
        decision = world.decide(made)
        if isinstance(decision, Decision):
            world.happen(decision)
            after = world.states[made.member_id]
            check_books(after, world.sums[made.member_id])
            check_debts(after, made.occurred_at)


@given(programmes(), moves(*WITH_MERGES))
def test_a_sweeper_that_never_sleeps_changes_nothing_of_late_events_either(
    programme: Running, life: list[Move]
) -> None:
    alone, swept = World(programme), World(programme)
    for move in life:
        made = alone.make(move)
        told = swept.make(move)
        swept.states = {id: settled(state, made.recorded_at) for id, state in swept.states.items()}
        decision, other = alone.decide(made), swept.decide(told)
        if isinstance(decision, Refused) or isinstance(other, Refused):
            assert decision == other
            continue
        assert decision.balances == other.balances
        alone.happen(decision)
        swept.happen(other)
        for at in (made.recorded_at + timedelta(days=days) for days in (0, 2, 5, 40)):
            for id in PEOPLE:
                names = programme.wallets
                assert alone.states[id].balances(names, at) == swept.states[id].balances(names, at)


@given(programmes(), moves(*WITH_MERGES))
def test_it_is_quiet_for_as_long_as_is_carried_along(programme: Running, life: list[Move]) -> None:
    for _, _, decision in World(programme).live(life):
        if isinstance(decision, Decision):
            after = decision.after
            assert after.quiet_until <= quiet_until(after.lots, after.wallets)


@given(programmes(), moves(*WITH_MERGES))
def test_the_effects_lead_from_the_state_before_to_the_state_after(programme: Running, life: list[Move]) -> None:
    for _, before, decision in World(programme).live(life):
        if isinstance(decision, Decision):
            assert evolve(before, decision.effects) == decision.after
            assert decision.after.version == before.version + 1


@given(programmes(), moves(*WITH_MERGES))
def test_deciding_twice_gives_the_same_to_the_last_id(programme: Running, life: list[Move]) -> None:
    for made, before, decision in World(programme).live(life):
        assert decide(programme, before, made) == decision


@given(programmes(), moves(*WITH_MERGES))
def test_a_decision_leaves_the_state_it_was_given_as_it_was(programme: Running, life: list[Move]) -> None:
    world = World(programme)
    for move in life:
        made = world.make(move)
        before = world.states[made.member_id]
        text = repr(before)
        decision = world.decide(made)
        assert repr(before) == text
        if isinstance(decision, Decision):
            world.happen(decision)


@given(programmes(), moves(*WITH_MERGES), st.lists(st.integers(0, 400), min_size=1, max_size=4))
def test_no_balance_depends_on_whether_the_sweeper_came_by(
    programme: Running, life: list[Move], hours: list[int]
) -> None:
    world = World(programme)
    world.live(life)
    for state in world.states.values():
        for later in hours:
            check_sweeper_unneeded(state, programme.wallets, world.now + timedelta(hours=later))


@given(programmes(), moves(*WITH_MERGES), st.lists(st.integers(0, 400), min_size=2, max_size=5))
def test_settling_twice_or_in_steps_is_settling_once(programme: Running, life: list[Move], hours: list[int]) -> None:
    world = World(programme)
    world.live(life)
    for state in world.states.values():
        stepped = state
        for later in sorted(hours):
            stepped = settled(stepped, world.now + timedelta(hours=later))
        once = settled(state, world.now + timedelta(hours=max(hours)))
        assert stepped == once
        assert settled(once, world.now + timedelta(hours=max(hours))) == once


@given(programmes(), moves(*WITH_MERGES), st.integers(0, 25))
def test_a_log_folded_in_two_halves_is_the_log_folded_in_one(programme: Running, life: list[Move], cut: int) -> None:
    world = World(programme)
    start = dict(world.states)
    told = [decision for _, _, decision in world.live(life) if isinstance(decision, Decision)]

    assert _fold(_fold(start, told[:cut]), told[cut:]) == _fold(start, told) == world.states


def _fold(states: dict[UUID, MemberState], told: list[Decision]) -> dict[UUID, MemberState]:
    states = dict(states)
    for decision in told:
        who = decision.after.member_id
        states[who] = evolve(states[who], decision.effects)
    return states


@given(programmes(), moves(*WITH_MERGES))
def test_points_on_the_way_arrive_all_of_them(programme: Running, life: list[Move]) -> None:
    world = World(programme)
    world.live(life)

    world.live([DELIVER] * len(world.sent))

    for wallet in programme.wallets:
        assert not world.sent
        assert sum(sums[wallet, "transit"] for sums in world.sums.values()) == 0


@given(programmes(), moves(*WITH_MERGES))
def test_what_members_have_is_what_was_given_out_and_neither_used_nor_lost(
    programme: Running, life: list[Move]
) -> None:
    world = World(programme)
    world.live(life)
    world.live([DELIVER] * len(world.sent))

    for wallet in programme.wallets:
        outside = ("issued", "spent", "expired", "adjusted")
        given_out = -sum(sums[wallet, account] for sums in world.sums.values() for account in outside)
        assert world.total(wallet) == given_out


@given(programmes(), moves(*WITH_MERGES), st.integers(1, 60))
def test_no_lot_is_used_while_one_that_ends_sooner_has_points(
    programme: Running, life: list[Move], amount: int
) -> None:
    world = World(programme)
    told = world.live(life)
    told += world.live([Move("spend", who, 1, amount, 0) for who in range(len(PEOPLE))])
    for made, before, decision in told:
        if isinstance(decision, Decision) and made.type in ("points.spent", "points.held", "points.transferred"):
            _check_order_of_use(settled(before, made.occurred_at), decision, made.occurred_at)


def _check_order_of_use(ready: MemberState, decision: Decision, at: datetime) -> None:
    used: Counter[UUID] = Counter()
    for effect in decision.effects:
        if isinstance(effect, Posted) and effect.kind in ("spend", "hold", "transfer") and effect.lot_id is not None:
            used[effect.lot_id] += effect.amount
    could = [lot for lot in ready.lots if lot.free and lot.available_at <= at < _end(ready, lot)]
    for lot in could:
        for other in could:
            if used[lot.id] and used[other.id] < other.free and other.wallet == lot.wallet and other.id != lot.id:
                assert _end(ready, lot) <= _end(ready, other)


def _end(state: MemberState, lot: Lot) -> datetime:
    return state.expiry_of(lot) or datetime.max.replace(tzinfo=UTC)


@given(programmes(), moves(*WITH_MERGES))
def test_an_explanation_holds_the_numbers_of_the_decision(programme: Running, life: list[Move]) -> None:
    for made, before, decision in World(programme).live(life):
        if isinstance(decision, Decision):
            explained = explain(programme, before, made)
            assert [outcome.rule for outcome in explained] == [rule.id for rule in programme.rules]
            assert [one for one in explained if one.value or one.desired_value] == list(decision.result.outcomes)
            assert all(outcome.applied or outcome.reasons for outcome in explained)
