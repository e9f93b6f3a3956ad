"""A document becomes a programme that runs: checked once more, so that nothing half-right ever decides."""

from regulars.engine.running import Running
from regulars.programme.checking import findings_of
from regulars.programme.document import Document
from regulars.programme.problems import BadProgrammeError, Problem, spelled


def run(document: Document, version: int) -> Running:
    """Return a version of a programme, ready to decide.

    Raises: BadProgrammeError, when the document could not be applied. One that `check` or `read` returned can.
    """
    conditions, findings = findings_of(document)
    if findings:
        raise BadProgrammeError(
            Problem(source="", line=0, column=0, path=spelled(finding.path), message=finding.message, hint=finding.hint)
            for finding in findings
        )
    return Running(
        id=document.id,
        version=version,
        timezone=document.timezone,
        currency=document.currency,
        wallets=document.wallets,
        policies=document.policies,
        shops=document.shops,
        rules=document.rules,
        conditions=conditions,
        languages=document.languages,
        campaigns=document.campaigns,
        groups=document.groups,
        segments=document.segments,
        lists=document.lists,
        partners=document.partners,
        tiers=document.tiers,
        rewards=document.rewards,
    )
