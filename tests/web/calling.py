"""Short words for what tests ask of the API."""

from itertools import count
from typing import Any

import httpx2

Json = dict[str, Any]


class Api:
    """A client with an API key. What changes something gets a fresh Idempotency-Key, unless one is given."""

    def __init__(self, http: httpx2.AsyncClient, secret: str | None) -> None:
        self.http = http
        self.secret = secret
        self._keys = count(1)

    def using(self, secret: str | None) -> "Api":
        """Return the same client with another API key, or none."""
        return Api(self.http, secret)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        content: bytes | None = None,
        **headers: str,
    ) -> httpx2.Response:
        """Send a request; `headers` are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.secret is not None:
            sent["Authorization"] = f"Bearer {self.secret}"
        if key is not None:
            sent["Idempotency-Key"] = key
        if content is not None:
            return await self.http.request(method, path, content=content, headers=sent)
        return await self.http.request(method, path, json=body, headers=sent)

    async def get(self, path: str, *, language: str = "en") -> httpx2.Response:
        return await self.call("GET", path, accept_language=language)

    async def post(self, path: str, body: Any, *, key: str | None = None, language: str = "en") -> httpx2.Response:
        return await self.call("POST", path, body, key=key or f"key-{next(self._keys)}", accept_language=language)

    async def good(self, path: str, body: Any, *, key: str | None = None) -> Json:
        """Post something that must be welcome, and return the answer."""
        answer = await self.post(path, body, key=key)
        assert answer.status_code in (200, 201), answer.text
        found: Json = answer.json()
        return found

    async def read(self, path: str, *, language: str = "en") -> Json:
        """Get something that must be there."""
        answer = await self.get(path, language=language)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def member(self, email: str = "ada@example.com", **more: Any) -> str:
        """Enrol somebody and return the id."""
        return str((await self.good("/v1/members", {"email": email, **more}))["member"])

    async def member_with(self, points: int, email: str = "ada@example.com") -> str:
        """Enrol somebody who has points, and return the id."""
        member = await self.member(email)
        body = {"wallet": "points", "amount": points, "reason": "to begin with"}
        await self.good(f"/v1/members/{member}/adjustments", body)
        return member

    async def points(self, member: str) -> int:
        """Return what a member can spend."""
        return int((await self.read(f"/v1/members/{member}/balances"))["balances"]["points"]["available"])


def purchase(order_id: str = "order-1", amount_minor: int = 1000, **more: Any) -> Json:
    """Return a purchase as a source tells it."""
    return {
        "type": "purchase",
        "source": "till",
        "source_id": order_id,
        "member": {"email": "ada@example.com"},
        "channel": "shop",
        "order": {
            "id": order_id,
            "currency": "EUR",
            "lines": [{"id": "1", "product": "soap", "amount_minor": amount_minor, "quantity_milli": 2000}],
        },
        **more,
    }
