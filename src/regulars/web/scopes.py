"""What an API key may do: scopes, each a noun and what is done with it."""

from typing import Final, Literal, get_args

Scope = Literal[
    "programme:read",
    "programme:write",
    "members:read",
    "members:write",
    "events:write",
    "events:evaluate",
    "points:write",
    "rewards:write",
    "rewards:reverse",
    "decisions:read",
    "keys:manage",
]

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

MEANING: Final[dict[Scope, str]] = {
    "programme:read": "Read the programme and its versions.",
    "programme:write": "Apply a new version of the programme.",
    "members:read": "Find and read members, their balances, lots, statement and timeline.",
    "members:write": "Enrol, change and merge members.",
    "events:write": "Tell events: purchases, returns and whatever the brand gives a name to.",
    "events:evaluate": "Try an event without anything happening.",
    "points:write": "Spend, hold, adjust and transfer points.",
    "rewards:write": "Take, hold, use and undo rewards and vouchers.",
    "rewards:reverse": "Undo a reward or its use whatever its terms say.",
    "decisions:read": "Read recorded decisions with the explanation of every rule.",
    "keys:manage": "Make, list and revoke API keys.",
}
