import Contracts
import Foundation
import IntakeDomain
import Registry
import Yams

/// The plan of a yearly review as data (`infra/sample/plan-2018.yaml`).
struct Plan: Decodable, Sendable {
    /// Handed in as it is when the campaign is issued.
    let campaign: CampaignPlan
    let places: Places

    /// Where a list must hang; `{community}` and `{group}` stand for each one that it touches.
    struct Places: Decodable, Sendable {
        let community: [String]
        let subdistrict: [String]
    }

    /// The stages that this driver acts in, by their names in the plan.
    enum Stage: String, Sendable {
        case plan, preparation, analysis, survey, verification, review, resolution, approval
        case initialDecision = "initial_decision"
        case communityPublicity = "community_publicity"
        case subdistrictPublicity = "subdistrict_publicity"
    }

    enum Day: Sendable {
        case first, last
        /// So many days after the first.
        case then(Int)
        /// So many days after the last.
        case after(Int)
    }

    struct Unusable: Error, CustomStringConvertible {
        let what: String
        var description: String { "the plan cannot be played: \(what)" }
    }

    init(reading file: String) throws {
        self = try YAMLDecoder().decode(Plan.self, from: Data(contentsOf: URL(filePath: file)))
    }

    /// A moment of the plan: an hour of a local day.
    func moment(_ stage: Stage, _ day: Day, hour: Int) throws -> Instant {
        guard let found = campaign.stages.first(where: { $0.id == stage.rawValue }) else { throw Unusable(what: "it has no stage \(stage.rawValue)") }
        let date =
            switch day {
            case .first: found.from
            case .last: found.to
            case .then(let days): found.from + days
            case .after(let days): found.to + days
            }
        return date.start + Double(hour * 3_600)
    }

    /// The places of a list of this community that touches these groups.
    func places(_ level: PublicityLevel, community: DivisionCode, groups: [DivisionCode]) -> [String] {
        let patterns =
            switch level {
            case .community: places.community
            case .subdistrict: places.subdistrict
            }
        return patterns.flatMap { pattern in
            pattern.contains("{group}")
                ? groups.map { pattern.replacing("{group}", with: $0.code) }
                : [pattern.replacing("{community}", with: community.code)]
        }
    }
}
