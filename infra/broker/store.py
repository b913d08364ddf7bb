#!/usr/bin/env python3
"""Where the embedded broker stores to: the few requests of S3 that it makes, kept as files under one folder.

    store.py FOLDER PORT

The broker decides who writes next by conditional requests: `If-None-Match: *` makes an object only if there is none,
`If-Match` replaces exactly the one that was read. A store that overlooks them loses acknowledged records as soon as two
producers write to one partition, and members of consumer groups evict each other. Here each request is carried out whole
before the next, and a file appears under its name only when it is complete. As with any S3 on loopback, keys and
signatures are not looked at. Nothing is synced to disk: a killed process loses nothing, a power failure may.

The broker first raises the end of a partition (watermark.json) and then writes the batch into the place that it has so
reserved. Of two producers the second may so be the first to write, and whoever reads meanwhile takes the hole for a
compacted log and goes on behind it: what comes into the hole later is never read. So a listing ends before a batch that is
still awaited, for as long as it may come; then its place stays empty, the late batch is refused, and its producer sends it
again.
"""

import asyncio
import bisect
import dataclasses
import email.utils
import hashlib
import json
import os
import pathlib
import sys
import time
import urllib.parse
from xml.sax.saxutils import escape

ONE_PAGE = 10_000
# What is not complete yet.
PART = ".part"
# How long a batch may come into the place reserved for it, in seconds.
AWAITED = 5.0
WATERMARK = "/watermark.json"
BATCH = ".batch"


@dataclasses.dataclass
class Object:
    key: str
    size: int
    at: float
    # Of its bytes; nothing until they have been read since the start.
    tag: str | None = None
    # Its line in a listing.
    entry: str = ""

    def __post_init__(self):
        at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(self.at))
        name = escape(self.key.partition("/")[2])
        self.entry = f"<Contents><Key>{name}</Key><LastModified>{at}</LastModified><Size>{self.size}</Size></Contents>"


class Objects:
    """The objects by key, each a file; what is in the folder is known by heart, as nobody else writes there."""

    def __init__(self, folder: pathlib.Path):
        self.folder = str(folder)
        self.known: dict[str, Object] = {}
        # The batches that have a place and are not there, with the time up to which they may come.
        self.awaited: dict[str, float] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for place, _, names in os.walk(folder):
            for path in (os.path.join(place, name) for name in names):
                if path.endswith(PART):
                    os.unlink(path)
                else:
                    about, key = os.stat(path), os.path.relpath(path, folder)
                    self.known[key] = Object(key, about.st_size, about.st_mtime)
        self.order = sorted(self.known)

    def path(self, key: str) -> str:
        if not key or any(part in ("", ".", "..") for part in key.split("/")) or "\0" in key:
            raise ValueError("not a key")
        return f"{self.folder}/{key}"

    def read(self, key: str) -> bytes | None:
        if key not in self.known:
            return None
        with open(self.path(key), "rb") as file:
            data = file.read()
        if self.known[key].tag is None:
            self.known[key].tag = tag(data)
        return data

    def tag(self, key: str) -> str | None:
        if key not in self.known:
            return None
        if self.known[key].tag is None:
            self.read(key)
        return self.known[key].tag

    def may_write(self, key: str) -> bool:
        return not key.endswith(BATCH) or self.is_awaited(key)

    def is_awaited(self, key: str) -> bool:
        return self.awaited.get(key, 0) > time.monotonic()

    def reserve(self, key: str, data: bytes) -> None:
        """Notes which batch the raised end of a partition announces."""
        before = json.loads(self.read(key) or b"{}").get("high") or 0
        if (json.loads(data).get("high") or 0) > before:
            self.awaited[f"{key.removesuffix(WATERMARK)}/records/{before:020}{BATCH}"] = time.monotonic() + AWAITED

    def write(self, key: str, data: bytes) -> str:
        path = self.path(key)
        if key.endswith(WATERMARK):
            self.reserve(key, data)
        self.awaited.pop(key, None)
        if key not in self.known:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + PART, "wb") as file:
            file.write(data)
        os.replace(path + PART, path)
        if key not in self.known:
            bisect.insort(self.order, key)
        self.known[key] = Object(key, len(data), time.time(), tag(data))
        return self.known[key].tag

    def delete(self, key: str) -> None:
        if self.known.pop(key, None):
            self.order.pop(bisect.bisect_left(self.order, key))
            os.unlink(self.path(key))

    def listed(self, prefix: str, delimiter: str, after: str):
        """What begins with the prefix and comes after a key, in order: keys, and folders where a delimiter follows; the
        key up to which each of them reaches."""
        place = max(bisect.bisect_left(self.order, prefix), bisect.bisect_right(self.order, after))
        hole = min((key for key in self.awaited if key.startswith(prefix) and self.is_awaited(key)), default=None)
        while place < len(self.order) and self.order[place].startswith(prefix):
            name, cut = self.order[place], -1
            if hole and name > hole and os.path.dirname(name) == os.path.dirname(hole):
                return
            if delimiter:
                cut = name.find(delimiter, len(prefix))
            if cut < 0:
                place += 1
            else:
                name = name[:cut + 1]
                place = bisect.bisect_left(self.order, name[:-1] + chr(ord(name[-1]) + 1), place)
            yield name, cut >= 0, self.order[place - 1]


