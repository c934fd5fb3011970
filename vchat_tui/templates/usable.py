"""Why a template cannot be sent now."""

from __future__ import annotations

from vchat_tui.channels.base import Problem
from vchat_tui.settings import _
from vchat_tui.templates.model import Template
from vchat_tui.templates.shape import unsupported

APPROVED = "APPROVED"

# Meta, "Message templates": what each status means.
_STATUS = {
    "PENDING": _("Meta is still reviewing it."),
    "IN_APPEAL": _("Meta is reviewing it again."),
    "REJECTED": _("Meta rejected it."),
    "PAUSED": _("Meta paused it: customers blocked or reported it."),
    "DISABLED": _("Meta disabled it for good."),
    "PENDING_DELETION": _("It is being deleted."),
    "DELETED": _("It was deleted."),
    "LIMIT_EXCEEDED": _("The account has too many templates."),
    "ARCHIVED": _("It is archived at Meta."),
    # Twilio, "Content API": what its own statuses mean.
    "UNSUBMITTED": _("Nobody has asked WhatsApp to approve it yet: do so at Twilio."),
    "RECEIVED": _("Twilio is handing it to Meta for review."),
}


def unusable(template: Template) -> Problem | None:
    """Why an agent cannot send a template now; None where they can."""
    if template.hidden:
        return Problem(field="hidden", message=_("An administrator has hidden it."))
    return unsendable(template)


def unsendable(template: Template) -> Problem | None:
    """Why nobody can send a template now; None where it can be sent. A hidden one may still go
    out by itself."""
    if template.status != APPROVED:
        message = _STATUS.get(template.status, _("Meta gives it the status {status}."))
        return Problem(field="status", message=message, values={"status": template.status})
    part = unsupported(template)
    return Problem(field="components", message=part) if part else None
