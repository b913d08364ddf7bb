import Contracts
import Registry

/// A tip (举报) about the review, from the moment it reaches a box, a telephone or the form until it is answered (R3; domain.md
/// section 5).
///
///     received ──register──▶ registered ──assign──▶ assigned ──investigate──▶ investigating ──find──┐
///                                ▲  (assign anew, also while it is investigated)                    ▼
///                                └──concern: it is about who has it──        upheld | partly_upheld | dismissed
///                                                                                                   │ answer
///     reopened ──assign──▶ assigned                       closed ◀──close── answered ◀──────────────┘
///         ▲
///         └──reopen── answered, closed, merged, transferred
///
///     registered, assigned, investigating, reopened ──merge──▶ merged       (answered by the tip that it went into)
///                                                   └─transfer─▶ transferred (another authority answers)
///
/// It keeps neither what was written nor who wrote it: those lie sealed, apart from it and from each other (section 9). While
/// it is open it holds the one household that it names, and tells so.
package struct IntakeTip: Equatable, Sendable {
    package let id: TipID
    package let campaign: CampaignID
    package let channel: Channel
    /// Whose box, telephone or form: a community or the subdistrict.
    package let place: DivisionCode
    package let isAnonymous: Bool
    package let receivedOn: LocalDate
    /// By which day an answer was promised.
    package internal(set) var dueOn: LocalDate
    /// What the tipster is told, counted through a campaign.
    package internal(set) var number: Int?
    package internal(set) var household: HouseholdID?
    /// Who among those that do the work is accused, if anybody: nobody looks into a tip about themselves.
    package internal(set) var concerns: TipLevel?
    /// Others were merged into it: they read its answer under their own codes.
    package internal(set) var speaksForOthers: Bool
    package internal(set) var status: Status

    package enum Channel: String, Codable, CaseIterable, Sendable {
        case form, box, telephone
        /// An opinion that somebody raised at a meeting: verified and reported back like any tip (R22).
        case meeting
    }

    package enum Status: Equatable, Sendable {
        case received
        case registered
        case assigned(Assignment)
        case investigating(Assignment)
        case found(Assignment, TipOutcome)
        case answered(Assignment, TipOutcome, Manner)
        case closed(Assignment, TipOutcome, Manner)
        case merged(into: TipID)
        /// To an authority beyond this office.
        case transferred
        case reopened
    }

    /// Who looks into it: at which level, and the account of the one person who may see who the tipster is.
    package struct Assignment: Codable, Equatable, Sendable {
        package let level: TipLevel
        package let handler: String

        package init(level: TipLevel, handler: String) { (self.level, self.handler) = (level, handler) }
    }

    /// How the answer was given.
    package enum Manner: String, Codable, CaseIterable, Sendable {
        /// Without names, to be read under the receipt code.
        case notice
        case inPerson = "in_person"
        case telephone, letter
    }

    package enum Command: Equatable, Sendable {
        case register(number: Int)
        /// Which household it speaks of; that one's case waits for the answer.
        case relate(HouseholdID)
        case concern(TipLevel)
        /// - Parameter usually: Who looks into tips at this time of the campaign.
        case assign(Assignment, usually: TipLevel)
        case investigate
        case find(TipOutcome)
        case answer(Manner)
        case close
        /// It says what another one says.
        case merge(into: IntakeTip)
        /// Another one is merged into it.
        case absorb
        case transfer
        case reopen(dueOn: LocalDate)
    }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case notRegistered = "intake.tip-not-registered"
        case alreadyRegistered = "intake.tip-already-registered"
        case notAssigned = "intake.tip-not-assigned"
        /// It is about that level, or about one above: it goes one level up.
        case levelTooLow = "intake.tip-level-too-low"
        /// It is about the highest level that this system knows: it can only be transferred.
        case nobodyAbove = "intake.tip-nobody-above"
        case notInvestigated = "intake.tip-not-investigated"
        case alreadyInvestigated = "intake.tip-already-investigated"
        case alreadyFound = "intake.tip-already-found"
        case withoutFinding = "intake.tip-without-finding"
        /// Whoever is not known, or speaks through another's tip, can be answered by a notice only.
        case noticeOwed = "intake.tip-notice-owed"
        case alreadyAnswered = "intake.tip-already-answered"
        case notAnswered = "intake.tip-not-answered"
        case mergedWithItself = "intake.tip-merged-with-itself"
        case otherMatter = "intake.tip-other-matter"
        case targetOver = "intake.tip-target-over"
        case merged = "intake.tip-merged"
        case transferred = "intake.tip-transferred"
        case over = "intake.tip-over"
        case notOver = "intake.tip-not-over"
        /// Only the handler may see who the tipster is.
        case notHandler = "intake.tip-not-handler"
        /// Nobody looks into a survey of their own (section 8).
        case ownSurvey = "intake.tip-own-survey"
    }

    package init(
        id: TipID, campaign: CampaignID, channel: Channel, place: DivisionCode, isAnonymous: Bool, receivedOn: LocalDate, dueOn: LocalDate,
        number: Int? = nil, household: HouseholdID? = nil, concerns: TipLevel? = nil, speaksForOthers: Bool = false, status: Status = .received
    ) {
        (self.id, self.campaign, self.channel, self.place) = (id, campaign, channel, place)
        (self.isAnonymous, self.receivedOn, self.dueOn, self.number) = (isAnonymous, receivedOn, dueOn, number)
        (self.household, self.concerns, self.speaksForOthers, self.status) = (household, concerns, speaksForOthers, status)
    }

    /// Answered promptly means within so many working days (section 12, 5).
    package static func due(from day: LocalDate, under settings: CampaignSettings) -> LocalDate { day.adding(workingDays: settings.tipAnswerDays) }
}

