import CZip
import Foundation

/// The archive that a workbook is, with nothing in it that a sheet does not need. The only holder of libzip's pointers.
final class Archive {
    private let archive: OpaquePointer
    private let content: UnsafeMutableRawPointer
    private let limits: SheetLimits
    private var sizes: [String: (index: UInt64, compressed: Int)] = [:]
    private var inflated = 0

    init(_ bytes: [UInt8], _ limits: SheetLimits) throws(SheetRefusal) {
        guard bytes.count <= limits.archiveBytes else {
            throw SheetRefusal("sheet.too-large", "the workbook is larger than \(limits.archiveBytes >> 20) MB; split it")
        }
        if bytes.starts(with: Self.compoundFile) { throw Self.isEncrypted(bytes) ? Self.encrypted : Self.oldFormat }
        let content = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 16)
        bytes.withUnsafeBytes { content.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(content), byteCount: bytes.count) }
        (self.content, self.limits) = (content, limits)
        guard let source = zip_source_buffer_create(content, UInt64(bytes.count), 0, nil) else {
            content.deallocate()
            throw Self.damaged
        }
        guard let opened = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, nil) else {
            zip_source_free(source)
            content.deallocate()
            throw Self.damaged
        }
        archive = opened
        try checkParts()
    }

    deinit {
        zip_discard(archive)
        content.deallocate()
    }

    func contains(_ part: String) -> Bool { sizes[part.lowercased()] != nil }

    private func checkParts() throws(SheetRefusal) {
        let count = zip_get_num_entries(archive, 0)
        guard count <= limits.parts else {
            throw SheetRefusal("sheet.too-many-parts", "the workbook consists of more than \(limits.parts) parts; copy the table into a new workbook")
        }
        for index in 0..<UInt64(max(0, count)) {
            var stat = zip_stat_t()
            guard zip_stat_index(archive, index, 0, &stat) == 0, let name = stat.name.map({ String(cString: $0) }) else { throw Self.damaged }
            try check(name, index, stat)
            if sizes.updateValue((index, Int(clamping: stat.comp_size)), forKey: name.lowercased()) != nil { throw Self.damaged }
        }
    }

    private func check(_ name: String, _ index: UInt64, _ stat: zip_stat_t) throws(SheetRefusal) {
        let lower = name.lowercased()
        if name.hasPrefix("/") || name.contains("\\") || name.contains(":") || name.split(separator: "/").contains("..") || isLink(index) {
            throw SheetRefusal("sheet.path", "a part of the file points outside it; copy the table into a new workbook")
        }
        if stat.valid & UInt64(ZIP_STAT_ENCRYPTION_METHOD) != 0, stat.encryption_method != UInt16(ZIP_EM_NONE) { throw Self.encrypted }
        if lower.hasSuffix("vbaproject.bin") || lower.hasPrefix("xl/macrosheets/") { throw Self.macros }
        if lower.hasPrefix("xl/externallinks/") { throw Self.externalLinks }
        if lower.hasPrefix("xl/embeddings/") || Self.archives.contains(where: lower.hasSuffix) {
            throw SheetRefusal("sheet.nested", "another file is embedded in the workbook; remove it")
        }
    }

    private func isLink(_ index: UInt64) -> Bool {
        var system: UInt8 = 0
        var attributes: UInt32 = 0
        guard zip_file_get_external_attributes(archive, index, 0, &system, &attributes) == 0 else { return false }
        return Int32(system) == ZIP_OPSYS_UNIX && (attributes >> 16) & 0xF000 == 0xA000
    }

    /// Inflates a part from its beginning, as it is read.
    func open(_ part: String) throws(SheetRefusal) -> Part {
        guard let found = sizes[part.lowercased()], let file = zip_fopen_index(archive, found.index, 0) else { throw Self.damaged }
        return Part(file, of: self, compressed: found.compressed)
    }

    final class Part {
        private let file: OpaquePointer
        // Keeps the archive open.
        private let archive: Archive
        private let compressed: Int
        private var inflated = 0
        private var buffer = [UInt8](repeating: 0, count: 64 << 10)

        fileprivate init(_ file: OpaquePointer, of archive: Archive, compressed: Int) {
            (self.file, self.archive, self.compressed) = (file, archive, compressed)
        }

        deinit { zip_fclose(file) }

        /// The next bytes, none at the end.
        func read() throws(SheetRefusal) -> ArraySlice<UInt8> {
            let count = Int(buffer.withUnsafeMutableBytes { zip_fread(file, $0.baseAddress, UInt64($0.count)) })
            guard count >= 0 else { throw Archive.damaged }
            inflated += count
            archive.inflated += count
            let limits = archive.limits
            if inflated > limits.ratioAfter, inflated / limits.ratio > compressed {
                throw SheetRefusal("sheet.bomb", "a part of the file inflates to more than \(limits.ratio) times its size; copy the table into a new workbook")
            }
            guard archive.inflated <= limits.inflatedBytes else {
                throw SheetRefusal("sheet.too-large", "the workbook comes to more than \(limits.inflatedBytes >> 20) MB; split it")
            }
            return buffer[..<count]
        }
    }

    static let damaged = SheetRefusal("sheet.damaged", "the file is damaged or no workbook; open it in a spreadsheet program and save it as XLSX again")
    static let macros = SheetRefusal("sheet.macros", "the workbook contains macros; save it as XLSX without macros")
    static let externalLinks = SheetRefusal("sheet.external-links", "the workbook refers to other files; paste the cells as values")
    private static let encrypted = SheetRefusal("sheet.encrypted", "the workbook is protected by a password; save it without one")
    private static let oldFormat = SheetRefusal("sheet.old-format", "the file is a workbook of the old form (XLS); save it as XLSX")

    /// What the old workbooks and the encrypted new ones begin with.
    static let compoundFile: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]
    private static let archives = [".zip", ".xlsx", ".xlsm", ".xlsb", ".xls", ".docx", ".pptx", ".rar", ".7z", ".gz", ".jar"]

    /// An encrypted workbook is a compound file with a stream of this name, which is written in UTF-16.
    private static func isEncrypted(_ bytes: [UInt8]) -> Bool {
        Data(bytes).range(of: Data("EncryptedPackage".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })) != nil
    }
}
