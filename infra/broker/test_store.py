"""The store's promises to the broker: writes decided by what is there, and no hole in a partition that fills later."""

import json
import pathlib
import tempfile
import unittest
import unittest.mock

import store

PARTITION = "/tansu/clusters/c/topics/t/partitions/0000000000"
CREATE = {"if-none-match": "*"}


class Store(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.objects = store.Objects(self.folder)

    def ask(self, method, target, body=b"", headers=None):
        return store.respond(self.objects, method, target, headers or {}, body)

    def reserve(self, end):
        """As the broker does before it writes a batch."""
        return self.ask("PUT", f"{PARTITION}/watermark.json", json.dumps({"low": None, "high": end}).encode()).status

    def write(self, offset):
        return self.ask("PUT", f"{PARTITION}/records/{offset:020}.batch", b"batch", CREATE).status

    def listed(self):
        text = self.ask("GET", f"/tansu?prefix={PARTITION.removeprefix('/tansu/')}/records/").body.decode()
        return [int(part.split(".batch")[0].rsplit("/", 1)[1]) for part in text.split("<Key>")[1:]]

    def test_an_object_is_made_once_and_replaced_only_as_it_was_read(self):
        made = self.ask("PUT", "/tansu/a", b"1", CREATE)
        self.assertEqual(made.status, "200 OK")
        self.assertEqual(self.ask("PUT", "/tansu/a", b"2", CREATE).status, "412 Precondition Failed")
        self.assertEqual(self.ask("PUT", "/tansu/a", b"2", {"if-match": made.headers["ETag"]}).status, "200 OK")
        self.assertEqual(self.ask("PUT", "/tansu/a", b"3", {"if-match": made.headers["ETag"]}).status, "412 Precondition Failed")
        self.assertEqual(self.ask("GET", "/tansu/a").body, b"2")

    def test_what_was_written_is_there_after_a_new_start(self):
        self.reserve(2)
        self.write(0)
        self.objects = store.Objects(self.folder)
        self.assertEqual(self.listed(), [0])

    def test_nothing_is_listed_behind_a_batch_that_may_still_come(self):
        self.reserve(2)
        self.write(0)
        self.reserve(3)
        self.reserve(5)
        self.write(3)
        self.assertEqual(self.listed(), [0])
        self.write(2)
        self.assertEqual(self.listed(), [0, 2, 3])

    def test_another_partition_is_not_held_up(self):
        self.reserve(2)
        other = PARTITION[:-1] + "1"
        self.ask("PUT", f"{other}/watermark.json", b'{"high": 1}')
        self.ask("PUT", f"{other}/records/{0:020}.batch", b"batch", CREATE)
        self.assertIn("1/records/", self.ask("GET", "/tansu?prefix=clusters/c/topics/t/").body.decode())

    def test_a_batch_that_comes_too_late_is_refused_and_its_place_stays_empty(self):
        with unittest.mock.patch.object(store, "AWAITED", 0):
            self.reserve(2)
        self.reserve(4)
        self.write(2)
        self.assertEqual(self.listed(), [2])
        self.assertEqual(self.write(0), "410 Gone")
        self.assertEqual(self.listed(), [2])

    def test_a_batch_of_before_a_new_start_is_refused(self):
        self.reserve(2)
        self.objects = store.Objects(self.folder)
        self.assertEqual(self.write(0), "410 Gone")


if __name__ == "__main__":
    unittest.main()
