/// SplitMix64 (Steele, Lea and Flood, 2014): the same seed gives the same sample on every machine and with every compiler,
/// which the standard library's own shuffling does not promise.
struct SampleRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    /// True in `percent` of a hundred cases.
    mutating func chance(_ percent: Int) -> Bool { number(0...99) < percent }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[number(0...(elements.count - 1))] }

    /// Fisher and Yates.
    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for place in stride(from: elements.count - 1, to: 0, by: -1) { elements.swapAt(place, number(0...place)) }
        return elements
    }
}
