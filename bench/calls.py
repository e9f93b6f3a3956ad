"""The calls that are made of the API: purchases of ten lines by members who show their card, as raw HTTP."""

import random
from collections.abc import Iterator, Sequence

import msgspec

from bench import world
from regulars.connectors.incoming import MemberReference
from regulars.engine.ids import external

_HEAD = (
    "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {secret}\r\n"
    "Content-Type: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: {length}\r\n\r\n"
)
_BASKETS = 500


def by_card(member: int) -> MemberReference:
    """Name a member as a till does."""
    return MemberReference(external_id=f"card-{member}")


def by_id(member: int) -> MemberReference:
    """Name a member by our own id."""
    return MemberReference(id=external("mem", world.member_id(member)))


class Purchases:
    """An endless supply of purchases, no two alike; `run` keeps those of different runs apart."""

    def __init__(self, run: str, members: Sequence[MemberReference]) -> None:
        self._draw = random.Random(run)
        self._run = run
        self._members = [msgspec.json.encode(member).decode() for member in members]
        orders = [world.order(number, self._draw) for number in range(_BASKETS)]
        self._lines = [msgspec.json.encode(order.lines).decode() for order in orders]
        self._number = 0

    def event(self) -> str:
        """Return the next one as JSON."""
        draw = self._draw
        self._number += 1
        id = f"{self._run}-{self._number}"
        member, channel, lines = draw.choice(self._members), draw.choice(world.CHANNELS), draw.choice(self._lines)
        at = f"{world.NOON:%Y-%m-%d}T{12 + self._number // 60 % 10}:{self._number % 60:02}:00Z"
        return (
            f'{{"type":"purchase","source":"till","source_id":"{id}","member":{member},'
            f'"occurred_at":"{at}","channel":"{channel}","order":{{"id":"{id}","currency":"EUR","lines":{lines}}}}}'
        )

    def calls(self, secret: str, *, batch: int = 0) -> Iterator[bytes]:
        """Yield calls of one event each, or of so many."""
        path = "/v1/events/batch" if batch else "/v1/events"
        while True:
            events = ",".join([self.event() for _ in range(batch or 1)])
            body = f'{{"events":[{events}]}}' if batch else events
            key = f"{self._run}-{self._number}"
            yield _HEAD.format(path=path, secret=secret, key=key, length=len(body)).encode() + body.encode()


class Redemptions:
    """An endless supply of rewards taken and used with one tap, by members who have points enough."""

    def __init__(self, run: str, members: Sequence[MemberReference], reward: str) -> None:
        self._draw = random.Random(run)
        self._run = run
        self._members = [str(member.id) for member in members]
        self._reward = reward
        self._number = 0

    def calls(self, secret: str, *, batch: int = 0) -> Iterator[bytes]:
        """Yield calls of one reward each."""
        assert not batch, "rewards are taken one by one"
        while True:
            self._number += 1
            path = f"/v1/members/{self._draw.choice(self._members)}/vouchers"
            body = f'{{"reward":"{self._reward}","redeem":true,"channel":"shop"}}'
            key = f"{self._run}-{self._number}"
            yield _HEAD.format(path=path, secret=secret, key=key, length=len(body)).encode() + body.encode()
