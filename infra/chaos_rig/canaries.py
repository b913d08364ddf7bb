"""I10: what is secret about people leaks nowhere: no log, metric, parked row, foreign topic, sheet or row holds it in clear.

The secrets are the resident ID, telephone and bank card numbers of the whole register that the run imported, and what the rig's own
tipsters said of themselves. All of them are long enough that none is met by chance.
"""

import csv
import io
import pathlib
import re
import zipfile

import psycopg

from invariants import Books, Verdict
from suite import INSTANCES, SERVICES, Suite

# Columns of the sample's sheets.
NUMBERS = {"证件号码", "户主证件号码", "联系电话", "本人电话", "银行卡号"}
STATUSES = ["surveyed", "internally_reviewed", "publicly_reviewed", "initially_decided", "community_publicity", "resolved", "approved",
            "subdistrict_publicity", "awaiting_gate", "reported", "confirmed", "announced", "recorded"]
DIGITS = re.compile(rb"\d{11,}[Xx]?")
# How PostgreSQL writes a byte that is no letter; its digits belong to no number beside it.
ESCAPED = re.compile(rb"\\+[0-7]{3}")


def of_sample(folder: pathlib.Path) -> set[bytes]:
    found = set()
    for file in folder.glob("*.csv"):
        for row in csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))):
            found |= {value.strip().upper().encode() for name, value in row.items() if name in NUMBERS and value and len(value.strip()) >= 11}
    return found


class Canaries:
    def __init__(self, numbers: set[bytes], words: set[bytes] = frozenset()):
        self.numbers, self.words = numbers, words
        self.places = self.bytes = 0
        self.leaks: list[str] = []

    def search(self, place: str, content: bytes) -> None:
        self.places += 1
        self.bytes += len(content)
        runs = (found.group().upper() for found in DIGITS.finditer(ESCAPED.sub(b" ", content)))
        hits = {run for run in runs if run in self.numbers or run.rstrip(b"X") in self.numbers}
        hits |= {word for word in self.words if word in content}
        if hits:
            # Not which: a report is read by people, too.
            self.leaks.append(f"{place} ({len(hits)})")

    # Where it looks

    def search_files(self, suite: Suite) -> None:
        for file in sorted((suite.state / "log").glob("*.log")):
            self.search(f"log of {file.stem}", file.read_bytes())
        for name in INSTANCES:
            self.search(f"metrics of {name}", suite.health(name, "/metrics")[1].encode())
            self.search(f"health of {name}", suite.health(name)[1].encode())

    def search_log(self, books: Books) -> None:
        for topic, entries in books.log.items():
            # The departments' own questions too: in a run each of them has a key to which persons are sealed.
            self.search(f"topic {topic}", b"\n".join(
                b"\x1f".join([entry.key or b"", entry.value or b"", *(value or b"" for _, value in entry.headers)]) for entry in entries))

    def search_schema(self, database: psycopg.Connection, schema: str) -> None:
        columns: dict[str, list[str]] = {}
        for table, column, kind in database.execute(
                "SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables"
                " USING (table_schema, table_name) WHERE table_schema = %s AND table_type = 'BASE TABLE'", [schema]).fetchall():
            # Bytes as they are where they are text.
            columns.setdefault(table, []).append(f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text')
        for table, shown in sorted(columns.items()):
            with database.cursor() as cursor, cursor.copy(
                    f'COPY (SELECT concat_ws(chr(31), {", ".join(shown)}) FROM {schema}."{table}") TO STDOUT') as rows:
                self.search(f"{schema}.{table}", b"\n".join(bytes(row) for row in rows))

    def search_sheets(self, get) -> None:
        """`get` gives the bytes behind a service's path, or nothing."""
        for path in [*(f"/v1/lists/{status}/xlsx" for status in STATUSES), "/v1/ledger/xlsx", "/notices"]:
            content = get("review", path)
            if content.startswith(b"PK"):
                with zipfile.ZipFile(io.BytesIO(content)) as sheet:
                    content = b"\n".join(sheet.read(part) for part in sheet.namelist())
            if content:
                self.search(f"review's {path}", content)
        for path in ["/v1/announcements", "/v1/notices", "/notices", "/letters"]:
            self.search(f"notification's {path}", get("notification", path))


def check(suite: Suite, books: Books, words: set[str], get, verdict: Verdict) -> str:
    canaries = Canaries(of_sample(suite.state / "sample"), {word.encode() for word in words})
    canaries.search_files(suite)
    canaries.search_log(books)
    with suite.database() as database:
        for schema in SERVICES:
            canaries.search_schema(database, schema)
    canaries.search_sheets(get)
    verdict.add("leaked", "secrets in clear", canaries.leaks)
    return (f"canary: secrets={len(canaries.numbers) + len(canaries.words)} places={canaries.places} megabytes={canaries.bytes >> 20} "
            f"leaked={len(canaries.leaks)}")
