import CZip
import Foundation
import Registry
import Sheets

/// Workbooks made by hand, as no spreadsheet program would make them.
struct Specimen {
    var parts: [(name: String, content: [UInt8])] = []

    init(rows: String, after: String = "", shared: String? = nil, styles: String = "", workbook: String = "", prologue: String = "") {
        add("[Content_Types].xml", """
            <?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
            <Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>
            """)
        let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        add("_rels/.rels", """
            <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\
            <Relationship Id="r1" Type="\(relations)/officeDocument" Target="xl/workbook.xml"/></Relationships>
            """)
        add("xl/_rels/workbook.xml.rels", """
            <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\
            <Relationship Id="r1" Type="\(relations)/worksheet" Target="worksheets/sheet1.xml"/>\
            <Relationship Id="r2" Type="\(relations)/sharedStrings" Target="sharedStrings.xml"/>\
            <Relationship Id="r3" Type="\(relations)/styles" Target="/xl/styles.xml"/></Relationships>
            """)
        add("xl/workbook.xml", """
            <workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="\(relations)">\(workbook)\
            <sheets><sheet name="A&amp;B" sheetId="1" r:id="r1"/></sheets></workbook>
            """)
        add("xl/styles.xml", "<styleSheet>\(styles)</styleSheet>")
        if let shared { add("xl/sharedStrings.xml", "<sst>\(shared)</sst>") }
        add("xl/worksheets/sheet1.xml", "\(prologue)<worksheet><sheetData>\(rows)</sheetData>\(after)</worksheet>")
    }

    mutating func add(_ name: String, _ text: String) { parts.append((name, Array(text.utf8))) }

    mutating func replace(_ name: String, _ text: String) {
        parts.removeAll { $0.name == name }
        add(name, text)
    }

    /// The archive's bytes.
    func bytes(password: String? = nil) -> [UInt8] {
        let path = FileManager.default.temporaryDirectory.appending(path: "lika-specimen-\(UUID().uuidString).xlsx").path(percentEncoded: false)
        let archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, nil)!
        let copies = parts.map { part in
            let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, part.content.count))
            _ = copy.update(from: part.content)
            return copy
        }
        for (part, copy) in zip(parts, copies) {
            let source = zip_source_buffer(archive, copy.baseAddress, UInt64(part.content.count), 0)!
            let index = zip_file_add(archive, part.name, source, zip_flags_t(ZIP_FL_ENC_UTF_8))
            if let password { zip_file_set_encryption(archive, UInt64(index), UInt16(ZIP_EM_AES_256), password) }
        }
        zip_close(archive)
        copies.forEach { $0.deallocate() }
        defer { try? FileManager.default.removeItem(atPath: path) }
        return Array(FileManager.default.contents(atPath: path)!)
    }

    static func row(_ line: Int, _ cells: String...) -> String { "<row r=\"\(line)\">\(cells.joined())</row>" }
    static func text(_ address: String, _ text: String) -> String { "<c r=\"\(address)\" t=\"inlineStr\"><is><t>\(text)</t></is></c>" }
    static func number(_ address: String, _ number: String, style: Int = 0) -> String { "<c r=\"\(address)\" s=\"\(style)\"><v>\(number)</v></c>" }
}
