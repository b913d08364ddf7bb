"""The state machines of the domain once more, as small tables: a history from the log is legal or names its fault.

Written from the pictures in the domain's description, not from the services' code.
"""

MAIN_LINE = ["proposed", "surveyed", "internally_reviewed", "publicly_reviewed", "initially_decided", "community_publicity",
             "resolved", "approved", "subdistrict_publicity", "awaiting_gate", "reported", "confirmed", "announced", "recorded"]
DECIDED = MAIN_LINE[MAIN_LINE.index("internally_reviewed"):MAIN_LINE.index("reported")]
ENDS = {"withdrawn", "rejected", "carried_over"}


def _short(kind: str) -> str:
    return kind.removeprefix("lika.").removesuffix(".v1")


def review_case(history: list[tuple[str, dict]]) -> str | None:
    status, suspended = "proposed", None
    for kind, data in history:
        name = _short(kind)
        if name == "review.case.evidence-forwarded":
            if status not in ("reported", "confirmed", "announced"):
                return f"evidence forwarded of a case that is {status}"
            continue
        next_status = {"review.case.reported": "reported", "review.case.confirmed": "confirmed",
                       "review.case.announced": "announced"}.get(name) or data.get("status")
        if not _may_follow(status, suspended, next_status):
            return f"{status} → {next_status}"
        if (next_status in ENDS) != (name == "review.case.closed"):
            return f"{name} says {next_status}"
        if next_status == "reopened":
            suspended = status if status in DECIDED else None
        status = next_status
    return None


def _may_follow(status: str, suspended: str | None, after: str) -> bool:
    if status in ENDS or status == "recorded":
        return False
    if after in ENDS:
        return status not in ("confirmed", "announced") and (status != "reported" or after == "rejected")
    if after == "reopened":
        return status in DECIDED or status == "reported"
    if status == "reopened":
        # Where it stood, or further by the window that ran meanwhile.
        return after in DECIDED or (suspended is None and after == "surveyed")
    return MAIN_LINE.index(after) == MAIN_LINE.index(status) + 1


def _steps(*allowed: str):
    """A history in which each kind comes once at most and in this order, the first one always."""
    def check(history: list[tuple[str, dict]]) -> str | None:
        place = -1
        for kind, _ in history:
            name = _short(kind)
            if name not in allowed or allowed.index(name) <= place:
                return f"{name} after step {place}"
            place = allowed.index(name)
        return None if history and _short(history[0][0]) == allowed[0] else "does not begin at the beginning"
    return check


def file(history: list[tuple[str, dict]]) -> str | None:
    """Opened once; a request is accepted once each time that it is asked; complete only when every check has its answer."""
    if not history or _short(history[0][0]) != "verification.file.opened":
        return "does not begin by being opened"
    required = {(check["department"], check["topic"]) for check in history[0][1]["required"]}
    answered: set = set()
    requests: set = set()
    for kind, data in history[1:]:
        match _short(kind):
            case "verification.file.result-accepted":
                if data["request"] in requests:
                    return f"request {data['request']} accepted twice"
                requests.add(data["request"])
                answered.add((data["department"], data["topic"]))
            case "verification.file.questions-changed":
                for question in data["asked"]:
                    required.add((question["department"], question["topic"]))
                    answered.discard((question["department"], question["topic"]))
                    requests.discard(question["request"])
                for check in data["dropped"]:
                    required.discard((check["department"], check["topic"]))
            case "verification.file.completed":
                if answered != required:
                    return f"complete with {len(answered)} of {len(required)} answers"
            case other:
                return f"{other} in the middle"
    return None


def household(history: list[tuple[str, dict]]) -> str | None:
    names = [_short(kind) for kind, _ in history]
    return None if names.count("intake.household.registered") == 1 and names[0] == "intake.household.registered" \
        else "is not registered once, and first"


def intake_case(history: list[tuple[str, dict]]) -> str | None:
    """Proposed once, then judged as often as there was a reason to; what was not met is over."""
    names = [_short(kind) for kind, _ in history]
    if not names or names[0] != "intake.case.proposed" or names.count("intake.case.proposed") != 1:
        return "is not proposed once, and first"
    judged = [data["met"] for kind, data in history if _short(kind) == "intake.case.surveyed"]
    return "is judged after it was not met" if False in judged[:-1] else None


def household_tip(history: list[tuple[str, dict]]) -> str | None:
    """Raised for a household, settled for the same one, and perhaps raised again."""
    held = None
    for kind, data in history:
        match _short(kind):
            case "intake.tip.raised" if held is None:
                held = data["household"]
            case "intake.tip.settled" if held == data["household"]:
                held = None
            case other:
                return f"{other} while it holds {held}"
    return None


LIVES = {
    "lika.review.case.v1": review_case,
    "lika.review.window.v1": _steps("review.window.opened", "review.window.expired", "review.window.recalled"),
    "lika.verification.file.v1": file,
    "lika.intake.household.v1": household,
    "lika.intake.campaign.v1": _steps("intake.campaign.issued"),
    "lika.intake.tip.v1": household_tip,
    "lika.intake.case.v1": intake_case,
    "lika.notification.notice.v1": _steps("notification.notice.delivered"),
    "lika.notification.announcement.v1": _steps("notification.announcement.result-announced"),
}
