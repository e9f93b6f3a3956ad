from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from regulars.engine import mail
from regulars.engine.events import Purchase
from tests.ops.shell import PROGRAMME, applied, regulars

EVENTS = 25


@pytest.fixture
def exported(shop: Path) -> Path:
    """Export a programme with 25 purchases of five members, and return the folder."""
    applied(shop)
    applied(shop, PROGRAMME.replace("points: 1,", "points: 2,"), since="2026-06-01")
    regulars("keys", "create", "till", "--scope", "all")
    lines = [
        {
            "type": "purchase",
            "source": "till",
            "source_id": f"r-{number}",
            "member": {"email": f"member-{number % 5}@example.com"},
            "occurred_at": f"2026-{1 + number % 9:02}-01T10:00:00Z",
            "order": {
                "id": f"o-{number}",
                "currency": "EUR",
                "lines": [{"id": "1", "product": "tea", "amount_minor": 1000 + number}],
            },
        }
        for number in range(EVENTS)
    ]
    path = shop / "till.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    imported = regulars("import", path)
    assert imported.status == 0, imported.err
    folder = shop / "export"
    ran = regulars("export", folder)
    assert ran.status == 0, ran.err
    return folder


def lines_of(folder: Path, part: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()]


def test_an_export_has_everything_that_happened(exported: Path) -> None:
    told = lines_of(exported, "events")

    assert {one["source_id"] for one in told} == {f"r-{number}" for number in range(EVENTS)}
    assert Counter(one["programme_version"] for one in told) == {1: 15, 2: 10}
    for one in told:
        body = mail.read(msgspec.json.encode(one["body"]).decode())
        assert isinstance(body, Purchase)
        assert body.order.id == one["source_id"].replace("r", "o")
        assert json.loads(one["answer"])["event"] == one["event"]


def test_members_events_come_in_the_order_in_which_they_were_decided(exported: Path) -> None:
    versions: dict[str, list[int]] = {}
    for one in lines_of(exported, "events"):
        versions.setdefault(one["member"], []).append(one["member_version"])

    assert len(versions) == 5
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())


def test_an_export_has_every_version_word_for_word(exported: Path) -> None:
    versions = lines_of(exported, "versions")

    assert [one["version"] for one in versions] == [1, 2]
    assert versions[0]["document"] == PROGRAMME
    assert versions[0]["sha256"] == sha256(PROGRAMME.encode()).hexdigest()


def test_an_export_names_who_did_what(exported: Path) -> None:
    assert [one["action"] for one in lines_of(exported, "audit")] == [
        "programme.applied",
        "programme.applied",
        "key.created",
    ]


def test_identities_lead_to_members_and_stay_sealed(exported: Path) -> None:
    identities = lines_of(exported, "identities")
    contacts = lines_of(exported, "contacts")

    assert len(identities) == len(contacts) == len(lines_of(exported, "profiles")) == 5
    assert {one["member"] for one in identities} == {one["member"] for one in lines_of(exported, "events")}
    assert {one["key_hash"] for one in identities} == {one["key_hash"] for one in contacts}
    assert not [path.name for path in exported.iterdir() if b"example.com" in path.read_bytes()]


def test_the_manifest_counts_the_lines_and_their_bytes(exported: Path) -> None:
    manifest = json.loads((exported / "manifest.json").read_bytes())

    assert (manifest["format"], manifest["version"]) == ("regulars-export", 1)
    assert {one["file"] for one in manifest["parts"]} == {path.name for path in exported.glob("*.jsonl")}
    for one in manifest["parts"]:
        content = (exported / one["file"]).read_bytes()
        assert one["sha256"] == sha256(content).hexdigest()
        assert one["lines"] == content.count(b"\n")


def test_a_folder_with_something_in_it_is_refused(exported: Path) -> None:
    ran = regulars("export", exported)

    assert ran.status == 2
    assert "not empty" in ran.err
