import Contracts
import IntakeDomain
import Registry
import ServiceKit
import Sheets

/// Reads the rows of a sheet that lies in pieces. A workbook must be in memory as it comes, which is its compressed form; a
/// text is read piece by piece.
struct UploadReader {
    private enum Source {
        case text(CSVReader, next: Int)
        case workbook(XLSXReader)
        case ended
    }

    private let piece: (Int) async throws -> [UInt8]?
    private var source: Source

    init(_ format: SheetFormat, sheet: String?, _ outline: SheetOutline, _ limits: SheetLimits, piece: @escaping (Int) async throws -> [UInt8]?) async throws {
        self.piece = piece
        source =
            switch format {
            case .csv: .text(try CSVReader(outline.encoding ?? .utf8, limits), next: 0)
            case .xlsx: .workbook(try XLSXReader(try await Self.whole(piece), sheet: sheet, merges: outline.merges, limits))
            }
    }

    /// Some rows, possibly none as yet; nothing at the end.
    mutating func next() async throws -> [SheetRow]? {
        switch source {
        case .text(var reader, let number):
            if let bytes = try await piece(number) {
                let rows = try reader.read(bytes)
                source = .text(reader, next: number + 1)
                return rows
            }
            source = .ended
            return try reader.finish()
        case .workbook(let reader): return try reader.next()
        case .ended: return nil
        }
    }

    private static func whole(_ piece: (Int) async throws -> [UInt8]?) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        var number = 0
        while let some = try await piece(number) {
            bytes += some
            number += 1
        }
        return bytes
    }

    /// Reads it through once: nothing of a sheet is used that cannot be read to its end. A text is UTF-8 if all of it is, else
    /// GB18030 if all of it is; a declared encoding is the only one tried.
    static func outline(
        _ format: SheetFormat, sheet: String?, declared: SheetEncoding?, _ limits: SheetLimits, piece: @escaping (Int) async throws -> [UInt8]?
    ) async throws -> SheetOutline {
        switch format {
        case .xlsx:
            return try XLSXReader.outline(of: try await whole(piece), sheet: sheet, limits)
        case .csv:
            guard declared == nil else { return try await count(declared ?? .utf8, limits, piece) }
            do { return try await count(.utf8, limits, piece) } catch let refusal as SheetRefusal where refusal.code == "sheet.encoding" {}
            do { return try await count(.gb18030, limits, piece) } catch let refusal as SheetRefusal where refusal.code == "sheet.encoding" {
                throw SheetRefusal(refusal.code, at: refusal.place, "the file is neither UTF-8 nor GB18030; save the sheet as CSV in UTF-8, or as XLSX")
            }
        }
    }

    private static func count(_ encoding: SheetEncoding, _ limits: SheetLimits, _ piece: @escaping (Int) async throws -> [UInt8]?) async throws -> SheetOutline {
        var reader = try await UploadReader(.csv, sheet: nil, SheetOutline(encoding: encoding, rows: 0), limits, piece: piece)
        var rows = 0
        while let some = try await reader.next() { rows += some.count }
        return SheetOutline(encoding: encoding, rows: rows)
    }
}
