"""The API against its own specification: no 5xx, no undocumented answer, whatever is sent."""

import asyncio
import re
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection

from regulars.actions import keys, programmes
from regulars.actions.memory import Memory
from regulars.db.sealing import Keyring
from regulars.ops.postgres import Server
from regulars.web.app import create_app
from regulars.web.scopes import SCOPES
from regulars.web.settings import WebSettings
from tests.counts import count
from tests.web.conftest import LONG_AGO, PROGRAMME
from tests.web.test_openapi import GOLDEN

pytestmark = pytest.mark.chaos

KEYRING = Keyring(b"0123456789abcdef0123456789abcdef")
REFUSALS = ["2xx", "401", "403", "404", "409", "412", "422"]
EXAMPLES = count(20, full=500)
# Where a call is made only if an ETag still matches, that is looked at before the document is.
REJECTIONS = ["400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428", "429", "5xx"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": REFUSALS},
            "negative_data_rejection": {"expected-statuses": REJECTIONS},
        }
    }
)


class Served:
    """The application behind uvicorn in a thread, on a database of its own, with a key and a member."""

    def __init__(self, url: str) -> None:
        self.secret = asyncio.run(_prepared(url))
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        app = create_app(Memory(url, KEYRING), WebSettings(requests_per_second=10_000, wrong_codes_max=1_000_000))
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        self._ids: dict[str, str] = {}
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def __enter__(self) -> "Served":
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.http = httpx2.Client(base_url=self.address, headers={"Authorization": f"Bearer {self.secret}"})
        self.member = self._told("/v1/members", {"email": "ada@example.com"})["member"]
        wealth = {"wallet": "points", "amount": 10**9, "reason": "to play with"}
        self._told(f"/v1/members/{self.member}/adjustments", wealth)
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        self._server.should_exit = True
        self._thread.join(timeout=20)

    def _told(self, path: str, body: object) -> dict[str, Any]:
        answer = self.http.post(path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def ids(self, *, fresh: bool) -> dict[str, str]:
        """Return ids that lead somewhere, a fresh hold and a fresh spend among them where asked."""
        if self._ids and not fresh:
            return self._ids
        path = f"/v1/members/{self.member}"
        spent = self._told(f"{path}/spends", {"wallet": "points", "amount": 1})
        until = {"wallet": "points", "amount": 2, "expires_at": "2099-01-01T00:00:00Z"}
        held = self._told(f"{path}/holds", until)
        self._ids = {
            "member_id": self.member,
            "event_id": spent["event"],
            "decision_id": spent["decision"],
            "hold_id": held["hold"],
        }
        return self._ids


async def _prepared(url: str) -> str:
    memory = Memory(url, KEYRING)
    async with memory.pool.transaction() as connection:
        await programmes.apply(memory, connection, PROGRAMME, by="test", starts_at=LONG_AGO, now=LONG_AGO)
        made = await keys.create(connection, "corner", name="test", scopes=SCOPES, by="test", now=LONG_AGO)
    await memory.close()
    return made.secret


@pytest.fixture(scope="module")
def served(postgres: Server, migrated_template: str) -> Iterator[Served]:
    name = f"schemathesis_{uuid.uuid4().hex}"
    postgres.create_database(name, template=migrated_template)
    with Served(postgres.url(name)) as served:
        yield served
    postgres.drop_database(name)


_ID = re.compile("(mem|evt|dec|hld)_[0-9a-f]{32}")

# The committed file, so that every operation is a test of its own; another test holds it equal to what is served.
schema = schemathesis.openapi.from_path(GOLDEN, config=CONFIG)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_answers_as_documented(case: Case[Any], served: Served) -> None:
    _lead_somewhere(case, served)
    case.headers["Authorization"] = f"Bearer {served.secret}"
    if case.headers.get("Idempotency-Key"):
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
    response = case.call(base_url=served.address)
    # One bad event does not spoil its neighbours: a batch is welcome whatever its events are.
    excluded: list[CheckFunction] = [negative_data_rejection] if case.path == "/v1/events/batch" else []
    case.validate_response(response, excluded_checks=excluded)


def _lead_somewhere(case: Case[Any], served: Served) -> None:
    """Put ids that exist in the place of well-formed ids that lead nowhere."""
    if _ID.search(case.formatted_path):
        found = served.ids(fresh="hold" in case.path or "spend" in case.path)
        case.path_parameters = {name: found.get(name, text) for name, text in case.path_parameters.items()}
    if isinstance(case.body, dict) and _ID.fullmatch(str(case.body.get("member"))):
        case.body["member"] = served.member
