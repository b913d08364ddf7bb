import Foundation

/// A piece of the earth on a drawing, north up: small enough that a degree is as long everywhere on it.
///
/// Places come out in whole units of the drawing, which are metres wide: from the drawing nobody reads a front door to the
/// step.
package struct MapFrame: Equatable, Sendable {
    package let width: Int
    package let height: Int
    private let box: Box
    /// How many metres a unit stands for.
    private let scale: Double

    private static let metresPerUnitOfLatitude = 0.011_131_949
    private static let margin = 40
    private static let tallest = 900
    private static let lowest = 240
    /// About a kilometre: what is smaller is drawn with its surroundings.
    private static let smallest = 90_000

    package init(showing shown: Box, width: Int = 720) {
        box = shown.grown(toAtLeast: Self.smallest)
        let metres = (east: Double(box.east - box.west) * Self.metresPerUnitOfLongitude(box), north: Double(box.north - box.south) * Self.metresPerUnitOfLatitude)
        scale = max(metres.east / Double(width - 2 * Self.margin), metres.north / Double(Self.tallest - 2 * Self.margin))
        self.width = width
        height = max(Self.lowest, Int((metres.north / scale).rounded()) + 2 * Self.margin)
    }

    package func place(_ point: Coordinates) -> (x: Int, y: Int) {
        let east = Double(point.longitudeE7) - Double(box.west + box.east) / 2
        let north = Double(point.latitudeE7) - Double(box.south + box.north) / 2
        return (
            x: Int((Double(width) / 2 + east * Self.metresPerUnitOfLongitude(box) / scale).rounded()),
            y: Int((Double(height) / 2 - north * Self.metresPerUnitOfLatitude / scale).rounded())
        )
    }

    /// A round distance, at most a quarter as long as the drawing is wide, and its length on it.
    package var ruler: (metres: Int, length: Int) {
        let longest = Double(width) / 4 * scale
        let powers = sequence(first: 1) { $0 < 1_000_000 ? $0 * 10 : nil }
        let metres = powers.flatMap { [$0, 2 * $0, 5 * $0] }.last { Double($0) <= longest } ?? 1
        return (metres, Int((Double(metres) / scale).rounded()))
    }

    private static func metresPerUnitOfLongitude(_ box: Box) -> Double {
        metresPerUnitOfLatitude * cos(Double(box.south + box.north) / 2 / 1e7 / 180 * .pi)
    }
}

extension Box {
    fileprivate func grown(toAtLeast span: Int) -> Box {
        let (high, wide) = (max(0, span - (north - south)) / 2, max(0, span - (east - west)) / 2)
        return Box(south: south - high, west: west - wide, north: north + high, east: east + wide)
    }
}
