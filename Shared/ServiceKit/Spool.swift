import Foundation

/// Where a body goes that is too large to be held in memory.
package struct Spool: Sendable {
    package struct Piece: Sendable {
        package let upload: UUID
        /// From 0.
        package let number: Int
        package let bytes: [UInt8]
    }

    /// Bytes of the whole body.
    let limit: Int
    /// Keeps a piece. Pieces whose request ended before its effect are never asked for again: whoever keeps them forgets them.
    let put: @Sendable (Piece, Work) throws -> Void

    package static let pieceSize = 256 << 10

    package init(limit: Int, put: @escaping @Sendable (Piece, Work) throws -> Void) { (self.limit, self.put) = (limit, put) }
}

/// A body that was put down in pieces.
package struct Upload: Sendable {
    package let id: UUID
    package let size: Int
    /// SHA-256 of the whole.
    package let digest: String
    /// How it begins.
    package let head: [UInt8]

    static let headSize = 64
}
