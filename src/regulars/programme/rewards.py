"""A reward must be there to be had: what it names exists, its time is open, its lines and its wallets make sense."""

from collections.abc import Iterator, Sequence

from msgspec import structs

from regulars.engine.programme import Scope
from regulars.engine.rewards import Reward
from regulars.programme.audiences import check_audience, check_schedule
from regulars.programme.document import Document
from regulars.programme.problems import Finding, Path
from regulars.programme.rules import Names, check_limits, check_window, known


def check_rewards(document: Document, names: Names) -> Iterator[Finding]:
    """Yield what keeps rewards from being had."""
    taken: dict[str, int] = {}
    for index, reward in enumerate(document.rewards):
        path: Path = ("rewards", index)
        if taken.setdefault(reward.id, index) != index:
            message = f"the id {reward.id!r} is taken by an earlier reward"
            yield Finding(path=(*path, "id"), message=message, hint="Every reward has an id of its own.")
        yield from _check_names(reward, path, names, document)
        yield from check_window("reward", reward.starts_at, reward.ends_at, path)
        yield from _check_end(reward, path)
        yield from check_limits(reward.limits, (*path, "limits"))
        yield from check_audience(reward.audience, (*path, "audience"), document)
        yield from check_schedule(reward.drops, (*path, "drops"), document, reward.starts_at)
        yield from _check_wallets(reward, path, document)
        yield from _check_scope(reward, path)


def _check_names(reward: Reward, path: Path, names: Names, document: Document) -> Iterator[Finding]:
    yield from known(reward.wallet, (*path, "wallet"), "wallet", names.wallets)
    for field in ("channels", "shops"):
        there: Sequence[str] = getattr(names, field)
        for index, name in enumerate(getattr(reward, field)):
            yield from known(name, (*path, field, index), field.removesuffix("s"), there)
    if (pool := reward.drawn_from()) is not None:
        yield from known(pool, (*path, "pool"), "pool", [*document.pools])


def _check_end(reward: Reward, path: Path) -> Iterator[Finding]:
    if reward.starts_at is None:
        return
    end = reward.end(reward.starts_at, "UTC")
    if end is not None and end <= reward.starts_at:
        message = "a voucher would be over before the reward can be had"
        yield Finding(path=(*path, "starts_at"), message=message, hint="Let it start earlier.")


def _check_wallets(reward: Reward, path: Path, document: Document) -> Iterator[Finding]:
    wallet = document.wallets.get(reward.wallet)
    costs = bool(reward.price) or reward.part_payment is not None
    if wallet is not None and costs and not reward.given_only and not wallet.spendable:
        message = f"nobody can pay for it: the wallet {reward.wallet!r} cannot be spent"
        yield Finding(path=(*path, "wallet"), message=message, hint="Name one that can, or let it cost nothing.")
    into = getattr(reward, "into", None)
    if isinstance(into, str):
        yield from known(into, (*path, "into"), "wallet", [*document.wallets])


def _check_scope(reward: Reward, path: Path) -> Iterator[Finding]:
    for field in structs.fields(reward):
        scope = getattr(reward, field.name)
        if isinstance(scope, Scope) and scope.named and set(scope.named) <= set(scope.excepted):
            message = "everything named here is excepted again, so that no line is left"
            yield Finding(path=(*path, field.encode_name), message=message, hint="Name it once.")
