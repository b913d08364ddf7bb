import Registry

/// How often something may happen: as often as there are tokens, which come back at a steady rate up to a number. It lets a
/// burst pass and stops a flood.
package struct TokenBucket: Equatable, Sendable {
    package struct Rate: Equatable, Sendable {
        /// The largest burst.
        package let capacity: Int
        package let secondsPerToken: Double

        package init(capacity: Int, secondsPerToken: Double) { (self.capacity, self.secondsPerToken) = (capacity, secondsPerToken) }
    }

    package let tokens: Double
    package let filledAt: Instant

    package init(tokens: Double, filledAt: Instant) { (self.tokens, self.filledAt) = (tokens, filledAt) }

    /// The bucket afterwards; without a token, in how many whole seconds there will be one.
    package func taking(at now: Instant, _ rate: Rate) -> (bucket: TokenBucket, wait: Int?) {
        let filled = min(Double(rate.capacity), tokens + max(0, now - filledAt) / rate.secondsPerToken)
        if filled >= 1 { return (TokenBucket(tokens: filled - 1, filledAt: now), nil) }
        // Whole milliseconds first: what is left of a division must not cost a second.
        let wait = ((1 - filled) * rate.secondsPerToken * 1000).rounded() / 1000
        return (TokenBucket(tokens: filled, filledAt: now), max(1, Int(wait.rounded(.up))))
    }
}

/// The part of a client's address that tells one network from another: of IPv4 three numbers, of IPv6 four groups, since
/// whoever has one address there has all behind it.
package enum NetworkPrefix {
    /// Nothing if it is no address.
    package static func of(_ address: String) -> String? {
        if let last = address.split(separator: ":").last, last.contains(".") { return ofFour(last) }
        guard address.contains(":") else { return nil }
        let halves = address.components(separatedAtFirst: "::")
        let left = halves.0.split(separator: ":"), right = halves.1?.split(separator: ":") ?? []
        let missing = 8 - left.count - right.count
        guard halves.1 == nil ? missing == 0 : missing >= 1 else { return nil }
        let groups = left.map(String.init) + Array(repeating: "0", count: missing) + right.map(String.init)
        let numbers = groups.compactMap { $0.count <= 4 ? UInt16($0, radix: 16) : nil }
        return numbers.count == 8 ? numbers.prefix(4).map { String($0, radix: 16) }.joined(separator: ":") : nil
    }

    private static func ofFour(_ address: Substring) -> String? {
        let numbers = address.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
        return numbers.count == 4 && address.count { $0 == "." } == 3 ? numbers.prefix(3).map(String.init).joined(separator: ".") : nil
    }
}

extension String {
    fileprivate func components(separatedAtFirst separator: String) -> (String, String?) {
        guard let place = firstRange(of: separator) else { return (self, nil) }
        return (String(self[..<place.lowerBound]), String(self[place.upperBound...]))
    }
}
