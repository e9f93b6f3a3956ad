"""The API against a second opinion on its books, through random lives of members that buy, pay, give and merge."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from regulars.ops.postgres import Server
from tests.counts import count
from tests.web.calling import Json, purchase
from tests.web.conftest import LONG_AGO
from tests.web.installation import Installation, Sent
from tests.web.second_opinion import Book, Books, Bought, Spent

PROGRAMME = """\
id: corner
timezone: Europe/Paris
currency: EUR
channels: {web: {}, shop: {}}
wallets: {points: {expiry: {kind: never}}}
policies: {rounding_level: line}
rules: [{id: base, type: spend, points: 1, per_minor: 100}]
"""
AMOUNTS = st.integers(1, 60)
PIECES = 3

Held = tuple[str, str]
"""Whose hold it is, and its id."""


class ApiMachine(RuleBasedStateMachine):
    """Tells an API of its own and the books the same story, and compares what they think of it."""

    members: Bundle[str] = Bundle("members")
    orders: Bundle[str] = Bundle("orders")
    spends: Bundle[str] = Bundle("spends")
    holds: Bundle[Held] = Bundle("holds")

    def __init__(self, shop: Installation) -> None:
        super().__init__()
        self.shop = shop
        self.books = Books()
        self.sent: list[Sent] = []
        self.told: list[Sent] = []

    def teardown(self) -> None:
        """Let everything arrive; nothing may have been lost on the way, and no promise broken."""
        self.deliver()
        self.the_balances_agree()
        self.shop.close()

    def ask(self, path: str, body: Json, *, refused: str | None = None) -> Json:
        """Send something that is welcome, or is refused with a code; a second has passed since the last call."""
        self.wait(timedelta(seconds=1))
        call = self.shop.send(path, body)
        answer: Json = msgspec.json.decode(call.content)
        assert answer.get("code") == refused, answer
        self.sent.append(call)
        if "source_id" in body and refused is None:
            self.told.append(call)
        return answer

    def wait(self, span: timedelta) -> None:
        """Let time pass."""
        self.shop.clock.forward(seconds=span.total_seconds())
        self.books.advance(self.shop.clock.at)

    def short_of(self, member: str, amount: int) -> str | None:
        """The code of the refusal if a member has less than that."""
        # The second that passes before the call is asked may free a hold.
        self.wait(timedelta(seconds=1))
        return "insufficient-points" if self.books.book(member).points < amount else None

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.wait(timedelta(hours=hours))

    @initialize(target=members)
    def enrol_two(self) -> MultipleResults[str]:
        return multiple(self.enrol_one(), self.enrol_one())

    @rule(target=members)
    def enrol(self) -> str:
        return self.enrol_one()

    def enrol_one(self) -> str:
        email = f"m{len(self.books.members)}@example.com"
        member = str(self.ask("/v1/members", {"email": email})["member"])
        self.ask("/v1/members", {"email": email}, refused="already-a-member")
        self.books.members[member] = Book()
        return member

    @rule(target=orders, member=members, first=st.integers(0, 9_999), second=st.integers(0, 9_999))
    def buy(self, member: str, first: int, second: int) -> str:
        id = f"A{len(self.books.orders)}"
        self.ask("/v1/events", _purchase(id, member, first, second))
        self.books.orders[id] = Bought(
            buyer=member, amounts=(first, second), points={"1": first // 100, "2": second // 100}, pieces=PIECES
        )
        self.books.book(member).points += first // 100 + second // 100
        return id

    @rule(order=orders, member=members)
    def another_source_tells_of_the_order(self, order: str, member: str) -> None:
        bought = self.books.orders[order]
        other = _purchase(order, member, *bought.amounts) | {"source": "webshop"}
        mine = self.books.survivor(bought.buyer) == self.books.survivor(member)
        self.ask("/v1/events", other, refused=None if mine else "order-of-another-member")

    @rule(order=orders, line=st.sampled_from(["1", "2"]), pieces=st.integers(1, PIECES))
    def give_back(self, order: str, line: str, pieces: int) -> None:
        bought = self.books.orders[order]
        body = {"source": "till", "source_id": f"r{len(self.sent)}",
                "lines": [{"id": line, "quantity_milli": pieces * 1000}]}  # fmt: skip
        many = pieces > bought.left(line)
        self.ask(f"/v1/orders/{order}/returns", body, refused="returned-more-than-bought" if many else None)
        if not many:
            before = bought.reversed()
            bought.back[line] = bought.back.get(line, 0) + pieces
            self.books.book(bought.buyer).points -= bought.reversed() - before

    @rule(target=spends, member=members, amount=AMOUNTS)
    def spend(self, member: str, amount: int) -> str | MultipleResults[str]:
        refused = self.short_of(member, amount)
        answer = self.ask(f"/v1/members/{member}/spends", {"wallet": "points", "amount": amount}, refused=refused)
        if refused is not None:
            return multiple()
        self.books.book(member).points -= amount
        return self.remember(member, amount, answer)

    def remember(self, member: str, amount: int, answer: Json) -> str:
        self.books.spends[answer["event"]] = Spent(self.books.survivor(member), amount)
        return str(answer["event"])

    @rule(id=spends)
    def restore(self, id: str) -> None:
        spent = self.books.spends[id]
        refused = "spend-already-restored" if spent.restored else None
        self.ask(f"/v1/spends/{id}/restore", {"member": spent.member}, refused=refused)
        if refused is None:
            self.books.book(spent.member).points += spent.amount
            spent.restored = True

    @rule(target=holds, member=members, amount=AMOUNTS, hours=st.integers(1, 100))
    def hold(self, member: str, amount: int, hours: int) -> Held | MultipleResults[Held]:
        refused = self.short_of(member, amount)
        until = self.shop.clock.at + timedelta(hours=hours)
        body = {"wallet": "points", "amount": amount, "expires_at": until.isoformat()}
        answer = self.ask(f"/v1/members/{member}/holds", body, refused=refused)
        if refused is not None:
            return multiple()
        book = self.books.book(member)
        book.points -= amount
        book.holds[answer["hold"]] = (amount, until)
        return self.books.survivor(member), answer["hold"]

    @rule(target=spends, held=holds, amount=st.none() | AMOUNTS)
    def capture(self, held: Held, amount: int | None) -> str | MultipleResults[str]:
        member, id = held
        self.wait(timedelta(seconds=1))
        book = self.books.book(member)
        whole, _ = book.holds.get(id, (0, None))
        refused = "hold-not-open" if not whole else "captured-more-than-held" if (amount or 0) > whole else None
        answer = self.ask(f"/v1/holds/{id}/capture", {"member": member, "amount": amount}, refused=refused)
        if refused is not None:
            return multiple()
        used = amount or book.holds[id][0]
        book.let_go(id)
        book.points -= used
        return self.remember(member, used, answer)

    @rule(held=holds)
    def release(self, held: Held) -> None:
        member, id = held
        self.wait(timedelta(seconds=1))
        book = self.books.book(member)
        open = id in book.holds
        self.ask(f"/v1/holds/{id}/release", {"member": member}, refused=None if open else "hold-not-open")
        if open:
            book.let_go(id)

    @rule(member=members, amount=st.integers(-40, 40).filter(bool))
    def adjust(self, member: str, amount: int) -> None:
        refused = self.short_of(member, -amount) if amount < 0 else None
        body = {"wallet": "points", "amount": amount, "reason": "goodwill"}
        self.ask(f"/v1/members/{member}/adjustments", body, refused=refused)
        if refused is None:
            self.books.book(member).points += amount

    @rule(member=members, to=members, amount=AMOUNTS)
    def transfer(self, member: str, to: str, amount: int) -> None:
        refused = self.short_of(member, amount)
        if to == self.books.survivor(member):
            refused = "transfer-to-oneself"
        self.ask(f"/v1/members/{member}/transfers", {"wallet": "points", "amount": amount, "to": to}, refused=refused)
        if refused is None:
            self.books.book(member).points -= amount
            self.books.gifts.append((to, amount))

    @rule(one=members, other=members)
    def merge(self, one: str, other: str) -> None:
        self.wait(timedelta(seconds=1))
        into, closing = sorted((self.books.survivor(one), self.books.survivor(other)))
        refused = "merge-with-open-holds" if self.books.members[closing].holds else None
        if into == closing:
            refused = "merge-into-itself"
        self.ask(f"/v1/members/{one}/merge", {"other": other}, refused=refused)
        if refused is None:
            self.books.merge(closing, into)

    @rule()
    def deliver(self) -> None:
        self.shop.deliver()
        self.books.deliver()

    @rule()
    def sweep(self) -> None:
        self.shop.sweep(LONG_AGO)

    @rule(data=st.data())
    def the_same_call_comes_again(self, data: st.DataObject) -> None:
        before = data.draw(st.sampled_from(self.sent))

        again = self.shop.send(before.path, before.body, key=before.key)

        assert again == before

    @rule(data=st.data())
    def the_source_tells_it_again_under_another_key(self, data: st.DataObject) -> None:
        if self.told:
            before = data.draw(st.sampled_from(self.told))

            again = self.shop.send(before.path, before.body)

            assert (again.status, again.content) == (before.status, before.content)

    @rule(data=st.data())
    def the_key_comes_with_something_else(self, data: st.DataObject) -> None:
        before = data.draw(st.sampled_from(self.sent))

        answer = self.shop.send("/v1/events", _purchase("another", "nobody", 1, 1), key=before.key)

        assert msgspec.json.decode(answer.content)["code"] == "idempotency-key-reused"

    @invariant()
    def the_balances_agree(self) -> None:
        found = {member: self.shop.balance(member) for member in self.books.members}

        assert found == {member: book.shown() for member, book in self.books.members.items()}


def _purchase(id: str, member: str, *amounts: int) -> Json:
    lines = [
        {"id": str(number), "product": "soap", "amount_minor": amount, "quantity_milli": PIECES * 1000}
        for number, amount in enumerate(amounts, start=1)
    ]
    return purchase(id, member={"id": member}, order={"id": id, "currency": "EUR", "lines": lines})


@pytest.mark.chaos
def test_any_life_over_http_agrees_with_a_second_opinion(postgres: Server, migrated_template: str) -> None:
    lives = settings(
        max_examples=count(8, full=200),
        stateful_step_count=40,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )

    class Machine(ApiMachine):
        def __init__(self) -> None:
            super().__init__(Installation(postgres, migrated_template, PROGRAMME))

    run_state_machine_as_test(Machine, settings=lives)