def tag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


class Answer:
    def __init__(self, status: str, body: bytes = b"", **headers: str):
        self.status, self.body, self.headers = status, body, headers

    @classmethod
    def error(cls, status: str, code: str) -> "Answer":
        return cls(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode(), content_type="application/xml")

    def encoded(self, with_body: bool) -> bytes:
        head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(self.body)}\r\n"
        head += "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in self.headers.items())
        return head.encode() + b"\r\n" + (self.body if with_body else b"")


def respond(objects: Objects, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
    path, _, query = target.partition("?")
    key = urllib.parse.unquote(path).strip("/")
    bucket, _, name = key.partition("/")
    if method == "GET" and not name:
        return listing(objects, bucket, dict(urllib.parse.parse_qsl(query, keep_blank_values=True)))
    if method == "PUT":
        there = objects.tag(key)
        wanted, unwanted = headers.get("if-match"), headers.get("if-none-match")
        if (wanted and wanted != there) or (unwanted and there and unwanted in ("*", there)):
            return Answer.error("412 Precondition Failed", "PreconditionFailed")
        if not objects.may_write(key):
            return Answer.error("410 Gone", "TooLate")
        return Answer("200 OK", ETag=objects.write(key, body))
    if method in ("GET", "HEAD"):
        return content(objects, key, headers)
    if method == "DELETE":
        objects.delete(key)
        return Answer("204 No Content")
    return Answer.error("501 Not Implemented", "NotImplemented")


def content(objects: Objects, key: str, headers: dict[str, str]) -> Answer:
    data = objects.read(key)
    if data is None:
        return Answer.error("404 Not Found", "NoSuchKey")
    about = {"ETag": objects.tag(key), "Last_Modified": email.utils.formatdate(objects.known[key].at, usegmt=True),
             "Content_Type": "application/octet-stream"}
    span = headers.get("range", "").removeprefix("bytes=")
    if not span:
        return Answer("200 OK", data, **about)
    first, _, last = span.partition("-")
    start = int(first) if first else max(0, len(data) - int(last))
    end = min(int(last) if first and last else len(data) - 1, len(data) - 1)
    return Answer("206 Partial Content", data[start:end + 1], Content_Range=f"bytes {start}-{end}/{len(data)}", **about)


def listing(objects: Objects, bucket: str, query: dict[str, str]) -> Answer:
    """The broker lists a partition before each batch that it reads, and answers nothing to whoever will not wait as long
    as that takes: so this must be fast with a thousand keys. Tags are left out, as they would have to be read."""
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    after = query.get("continuation-token") or query.get("start-after", "")
    items, folders, last, token = [], [], "", ""
    for name, is_folder, reached in objects.listed(f"{bucket}/{prefix}", delimiter, f"{bucket}/{after}"):
        if len(items) + len(folders) >= ONE_PAGE:
            token = f"<NextContinuationToken>{escape(last)}</NextContinuationToken>"
            break
        last = reached[len(bucket) + 1:]
        if is_folder:
            folders.append(f"<CommonPrefixes><Prefix>{escape(name[len(bucket) + 1:])}</Prefix></CommonPrefixes>")
        else:
            items.append(objects.known[name].entry)
    text = (f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>{escape(bucket)}</Name><Prefix>{escape(prefix)}</Prefix>'
            f"<KeyCount>{len(items) + len(folders)}</KeyCount><MaxKeys>{ONE_PAGE}</MaxKeys>"
            f"<IsTruncated>{str(bool(token)).lower()}</IsTruncated>{token}{''.join(items)}{''.join(folders)}</ListBucketResult>")
    return Answer("200 OK", text.encode(), content_type="application/xml")


async def serve(objects: Objects, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection: request after request, until the broker closes it."""
    try:
        while True:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = lines[0].split(" ", 2)
            headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            try:
                answer = respond(objects, method, target, headers, body)
            except (OSError, ValueError):
                answer = Answer.error("500 Internal Server Error", "InternalError")
            writer.write(answer.encoded(with_body=method != "HEAD"))
            await writer.drain()
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
        pass
    finally:
        writer.close()


async def main() -> None:
    objects = Objects(pathlib.Path(sys.argv[1]).resolve())
    server = await asyncio.start_server(lambda reader, writer: serve(objects, reader, writer), "127.0.0.1", int(sys.argv[2]))
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
