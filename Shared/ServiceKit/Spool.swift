import Crypto
import Foundation
import Registry

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

    /// Puts down a body that is in memory already, such as a page's file.
    package func put(_ bytes: [UInt8], _ work: Work) throws -> Upload {
        var cutter = Cutter(limit: limit)
        for piece in try cutter.cut(bytes) { try put(piece, work) }
        let (last, upload) = cutter.finish()
        try put(last, work)
        return upload
    }

    /// Cuts a body into pieces as it comes.
    struct Cutter {
        private let limit: Int
        private let id = UUID()
        private var (open, head, digest) = ([UInt8](), [UInt8](), SHA256())
        private var (size, number) = (0, 0)

        init(limit: Int) { self.limit = limit }

        /// The pieces that these bytes have filled.
        mutating func cut(_ bytes: some Collection<UInt8>) throws -> [Piece] {
            size += bytes.count
            guard size <= limit else { throw Rejected.tooLarge(limit) }
            if head.count < Upload.headSize { head += bytes.prefix(Upload.headSize - head.count) }
            open += bytes
            var (pieces, start) = ([Piece](), 0)
            while open.count - start > Spool.pieceSize {
                pieces.append(piece(Array(open[start..<start + Spool.pieceSize])))
                start += Spool.pieceSize
            }
            open.removeFirst(start)
            return pieces
        }

        /// The last piece, and what is known of the whole.
        mutating func finish() -> (last: Piece, Upload) {
            let last = piece(open)
            return (last, Upload(id: id, size: size, digest: digest.finalize().hexadecimal, head: head))
        }

        private mutating func piece(_ bytes: [UInt8]) -> Piece {
            digest.update(data: bytes)
            defer { number += 1 }
            return Piece(upload: id, number: number, bytes: bytes)
        }
    }
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
