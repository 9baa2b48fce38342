"""How alerts reach people and programs: by mail, or by a signed request to a webhook.

A webhook is a POST of JSON with the headers ``Idempotency-Key`` (the same each time an alert is
sent), ``X-Broadsheet-Timestamp`` and ``X-Broadsheet-Signature``: ``sha256=`` and the HMAC of the
timestamp, a full stop and the body under the search's secret. Names are resolved once, and what was
looked at is what we connect to: no address on this machine, in its networks, or otherwise not
public, unless that is allowed. Redirections are not followed.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import smtplib
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import urlsplit

import orjson
from werkzeug.urls import iri_to_uri

from corpus.core.article import Article
from web.watch.outbox import Alert
from web.watch.reasons import Undelivered

_SECONDS = 15.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
"""All that is routed between networks (RFC 4291, 2.4); elsewhere lie forms that lead inwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What it takes to send: `root` is the address of the site, "" where there is none.

    `smtp` is the mail server as ``host`` or ``host:port``, "" for none, `mail_from` the sender's
    address, `user` and `password` are for servers that ask for them, over TLS only. `private` lets
    webhooks be on addresses that are not public.
    """

    root: str = ""
    smtp: str = ""
    mail_from: str = ""
    user: str = ""
    password: str = ""
    private: bool = False

    def send(self, alert: Alert, articles: list[Article]) -> None:
        """Send an alert. Raises Undelivered when it has not arrived."""
        try:
            (self._mail if alert.way == "mail" else self._post)(alert, articles)
        except TimeoutError as error:
            raise Undelivered("There was no answer in time.") from error
        except ConnectionRefusedError as error:
            raise Undelivered("The connection was refused.") from error
        except OSError as error:
            raise Undelivered("The connection failed: %(reason)s", reason=str(error)) from error

    def link(self, alert: Alert) -> str:
        """Return the address of the search."""
        return f"{self.root}/search{alert.state}" if self.root else ""

    def _mail(self, alert: Alert, articles: list[Article]) -> None:
        if not self.smtp:
            raise Undelivered("No mail server is named: whoever runs the site adds --smtp.")
        message = EmailMessage()
        message["Subject"] = f"{alert.name}: {alert.count} new"
        message["From"] = self.mail_from
        message["To"] = alert.target
        message["Message-ID"] = f"<{alert.key}@broadsheet.invalid>"
        message["Auto-Submitted"] = "auto-generated"
        lines = [self.link(alert), ""]
        for one in articles:
            lines += [one.title or one.id, self._article(one.id) or one.url, ""]
        if alert.count > len(articles):
            lines.append(f"… {alert.count - len(articles)} more")
        message.set_content("\n".join(lines))
        host, _, port = self.smtp.partition(":")
        try:
            with smtplib.SMTP(host, int(port or 25), timeout=_SECONDS) as server:
                if server.has_extn("starttls") or self.user:
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except smtplib.SMTPException as error:
            raise Undelivered("The mail server refused: %(reason)s", reason=str(error)) from error

    def _article(self, id_: str) -> str:
        return f"{self.root}/article/{id_}" if self.root else ""

    def _post(self, alert: Alert, articles: list[Article]) -> None:
        parts = urlsplit(iri_to_uri(alert.target))
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        address = public_address(host, port, private=self.private)
        body = orjson.dumps({
            "key": alert.key, "search": alert.name, "query": alert.state, "url": self.link(alert),
            "count": alert.count, "after": alert.after, "until": alert.until,
            "articles": [
                {"id": one.id, "title": one.title, "published": one.published, "source": one.source,
                 "url": self._article(one.id) or one.url}
                for one in articles
            ],
        })  # fmt: skip
        stamp = str(int(time.time()))
        signed = hmac.new(alert.secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
        headers = {
            "Host": parts.netloc, "Content-Type": "application/json", "User-Agent": "Broadsheet",
            "Idempotency-Key": alert.key, "X-Broadsheet-Timestamp": stamp,
            "X-Broadsheet-Signature": f"sha256={signed.hexdigest()}",
        }  # fmt: skip
        connection = http.client.HTTPConnection(host, port)
        sock = socket.create_connection((address, port), timeout=_SECONDS)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            sock = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
        connection.sock = sock
        # The timeout of a socket begins anew with each byte: this one ends for all of them.
        over = threading.Timer(_SECONDS, _end, [sock])
        over.start()
        try:
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, headers)
            status = connection.getresponse().status
        except (http.client.HTTPException, UnicodeError) as error:
            raise Undelivered(
                "The webhook's answer cannot be read: %(reason)s", reason=repr(error)
            ) from error
        finally:
            over.cancel()
            connection.close()
        if not 200 <= status < 300:
            raise Undelivered("The webhook answered with status %(status)s.", status=str(status))


def _end(sock: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def public_address(host: str, port: int, *, private: bool = False) -> str:
    """Return the address of a host, to connect to; one that any of its names gives for all.

    Raises Undelivered for a host one of whose addresses is not public, unless `private`.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Undelivered(
            "There is no host %(host)s: %(reason)s.", host=host, reason=str(error)
        ) from error
    addresses = [str(each[4][0]) for each in found]
    for text in addresses:
        if not private and not _is_public(text):
            raise Undelivered(
                "%(host)s is not a public address, and webhooks go to none unless the site allows "
                "it (--private-webhooks).",
                host=host,
            )
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address in _NAT64:  # they lead to the address within
            return _is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)))
        inner = address.sixtofour or (address.teredo or (None, None))[1]
        if address not in _UNICAST or (inner and not _is_public(str(inner))):
            return False
    return address.is_global and not address.is_multicast
