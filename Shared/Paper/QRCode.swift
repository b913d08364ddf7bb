import CQR

/// A text as the black squares of a QR code (ISO/IEC 18004), error correction M.
package struct QRCode {
    /// Squares along one side.
    package let width: Int
    private let squares: [Bool]

    package struct TooLong: Error {}

    package init(_ text: String) throws {
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { throw TooLong() }
        defer { QRcode_free(code) }
        width = Int(code.pointee.width)
        squares = (0..<width * width).map { code.pointee.data[$0] & 1 == 1 }
    }

    package func isBlack(_ column: Int, _ row: Int) -> Bool { squares[row * width + column] }

    /// As a picture that a page can hold without loading anything.
    package var svg: String {
        let quiet = 4
        var path = ""
        for row in 0..<width { for column in 0..<width where isBlack(column, row) { path += "M\(column + quiet) \(row + quiet)h1v1h-1z" } }
        let side = width + 2 * quiet
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(side) \(side)\" width=\"132\" height=\"132\" role=\"img\" aria-label=\"QR\">"
            + "<rect width=\"\(side)\" height=\"\(side)\" fill=\"#fff\"/><path d=\"\(path)\"/></svg>"
    }
}