/// Who may look into a tip, from below upwards.
package enum TipLevel: String, Codable, CaseIterable, Comparable, Sendable {
    /// Its cadres can be accused; they look into nothing.
    case community
    case workTeam = "work_team"
    case subdistrict
    /// The county leading group.
    case county

    package var above: TipLevel? {
        switch self {
        case .community: .workTeam
        case .workTeam: .subdistrict
        case .subdistrict: .county
        case .county: nil
        }
    }

    package static func < (a: Self, b: Self) -> Bool { allCases.firstIndex(of: a) ?? 0 < allCases.firstIndex(of: b) ?? 0 }
}

extension CampaignPlan {
    /// Up to and in the community's window the work team looks into tips, from the subdistrict's posting on the subdistrict
    /// (section 5).
    package func tipInvestigator(on day: LocalDate) -> TipLevel {
        guard let posting = stages.first(where: { $0.id == "subdistrict_publicity" }) else { return .workTeam }
        return day < posting.from ? .workTeam : .subdistrict
    }
}

extension IntakeTip {
    /// Where it stands, in one word: what is stored, listed and asked for.
    package enum State: String, Codable, CaseIterable, Sendable {
        case received, registered, assigned, investigating
        case upheld
        case partlyUpheld = "partly_upheld"
        case dismissed
        case answered, closed, merged, transferred, reopened

        /// Whether somebody still waits for an answer of ours.
        package var isOpen: Bool {
            switch self {
            case .received, .registered, .assigned, .investigating, .upheld, .partlyUpheld, .dismissed, .reopened: true
            case .answered, .closed, .merged, .transferred: false
            }
        }

        init(_ outcome: TipOutcome) {
            switch outcome {
            case .upheld: self = .upheld
            case .partlyUpheld: self = .partlyUpheld
            case .dismissed: self = .dismissed
            }
        }
    }

    package var state: State {
        switch status {
        case .received: .received
        case .registered: .registered
        case .assigned: .assigned
        case .investigating: .investigating
        case .found(_, let outcome): State(outcome)
        case .answered: .answered
        case .closed: .closed
        case .merged: .merged
        case .transferred: .transferred
        case .reopened: .reopened
        }
    }

    package var assignment: Assignment? {
        switch status {
        case .assigned(let assignment), .investigating(let assignment), .found(let assignment, _), .answered(let assignment, _, _),
            .closed(let assignment, _, _):
            assignment
        case .received, .registered, .merged, .transferred, .reopened: nil
        }
    }

    package var outcome: TipOutcome? {
        switch status {
        case .found(_, let outcome), .answered(_, let outcome, _), .closed(_, let outcome, _): outcome
        case .received, .registered, .assigned, .investigating, .merged, .transferred, .reopened: nil
        }
    }

    package var manner: Manner? {
        switch status {
        case .answered(_, _, let manner), .closed(_, _, let manner): manner
        case .received, .registered, .assigned, .investigating, .found, .merged, .transferred, .reopened: nil
        }
    }

    package var mergedInto: TipID? { if case .merged(let other) = status { other } else { nil } }

    package func isOverdue(on day: LocalDate) -> Bool { state.isOpen && dueOn < day }

    /// Whether its tipster can be answered by a notice only.
    package var owesNotice: Bool { isAnonymous || speaksForOthers }

    /// The household whose case waits for it.
    var held: HouseholdID? { state.isOpen && status != .received ? household : nil }

    /// The lowest level that may look into it; none if there is nobody above those whom it is about.
    package func investigator(usually: TipLevel) -> TipLevel? {
        guard let concerns else { return usually }
        return concerns.above.map { max($0, usually) }
    }

    /// Who hears that it is overdue: the level above whoever heard it last, has it, or should. Nobody above the county.
    package func level(escalatedFrom heard: TipLevel?, usually: TipLevel) -> TipLevel? {
        (heard ?? assignment?.level ?? investigator(usually: usually) ?? usually).above
    }

    /// Refuses a handler who has recorded a survey of the household that the tip speaks of.
    package func checkHandler(isNoneOf surveyors: Set<String>) throws(Refusal) {
        if let assignment, surveyors.contains(assignment.handler) { throw .ownSurvey }
    }

    /// Refuses to tell anybody but its handler who the tipster is (section 9).
    package func checkHandler(_ account: String) throws(Refusal) {
        guard assignment?.handler == account else { throw .notHandler }
    }
}
