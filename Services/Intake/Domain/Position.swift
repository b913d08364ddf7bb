import Contracts
import Registry

/// A point on the earth: degrees north and east in whole ten-millionths (1e-7, a centimetre), so that what a device measured
/// is kept and compared exactly.
package struct Coordinates: Hashable, Codable, Sendable {
    package let latitudeE7: Int
    package let longitudeE7: Int

    package init(latitudeE7: Int, longitudeE7: Int) { (self.latitudeE7, self.longitudeE7) = (latitudeE7, longitudeE7) }
}

/// What a device's coordinates refer to (section 11). Both are in daily use in China, some hundred metres apart.
package enum ReferenceSystem: String, Codable, CaseIterable, Sendable {
    /// Of satellite receivers.
    case wgs84 = "WGS-84"
    /// Of Chinese maps and of telephones that draw them.
    case gcj02 = "GCJ-02"
}

/// Where a device says that a place is, exactly as it says it. Of a front door it tells where a poor family lives, so printing
/// it yields its kind alone.
package struct Position: Equatable, Codable, Sendable {
    package let latitudeE7: Int
    package let longitudeE7: Int
    /// The radius within which the place lies, in metres.
    package let accuracy: Int
    /// By the device's clock.
    package let takenAt: Instant
    package let system: ReferenceSystem

    package init(_ coordinates: Coordinates, accuracy: Int, takenAt: Instant, system: ReferenceSystem) {
        (latitudeE7, longitudeE7) = (coordinates.latitudeE7, coordinates.longitudeE7)
        (self.accuracy, self.takenAt, self.system) = (accuracy, takenAt, system)
    }

    /// In the given system.
    package func coordinates(in wanted: ReferenceSystem) -> Coordinates {
        Coordinates(latitudeE7: latitudeE7, longitudeE7: longitudeE7).converted(from: system, to: wanted)
    }
}

extension Position: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<position>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

// MARK: Plausibility

/// What a position must agree with, as far as it is known.
package struct PositionBounds: Equatable, Sendable {
    /// Of the nearest division around the place that has one.
    package let outline: Outline?
    /// In metres.
    package let worstAccuracy: Int
    /// When captures of the campaign may begin.
    package let earliest: Instant
    package let now: Instant

    package init(outline: Outline?, worstAccuracy: Int, earliest: Instant, now: Instant) {
        (self.outline, self.worstAccuracy, self.earliest, self.now) = (outline, worstAccuracy, earliest, now)
    }

    /// In seconds: how far a telephone's clock may be ahead, which is what the suite's own clock may leap [D].
    package static let clockTolerance = 120.0

    /// Why the position cannot be the place's; all at once.
    package func faults(of position: Position) -> [PositionFault] {
        let point = position.coordinates(in: .wgs84)
        var faults: [PositionFault] = []
        if !Box.china.contains(point) {
            faults.append(.outsideChina)
        } else if let outline, !outline.box.contains(point) {
            faults.append(.outsideBox)
        }
        if !(1...worstAccuracy).contains(position.accuracy) { faults.append(.inaccurate) }
        if position.takenAt > now + Self.clockTolerance { faults.append(.future) }
        if position.takenAt < earliest { faults.append(.beforeCampaign) }
        return faults
    }

    /// What somebody should look at, though it may be right: outlines are drawn by hand.
    package func warnings(of position: Position) -> [PositionWarning] {
        guard let outline else { return [.outlineUnknown] }
        return outline.contains(position.coordinates(in: .wgs84)) ? [] : [.outsideOutline]
    }
}

/// The raw value is the public code.
package enum PositionFault: String, CaseIterable, Sendable {
    case outsideChina = "position.outside-china"
    case outsideBox = "position.outside-division"
    case inaccurate = "position.inaccurate"
    case future = "position.in-the-future"
    case beforeCampaign = "position.before-campaign"

    /// The field that shows it.
    package var field: String {
        switch self {
        case .outsideChina, .outsideBox: "latitudeE7"
        case .inaccurate: "accuracy"
        case .future, .beforeCampaign: "takenAt"
        }
    }

    package var reason: String {
        switch self {
        case .outsideChina: "degrees in ten-millionths, and a point in China"
        case .outsideBox: "the point lies outside the box around the division"
        case .inaccurate: "the accuracy is 1 metre to the campaign's limit: wait for a better fix and measure again"
        case .future: "the device's clock is ahead of ours"
        case .beforeCampaign: "taken before the campaign began: measure again"
        }
    }
}

/// The raw value is the public code.
package enum PositionWarning: String, CaseIterable, Sendable {
    case outsideOutline = "position.outside-outline"
    /// Of no division around the place, so that only China could be checked.
    case outlineUnknown = "position.outline-unknown"
}

extension CampaignPlan {
    /// The stage of the plan in which positions are captured and marked (R14, R15).
    private var geolocation: Stage? { stages.first { $0.id == "geolocation" } }

    /// The last day for it: of the stage, or else of all data.
    package var positionsDueOn: LocalDate { geolocation?.to ?? dataFreezeOn }
}

extension IssuedCampaign {
    /// No position that was taken earlier belongs to this campaign: it begins with its first stage, or with its issue if that
    /// comes before.
    package var positionsFrom: Instant { min(LocalDate(issuedAt), plan.stages.map(\.from).min() ?? LocalDate(issuedAt)).start }

    /// Whether the last day for capturing and marking is over.
    package func isPositioningOver(at now: Instant) -> Bool { now >= (plan.positionsDueOn + 1).start }
}
