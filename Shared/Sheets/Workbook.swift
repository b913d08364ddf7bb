import Foundation

/// What a workbook says of its sheets before any is read: their names and places, its shared texts, how it writes days.
final class Workbook {
    let archive: Archive
    private let sheets: [(name: String, part: String)]
    let texts: SharedTexts
    let formats: CellFormats

    init(_ bytes: [UInt8], _ limits: SheetLimits) throws(SheetRefusal) {
        let archive = try Archive(bytes, limits)
        self.archive = archive
        let types = ContentTypes()
        try XMLReader.read("[Content_Types].xml", of: archive, types)
        let root = Relations(folder: "")
        try XMLReader.read("_rels/.rels", of: archive, root)
        guard let main = root.targets.first(where: { $0.type.hasSuffix("/officeDocument") })?.part else { throw Archive.damaged }
        let folder = main.split(separator: "/").dropLast().joined(separator: "/")
        let relations = Relations(folder: folder)
        try XMLReader.read("\(folder.isEmpty ? "" : folder + "/")_rels/\(main.split(separator: "/").last ?? "").rels", of: archive, relations)
        let book = Book()
        try XMLReader.read(main, of: archive, book)
        sheets = book.sheets.compactMap { sheet in relations.targets.first { $0.id == sheet.id }.map { (sheet.name, $0.part) } }
        func part(_ type: String) -> String? {
            relations.targets.first { $0.type.hasSuffix("/" + type) }.map(\.part).flatMap { archive.contains($0) ? $0 : nil }
        }
        texts = SharedTexts(limits)
        if let part = part("sharedStrings") { try XMLReader.read(part, of: archive, texts) }
        let styles = Styles()
        if let part = part("styles") { try XMLReader.read(part, of: archive, styles) }
        formats = CellFormats(styles.formats, counts1904: book.counts1904)
    }

    /// The part of the sheet with this name, or of the first.
    func part(of name: String?) throws(SheetRefusal) -> String {
        guard let name else {
            guard let first = sheets.first else { throw Archive.damaged }
            return first.part
        }
        guard let found = sheets.first(where: { $0.name == name }) else {
            throw SheetRefusal("sheet.no-such-sheet", "the workbook has no sheet of this name")
        }
        return found.part
    }
}

/// `[Content_Types].xml`: what the parts are said to be.
private final class ContentTypes: XMLHandler {
    private(set) var refusal: SheetRefusal?

    func begin(_ name: XMLName, _ attributes: XMLAttributes) {
        guard let type = attributes["ContentType"]?.lowercased() else { return }
        if type.contains("macroenabled") || type.contains("vbaproject") { refusal = Archive.macros }
        if type.contains("externallink") { refusal = Archive.externalLinks }
        if type.contains("vnd.ms-excel.sheet.binary") {
            refusal = SheetRefusal("sheet.old-format", "the file is a binary workbook (XLSB); save it as XLSX")
        }
    }

    func end(_ name: XMLName) {}
    func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
}

/// A `.rels` part: where the parts that another names are found.
private final class Relations: XMLHandler {
    private(set) var targets: [(id: String, type: String, part: String)] = []
    private(set) var refusal: SheetRefusal?
    private let folder: String

    init(folder: String) { self.folder = folder }

    func begin(_ name: XMLName, _ attributes: XMLAttributes) {
        guard "Relationship" ~= name, let id = attributes["Id"], let type = attributes["Type"], let target = attributes["Target"] else { return }
        if type.hasSuffix("/externalLink") || type.hasSuffix("/externalLinkPath") { return refusal = Archive.externalLinks }
        if attributes["TargetMode"] == "External" { return }
        let part = target.hasPrefix("/") ? String(target.dropFirst()) : folder.isEmpty ? target : "\(folder)/\(target)"
        targets.append((id, type, part))
    }

    func end(_ name: XMLName) {}
    func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
}

/// `workbook.xml`: the sheets in their order, and from which day their dates count.
private final class Book: XMLHandler {
    private(set) var sheets: [(name: String, id: String)] = []
    private(set) var counts1904 = false
    var refusal: SheetRefusal? { nil }

    func begin(_ name: XMLName, _ attributes: XMLAttributes) {
        switch name {
        case "sheet": if let name = attributes["name"], let id = attributes["id"] { sheets.append((name, id)) }
        case "workbookPr": counts1904 = ["1", "true"].contains(attributes["date1904"])
        default: break
        }
    }

    func end(_ name: XMLName) {}
    func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
}

/// `styles.xml`: the number format of each cell style.
private final class Styles: XMLHandler {
    private var custom: [Int: String] = [:]
    private var isInCells = false
    private(set) var formats: [CellFormats.Kind] = []
    var refusal: SheetRefusal? { nil }

    func begin(_ name: XMLName, _ attributes: XMLAttributes) {
        switch name {
        case "numFmt":
            if let id = attributes["numFmtId"].flatMap(Int.init), let code = attributes["formatCode"] { custom[id] = code }
        case "cellXfs": isInCells = true
        case "xf" where isInCells:
            let id = attributes["numFmtId"].flatMap(Int.init) ?? 0
            formats.append(custom[id].map(CellFormats.kind(of:)) ?? CellFormats.kind(builtIn: id))
        default: break
        }
    }

    func end(_ name: XMLName) { if "cellXfs" ~= name { isInCells = false } }
    func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
}

/// `sharedStrings.xml`: texts that cells refer to by number, one after the other in one block.
final class SharedTexts: XMLHandler {
    private var block: [UInt8] = []
    private var ends: [Int] = []
    private var isInText = false
    private var isInPhonetics = false
    private let limit: Int
    private(set) var refusal: SheetRefusal?

    init(_ limits: SheetLimits) { limit = limits.sharedBytes }

    subscript(_ number: Int) -> String? {
        guard ends.indices.contains(number) else { return nil }
        return String(decoding: block[(number == 0 ? 0 : ends[number - 1])..<ends[number]], as: UTF8.self)
    }

    func begin(_ name: XMLName, _ attributes: XMLAttributes) {
        switch name {
        case "t": isInText = !isInPhonetics
        case "rPh": isInPhonetics = true
        default: break
        }
    }

    func end(_ name: XMLName) {
        switch name {
        case "t": isInText = false
        case "rPh": isInPhonetics = false
        case "si": ends.append(block.count)
        default: break
        }
    }

    func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard isInText else { return }
        block.append(contentsOf: bytes)
        if block.count + ends.count * 8 > limit {
            refusal = SheetRefusal("sheet.too-large", "the workbook's texts come to more than \(limit >> 20) MB; split it, or save it as CSV")
        }
    }
}
