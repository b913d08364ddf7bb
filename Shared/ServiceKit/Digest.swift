import Crypto

/// SHA-256 as lower-case hexadecimal.
package enum Digest {
    package static func sha256(_ bytes: some Sequence<UInt8>) -> String { text(SHA256.hash(data: Array(bytes))) }

    static func text(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in digest {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
