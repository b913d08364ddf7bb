import Foundation

/// How a text file writes its characters. Never guessed silently: whoever reads a sheet is told which it was.
package enum SheetEncoding: String, Codable, CaseIterable, Sendable {
    case utf8 = "UTF-8"
    case gb18030 = "GB18030"

    /// What a `charset` parameter means; GBK and GB 2312 are parts of GB 18030.
    package init?(charset: String) {
        switch charset.lowercased() {
        case "utf-8", "utf8": self = .utf8
        case "gb18030", "gbk", "gb2312", "cp936": self = .gb18030
        default: return nil
        }
    }
}

/// Turns GB18030 (GB 18030-2005, as iconv knows it) into UTF-8, piece by piece.
final class Transcoder {
    // The only holder of the conversion descriptor.
    private let descriptor: iconv_t
    /// The beginning of a character whose end is in the next piece.
    private var rest: [UInt8] = []

    init() throws(SheetRefusal) {
        guard let opened = iconv_open("UTF-8", "GB18030"), opened != iconv_t(bitPattern: -1) else {
            throw SheetRefusal("sheet.encoding", "this system cannot read GB18030; save the sheet as CSV in UTF-8")
        }
        descriptor = opened
    }

    deinit { iconv_close(descriptor) }

    /// The piece in UTF-8; nothing if it is not GB18030.
    func convert(_ piece: [UInt8]) -> [UInt8]? {
        var input = rest + piece
        rest = []
        // Four bytes of GB18030 are at most four of UTF-8, two at most three.
        var output = [UInt8](repeating: 0, count: input.count * 2 + 16)
        let (used, written, isLegal) = input.withUnsafeMutableBytes { source in
            output.withUnsafeMutableBytes { target -> (Int, Int, Bool) in
                var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
                var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
                var (left, room) = (source.count, target.count)
                let result = iconv(descriptor, &from, &left, &to, &room)
                // EINVAL: the piece ends within a character.
                return (source.count - left, target.count - room, result != -1 || errno == EINVAL)
            }
        }
        guard isLegal else { return nil }
        rest = Array(input[used...])
        return Array(output[..<written])
    }

    /// Whether nothing is left over.
    var isAtEnd: Bool { rest.isEmpty }
}
