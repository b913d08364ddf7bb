import Testing

/// Steele, Lea, Flood: the same numbers for the same seed, everywhere.
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &self) }
}

/// As `#expect`, for what is asked a hundred thousand times: it costs nothing while it holds.
func holds(_ condition: Bool, _ comment: @autoclosure () -> Comment, at place: SourceLocation = #_sourceLocation) {
    if !condition { Issue.record(comment(), sourceLocation: place) }
}
