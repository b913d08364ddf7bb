import Contracts
import Foundation
import Registry
import ReviewDomain

/// Named examples, all invented: 李明's household of the second group of a community of the 2018 plan.
enum Specimen {
    static let campaign = CampaignID(uuid(1))
    static let community = division("530427001001")
    static let group = division("530427001001-02")
    static let meeting = MeetingID(uuid(2))
    static let firstWindow = WindowID(uuid(3))
    static let secondWindow = WindowID(uuid(4))
    static let tip = TipID(uuid(5))
    static let request = RequestID(uuid(6))
    /// Local midnight that ended the first window: 2018-10-22 00:00 in China.
    static let firstMidnight = moment("2018-10-22T00:00:00+08:00")
    static let secondMidnight = moment("2018-10-29T00:00:00+08:00")
    static let now = moment("2018-11-03T09:00:00+08:00")

    static func uuid(_ number: UInt8) -> UUID { UUID(uuid: (0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number)) }
    static func division(_ code: String) -> DivisionCode { DivisionCode(code)! }
    static func moment(_ text: String) -> Instant { Instant(text)! }
    static func day(_ text: String) -> LocalDate { LocalDate(text)! }

    static func household(_ verification: Verification = .complete(discrepant: 0), headName: String = "李明") -> CaseHousehold {
        CaseHousehold(id: HouseholdID(uuid(7)), population: .registered, headName: headName, memberCount: 4, verification: verification)
    }

    /// A case as it stands in this status when all has gone well so far: windows are over once the case has been in them,
    /// except the subdistrict's while it runs.
    static func aCase(_ status: CaseStatus, _ household: CaseHousehold = household()) -> ReviewCase {
        let place = status == .reopened ? .awaitingGate : status
        var dossier = ReviewCase.Dossier()
        func has(_ step: CaseStatus) -> Bool { line.firstIndex(of: place)! >= line.firstIndex(of: step)! }
        if line.contains(place) {
            if has(.internallyReviewed) { dossier.internalReview = meeting }
            if has(.publiclyReviewed) { dossier.publicReview = meeting }
            if has(.initiallyDecided) { dossier.initialDecision = meeting }
            if has(.communityPublicity) { dossier.community = .init(firstWindow, endedAt: firstMidnight) }
            if has(.resolved) { dossier.resolution = meeting }
            if has(.approved) { dossier.approval = meeting }
            if has(.subdistrictPublicity) { dossier.subdistrict = .init(secondWindow, endedAt: has(.awaitingGate) ? secondMidnight : nil) }
        }
        return ReviewCase(
            id: CaseID(uuid(8)), campaign: campaign, kind: .exit, member: nil, division: group, household: household,
            proposedAt: moment("2018-10-06T09:00:00+08:00"), status: status, suspended: status == .reopened ? .awaitingGate : nil,
            dossier: dossier)
    }

    static func notice(
        _ lines: [PublicityNotice.Line], office: PublicityNotice.Office = .init(name: "街道扶贫办", telephone: "0877-7012345", box: "街道大门"), names: DivisionNames? = nil
    ) -> PublicityNotice {
        PublicityNotice(
            window: firstWindow, year: 2018, number: 7, level: .community, community: community, days: 5, office: office, names: names,
            lines: lines)
    }

    static func line(_ name: String = "李明", kind: CaseKind = .exit, group: DivisionCode = group) -> PublicityNotice.Line {
        PublicityNotice.Line(kind: kind, group: group, headName: name, memberCount: 4)
    }

    /// The main line, in order.
    static let line = CaseStatus.allCases.filter { ![.withdrawn, .rejected, .reopened, .carriedOver].contains($0) }
}

/// What a case answers, in few letters, so that a whole table can be read at once.
func answer(of case: ReviewCase, _ decide: (ReviewCase) throws(ReviewCase.Refusal) -> Decision<ReviewCase>) -> String {
    do {
        let next = try decide(`case`).state
        return next.status == `case`.status ? "=" : abbreviations[next.status]!
    } catch {
        switch error {
        case .outOfTurn: return "."
        case .suspended: return "~"
        case .withCounty: return "^"
        case .ended: return "x"
        case .nothingToInvestigate: return "?"
        case .held, .windowNotOver, .alreadyListed, .gateIncomplete, .ownData: return error.rawValue
        }
    }
}

let abbreviations: [CaseStatus: String] = [
    .proposed: "PR", .surveyed: "SU", .internallyReviewed: "IR", .publiclyReviewed: "PU", .initiallyDecided: "ID",
    .communityPublicity: "CP", .resolved: "RS", .approved: "AP", .subdistrictPublicity: "SP", .awaitingGate: "AG", .reported: "RP",
    .confirmed: "CF", .announced: "AN", .recorded: "RC", .withdrawn: "WD", .rejected: "RJ", .reopened: "RO", .carriedOver: "CO",
]
