"""That the search for secrets can find one. Run by infra/test with the virtual environment's Python."""

import io
import pathlib
import tempfile
import unittest
import zipfile

import canaries

ID, PHONE, WORD = b"999999197410264325", b"14050252661", "家住村口".encode()


class Search(unittest.TestCase):
    def find(self, content: bytes) -> list[str]:
        found = canaries.Canaries({ID, PHONE, b"99999919741026432X"}, {WORD})
        found.search("here", content)
        return found.leaks

    def test_it_finds_a_number_wherever_it_stands(self):
        for content in [ID, b'{"idNumber":"' + ID + b'"}', b"tel:" + PHONE + b".", b"99999919741026432x,", b"\\001" + ID + b"\\377", b"..." + WORD]:
            self.assertEqual(self.find(content), ["here (1)"], content)

    def test_it_takes_no_other_number_for_one(self):
        for content in [b"", b"1" + ID, ID + b"0", b"14050252662", b"2018-10-26T01:00:00.000Z", b"999999 19741026 4325"]:
            self.assertEqual(self.find(content), [], content)

    def test_the_secrets_of_a_sample_are_its_numbers(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "registered.csv").write_text(f"\ufeff户编号,证件号码,联系电话\n53042700002,{ID.decode()},{PHONE.decode()}\n", "utf-8")
            self.assertEqual(canaries.of_sample(pathlib.Path(folder)), {ID, PHONE})

    def test_it_looks_into_workbooks(self):
        sheet = io.BytesIO()
        with zipfile.ZipFile(sheet, "w", zipfile.ZIP_DEFLATED) as workbook:
            workbook.writestr("xl/sharedStrings.xml", b"<t>" + ID + b"</t>")
        found = canaries.Canaries({ID})
        found.search_sheets(lambda _, path: sheet.getvalue() if "ledger" in path else b"")
        self.assertEqual(found.leaks, ["review's /v1/ledger/xlsx (1)"])


if __name__ == "__main__":
    unittest.main()
