import Contracts
import Crypto
import Foundation
import Postgres
import Registry
import ServiceKit

/// Files on their way into the books or out of them: sealed, in pieces, so that any instance can go on with them.
enum Uploads {
    /// Due when a file is to be destroyed.
    static let timer = "uploads.forget"

    static func spool(_ vault: Vault, _ settings: ImportSettings) -> Spool {
        Spool(limit: settings.bytes) { piece, work in try work.keep(piece, vault, days: settings.keptDays) }
    }

    /// For what the service itself has written, of whatever size.
    static func kept(_ vault: Vault, _ settings: ImportSettings) -> Spool {
        Spool(limit: .max) { piece, work in try work.keep(piece, vault, days: settings.keptDays) }
    }
}

extension Vault {
    /// Bound to its place: a piece opens nowhere else.
    fileprivate func seal(_ piece: Spool.Piece) throws -> Bytes {
        let box = try AES.GCM.seal(piece.bytes, using: uploading, authenticating: Self.place(piece.upload, piece.number))
        return Bytes(Array(box.nonce) + Array(box.ciphertext) + Array(box.tag))
    }

    fileprivate func open(_ sealed: Bytes, _ upload: UUID, _ number: Int) throws -> [UInt8] {
        do {
            return Array(try AES.GCM.open(AES.GCM.SealedBox(combined: sealed.array), using: uploading, authenticating: Self.place(upload, number)))
        } catch { throw Unopenable() }
    }

    private static func place(_ upload: UUID, _ number: Int) -> [UInt8] { Array("upload_pieces.sealed/\(upload)/\(number)".utf8) }
}

extension Work {
    fileprivate func keep(_ piece: Spool.Piece, _ vault: Vault, days: Int) throws {
        // A request that ends before its effect leaves nothing behind for long.
        if piece.number == 0 { try schedule(Uploads.timer, piece.upload, at: now + Double(max(1, days)) * 86_400) }
        try execute("INSERT INTO upload_pieces (upload_id, number, sealed) VALUES (\(piece.upload), \(piece.number), \(try vault.seal(piece)))")
    }

    func piece(_ number: Int, of upload: UUID, _ vault: Vault) throws -> [UInt8]? {
        try first("SELECT sealed FROM upload_pieces WHERE upload_id = \(upload) AND number = \(number)").map {
            try vault.open($0["sealed"], upload, number)
        }
    }

    /// The whole file.
    func bytes(of upload: UUID, _ vault: Vault) throws -> [UInt8] {
        var (bytes, number) = ([UInt8](), 0)
        while let piece = try piece(number, of: upload, vault) {
            bytes += piece
            number += 1
        }
        return bytes
    }

    /// Destroys files whose time is over, and with them what became of each of their rows; the report remains. What an import
    /// still works on is kept.
    func forget(_ uploads: [UUID], after days: Int) throws {
        let open = try Set(
            query("SELECT upload_id FROM imports WHERE upload_id = ANY(\(uploads)) AND state IN ('waiting', 'running')")
                .map { try $0["upload_id", as: UUID.self] })
        for upload in open { try schedule(Uploads.timer, upload, at: now + Double(max(1, days)) * 86_400) }
        let over = uploads.filter { !open.contains($0) }
        try execute("DELETE FROM import_outcomes WHERE import_id IN (SELECT id FROM imports WHERE upload_id = ANY(\(over)))")
        try execute("UPDATE imports SET upload_id = NULL WHERE upload_id = ANY(\(over))")
        try execute("UPDATE exports SET upload_id = NULL WHERE upload_id = ANY(\(over))")
        try execute("DELETE FROM upload_pieces WHERE upload_id = ANY(\(over))")
    }
}
