import Contracts

/// A rectangle along meridians and parallels; its edges belong to it.
package struct Box: Equatable, Sendable {
    package let south: Int
    package let west: Int
    package let north: Int
    package let east: Int

    package init(south: Int, west: Int, north: Int, east: Int) { (self.south, self.west, self.north, self.east) = (south, west, north, east) }

    /// The smallest that holds all of them; nothing around nothing.
    package init?(around points: some Collection<Coordinates>) {
        guard let first = points.first else { return nil }
        var (south, west, north, east) = (first.latitudeE7, first.longitudeE7, first.latitudeE7, first.longitudeE7)
        for point in points {
            (south, north) = (min(south, point.latitudeE7), max(north, point.latitudeE7))
            (west, east) = (min(west, point.longitudeE7), max(east, point.longitudeE7))
        }
        self.init(south: south, west: west, north: north, east: east)
    }

    package func contains(_ point: Coordinates) -> Bool {
        (south...north).contains(point.latitudeE7) && (west...east).contains(point.longitudeE7)
    }

    /// Within it GCJ-02 differs from WGS-84, and nothing outside it is in China.
    package static let china = Box(south: 8_293_000, west: 720_040_000, north: 558_271_000, east: 1_378_347_000)
}

/// The border of a division in WGS-84: a ring of corners, of which the last is joined to the first. A box is one of four.
package struct Outline: Equatable, Codable, Sendable {
    package var corners: [Coordinates]

    package init(_ corners: [Coordinates]) { self.corners = corners }

    /// Around all of it; of no corners a box that holds nothing.
    package var box: Box { Box(around: corners) ?? Box(south: 0, west: 0, north: 0, east: 0) }

    /// The border belongs to it. Where it crosses itself, what is inside twice is outside.
    package func contains(_ point: Coordinates) -> Bool {
        guard box.contains(point) else { return false }
        var isInside = false
        for (a, b) in zip(corners, corners.dropFirst() + corners.prefix(1)) {
            // Positive if the point lies to the left of the way from a to b. Within China it fits 64 bits by far.
            let side =
                (b.longitudeE7 - a.longitudeE7) * (point.latitudeE7 - a.latitudeE7)
                - (b.latitudeE7 - a.latitudeE7) * (point.longitudeE7 - a.longitudeE7)
            if side == 0, let edge = Box(around: [a, b]), edge.contains(point) { return true }
            let crosses = (a.latitudeE7 > point.latitudeE7) != (b.latitudeE7 > point.latitudeE7)
            if crosses, (side > 0) == (b.latitudeE7 > a.latitudeE7) { isInside.toggle() }
        }
        return isInside
    }

    /// Without the corner that some programs repeat at the end; every fault at once.
    package func checked() throws(Invalid) -> Outline {
        var outline = self
        if corners.count > 1, corners.first == corners.last { outline.corners.removeLast() }
        var faults: [Invalid.Fault] = []
        if !(3...2_000).contains(outline.corners.count) { faults.append(.init("/corners", "out-of-range", "3 to 2,000 corners")) }
        for (place, corner) in outline.corners.enumerated() where !Box.china.contains(corner) {
            faults.append(.init("/corners/\(place)", PositionFault.outsideChina.rawValue, PositionFault.outsideChina.reason))
        }
        let box = outline.box
        if faults.isEmpty, box.south == box.north || box.west == box.east {
            faults.append(.init("/corners", "outline.flat", "the corners lie on one line"))
        }
        guard faults.isEmpty else { throw Invalid(faults) }
        return outline
    }
}
