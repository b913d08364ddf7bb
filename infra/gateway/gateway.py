#!/usr/bin/env python3
"""A small gateway for short messages, a mail server and a receiver of webhooks: a real other side for notification's tests and its bench.

    gateway.py [--port N] [--per-second N] [--webhook-key BASE64] [--mail]

Prints the port that it listens on, and with --mail the port of its mail server (SMTP) after it. `POST /messages` takes {"reference", "to", "text"} and keeps it under its reference; a reference
that it has already is counted as repeated. `GET /messages/<reference>` tells whether it has one. `POST /hooks` takes webhooks whose
signature fits. `PUT /control` sets how it behaves, `GET /ledger` tells what it has, without any telephone. `POST /v1/phones` answers
as intake does, with invented telephones that nobody can have. Nothing is kept after its end.
"""
import argparse
import asyncio
import base64
import email
import email.policy
import hashlib
import hmac
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODES = {"ok", "refuse", "busy", "broken", "silent-after-accept", "silent", "slow"}


class Ledger:
    def __init__(self, per_second: float, webhook_key: bytes):
        self.lock = threading.Lock()
        self.messages: dict[str, str] = {}
        self.repeated = 0
        self.turned_away = 0
        self.hooks: list[dict] = []
        self.mails: list[dict] = []
        self.mode = "ok"
        self.phoneless: set[str] = set()
        self.asked: list[dict] = []
        self.webhook_key = webhook_key
        self.pace = per_second
        self.tokens = per_second
        self.filled = time.monotonic()

    def admits(self) -> bool:
        """Whether its own limit, a second's worth at once at most, lets one more in."""
        if not self.pace:
            return True
        now = time.monotonic()
        self.tokens = min(self.pace, self.tokens + (now - self.filled) * self.pace)
        self.filled = now
        if self.tokens < 1:
            self.turned_away += 1
            return False
        self.tokens -= 1
        return True

    def keep(self, reference: str, text: str):
        self.repeated += reference in self.messages
        self.messages[reference] = text


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    ledger: Ledger

    def answer(self, status: int, value=None):
        body = b"" if value is None else json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def fall_silent(self):
        """Takes the line down without a word, as a gateway does that dies after it has accepted."""
        self.close_connection = True

    def do_PUT(self):
        order, ledger = json.loads(self.body()), self.ledger
        with ledger.lock:
            if order.get("mode", ledger.mode) not in MODES:
                return self.answer(422)
            ledger.mode = order.get("mode", ledger.mode)
            ledger.pace = order.get("perSecond", ledger.pace)
            ledger.phoneless |= set(order.get("phoneless", []))
        self.answer(204)

    def do_GET(self):
        ledger = self.ledger
        with ledger.lock:
            if self.path == "/ledger":
                return self.answer(200, {
                    "messages": len(ledger.messages), "repeated": ledger.repeated, "turnedAway": ledger.turned_away,
                    "texts": sorted(set(ledger.messages.values())), "hooks": ledger.hooks, "mails": ledger.mails, "asked": ledger.asked})
            known = self.path.removeprefix("/messages/") in ledger.messages
        self.answer(200 if known else 404, {})

    def do_POST(self):
        body = self.body()
        take = {"/messages": self.take_message, "/hooks": self.take_hook, "/v1/phones": self.tell_phones}.get(self.path)
        if not take:
            return self.answer(404)
        take(body)

    def take_message(self, body: bytes):
        message, ledger = json.loads(body), self.ledger
        with ledger.lock:
            mode = ledger.mode
            if mode == "busy" or not ledger.admits():
                return self.answer(429, {})
            if mode == "refuse":
                return self.answer(422, {})
            if mode == "broken":
                return self.answer(500, {})
            if mode == "silent":
                return self.fall_silent()
            ledger.keep(message["reference"], message["text"])
        if mode == "silent-after-accept":
            return self.fall_silent()
        if mode == "slow":
            time.sleep(1)
        self.answer(202, {})

    def take_hook(self, body: bytes):
        name, moment = self.headers.get("webhook-id", ""), self.headers.get("webhook-timestamp", "")
        wanted = base64.b64encode(hmac.new(self.ledger.webhook_key, f"{name}.{moment}.".encode() + body, hashlib.sha256).digest()).decode()
        given = self.headers.get("webhook-signature", "").removeprefix("v1,")
        if not hmac.compare_digest(wanted, given) or abs(time.time() - int(moment or 0)) > 300:
            return self.answer(401, {})
        with self.ledger.lock:
            self.ledger.hooks.append({"id": name, **json.loads(body)})
        self.answer(204)

    def tell_phones(self, body: bytes):
        asked, ledger = json.loads(body), self.ledger
        with ledger.lock:
            ledger.asked.append({"purpose": asked["purpose"], "households": len(asked["households"])})
            has = [name for name in asked["households"] if name not in ledger.phoneless]
        self.answer(200, {"households": [
            {"household": name, "phone": "000" + str(int(name.replace("-", "")[:8], 16) % 10**8).zfill(8)} for name in has]})

    def log_message(self, *_):
        """Says nothing: what it would write down are addresses."""


class Postman:
    """What aiosmtpd asks about each message."""

    def __init__(self, ledger: Ledger):
        self.ledger = ledger

    async def handle_RCPT(self, server, session, envelope, address, options):
        with self.ledger.lock:
            if self.ledger.mode == "busy":
                return "451 not now"
            if self.ledger.mode == "refuse":
                return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with self.ledger.lock:
            mode = self.ledger.mode
            if mode == "broken":
                return "554 no"
            if mode != "silent":
                self.ledger.mails.append({
                    "to": envelope.rcpt_tos[0], "from": envelope.mail_from, "id": message["Message-ID"], "subject": message["Subject"],
                    "body": message.get_content()})
        if mode.startswith("silent"):
            server.transport.abort()
        return "250 taken"


def open_mail(ledger: Ledger) -> int:
    from aiosmtpd.smtp import SMTP

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(Postman(ledger), hostname="gateway", loop=loop), "127.0.0.1", 0))
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return server.sockets[0].getsockname()[1]


class Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A sender that was killed is no trouble of the gateway's."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--per-second", type=float, default=0, help="its own limit; 0 for none")
    parser.add_argument("--webhook-key", default="", help="in base64")
    parser.add_argument("--mail", action="store_true", help="also a mail server")
    given = parser.parse_args()
    Handler.ledger = Ledger(given.per_second, base64.b64decode(given.webhook_key))
    server = Server(("127.0.0.1", given.port), Handler)
    print(" ".join(map(str, [server.server_port] + ([open_mail(Handler.ledger)] if given.mail else []))), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
