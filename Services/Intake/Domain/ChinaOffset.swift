import Foundation

// Between WGS-84 and GCJ-02. The state's own formula is secret; this is the one in public use, with the constants of
// googollee/eviltransform, whose published pairs of values are our tests. Results are rounded to 1e-7 degrees, so that the
// last bits of a machine's sine do not matter.

extension Coordinates {
    package func converted(from system: ReferenceSystem, to wanted: ReferenceSystem) -> Coordinates {
        // Nothing is shifted abroad.
        guard system != wanted, Box.china.contains(self) else { return self }
        let point = Degrees(self)
        return Coordinates(wanted == .gcj02 ? point.shifted : point.unshifted)
    }

    private init(_ degrees: Degrees) {
        self.init(latitudeE7: Int((degrees.latitude * 1e7).rounded()), longitudeE7: Int((degrees.longitude * 1e7).rounded()))
    }
}

private struct Degrees {
    var latitude: Double
    var longitude: Double

    init(_ coordinates: Coordinates) { (latitude, longitude) = (Double(coordinates.latitudeE7) / 1e7, Double(coordinates.longitudeE7) / 1e7) }

    /// Of Krasovsky's ellipsoid of 1940: the greater half axis in metres, and the first eccentricity squared.
    private static let axis = 6_378_245.0
    private static let eccentricity = 0.006_693_421_622_965_943_23
    /// More than ever needed: each round gains two digits.
    private static let rounds = 20

    var shifted: Degrees {
        let offset = offset
        var point = self
        point.latitude += offset.latitude
        point.longitude += offset.longitude
        return point
    }

    /// The point that is shifted here: there is no formula for it, but the offset hardly differs nearby.
    var unshifted: Degrees {
        var guess = self
        for _ in 0..<Self.rounds {
            let offset = guess.offset
            let next = (latitude: latitude - offset.latitude, longitude: longitude - offset.longitude)
            let isThere = abs(next.latitude - guess.latitude) < 1e-10 && abs(next.longitude - guess.longitude) < 1e-10
            (guess.latitude, guess.longitude) = next
            if isThere { break }
        }
        return guess
    }

    private var offset: (latitude: Double, longitude: Double) {
        let (x, y) = (longitude - 105, latitude - 35)
        let both = 0.1 * x * y + (20 * sin(6 * x * .pi) + 20 * sin(2 * x * .pi)) * 2 / 3
        let north =
            -100 + 2 * x + 3 * y + 0.2 * y * y + 0.2 * abs(x).squareRoot() + both
            + (20 * sin(y * .pi) + 40 * sin(y / 3 * .pi) + 160 * sin(y / 12 * .pi) + 320 * sin(y / 30 * .pi)) * 2 / 3
        let east =
            300 + x + 2 * y + 0.1 * x * x + 0.1 * abs(x).squareRoot() + both
            + (20 * sin(x * .pi) + 40 * sin(x / 3 * .pi) + 150 * sin(x / 12 * .pi) + 300 * sin(x / 30 * .pi)) * 2 / 3
        let radians = latitude / 180 * .pi
        let bulge = 1 - Self.eccentricity * sin(radians) * sin(radians)
        let alongMeridian = Self.axis * (1 - Self.eccentricity) / (bulge * bulge.squareRoot())
        let alongParallel = Self.axis / bulge.squareRoot() * cos(radians)
        return (north * 180 / (alongMeridian * .pi), east * 180 / (alongParallel * .pi))
    }
}
