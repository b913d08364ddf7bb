import Crypto
import Registry

/// SHA-256 as lower-case hexadecimal.
package enum Digest {
    package static func sha256(_ bytes: some Sequence<UInt8>) -> String { SHA256.hash(data: Array(bytes)).hexadecimal }
}
