"""The public address in the set-up check: is it set, does the server listen, does it lead here?"""

from __future__ import annotations

from urllib.parse import urlsplit

from vchat_tui.channels.reach import PATH, Reach, Reached
from vchat_tui.findings import Finding, Mark
from vchat_tui.i18n import _

_LOCAL = ("localhost", "127.0.0.1", "::1")


def address(public_url: str | None, listening: str | None, listener_error: str | None) -> Finding:
    """The public URL, and the listener behind it; also before there is an inbox."""
    if not public_url:
        return Finding(
            Mark.OPEN, _("no public URL yet"), _("Enter it: the provider sends messages there.")
        )
    if not listening:
        reason = listener_error or _("the server does not listen for webhooks")
        return Finding(
            Mark.FAIL,
            reason,
            _("Free the port, or start the server with another: vchat-tui serve --port P"),
        )
    heard = _("the server listens on {address}").format(address=listening)
    if is_local(public_url):
        return Finding(
            Mark.DONE, _("{heard}; this address is only for practice").format(heard=heard)
        )
    return Finding(Mark.DONE, heard)


def reached(finding: Finding, public_url: str | None, found: Reached | None) -> Finding:
    """The public URL's finding, with what came of asking ourselves at it."""
    if found is None or finding.mark is not Mark.DONE or is_local(public_url):
        return finding
    host = urlsplit(public_url or "").hostname or ""
    match found.reach:
        case Reach.OK:
            return Finding(Mark.DONE, _("reached at its public address, with a good certificate"))
        case Reach.NO_NAME:
            what = _("the name {host} leads nowhere").format(host=host)
            advice = _(
                "Make a DNS record for it that leads to this server; a new one may take an hour."
            )
        case Reach.PRIVATE:
            what = _("the name {host} leads to {address}, which the internet does not know").format(
                host=host, address=found.detail
            )
            advice = _(
                "Point its DNS record to your public address. If it is another one inside your"
                " network only, all may be well."
            )
            return Finding(Mark.WARN, what, advice)
        case Reach.NO_ANSWER:
            what = _("nothing answers at the public address")
            advice = _(
                "Start your proxy and open port 443 in the firewall. Some routers do not let a"
                " network reach itself: look at {url} from a phone."
            )
            advice = advice.format(url=f"{public_url}{PATH}")
            return Finding(Mark.WARN, what, advice)
        case Reach.TLS:
            what = _("the certificate is not accepted: {reason}").format(reason=found.detail)
            advice = _(
                "Providers take only one of a known authority, with all that stands between,"
                " for example of Let's Encrypt."
            )
        case Reach.STATUS:
            what = _("the public address answers with status {status}").format(status=found.detail)
            advice = _forward()
        case Reach.NOT_OURS:
            what, advice = _("somebody else answers at the public address"), _forward()
    return Finding(Mark.FAIL, what, advice)  # fmt: skip


def _forward() -> str:
    return _("Your proxy must forward /healthz, /webhooks/, /c/ and /m/ to this server.")


def is_local(public_url: str | None) -> bool:
    """The public URL leads to this machine: practice."""
    return urlsplit(public_url or "").hostname in _LOCAL
