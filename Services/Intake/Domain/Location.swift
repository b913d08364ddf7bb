import Contracts
import Registry

package enum LocatedPlace {}
package typealias LocationID = ID<LocatedPlace>

/// What is located.
package enum Place: Hashable, Sendable {
    /// The centre of the household's front door (贫困户大门口居中处).
    case frontDoor(HouseholdID)
    /// The seat of a subdistrict or community (所在地).
    case seat(DivisionCode)
}

/// How far a campaign is with the position of a place.
///
///     missing ──capture──▶ captured ──mark──▶ marked
///                            │ ▲ ▲             │ │
///                            └─┘ └─── unmark ──┘ │
///                         capture ◀──────────────┘
///
/// Marking says that the national system shows the very position that was captured last, so another capture is to be marked
/// anew. What is not marked when the stage's last day is over is overdue.
package struct Location: Equatable, Sendable {
    package let place: Place
    /// Since when the campaign needs it; nothing while it does not.
    package var requiredOn: LocalDate?
    package var state: State
    /// Counts the steps.
    package var version: Int

    package enum State: Equatable, Sendable {
        case missing
        /// By the step of this version.
        case captured(Int)
        case marked(Int)

        /// The step that captured what holds now.
        package var capture: Int? {
            switch self {
            case .missing: nil
            case .captured(let version), .marked(let version): version
            }
        }
    }

    package enum Command: Equatable, Sendable { case capture, mark, unmark }

    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case notCaptured = "intake.position-not-captured"
        case notMarked = "intake.position-not-marked"
    }

    package init(place: Place, requiredOn: LocalDate? = nil, state: State = .missing, version: Int = 0) {
        (self.place, self.requiredOn, self.state, self.version) = (place, requiredOn, state, version)
    }

    /// What it becomes; the same where there is nothing to do.
    package func deciding(_ command: Command) -> Result<Location, Refusal> {
        switch (state, command) {
        case (.missing, .capture), (.captured, .capture), (.marked, .capture): .success(become(.captured(version + 1)))
        case (.captured(let capture), .mark): .success(become(.marked(capture)))
        case (.marked, .mark): .success(self)
        case (.marked(let capture), .unmark): .success(become(.captured(capture)))
        case (.missing, .mark): .failure(.notCaptured)
        case (.missing, .unmark), (.captured, .unmark): .failure(.notMarked)
        }
    }

    private func become(_ state: State) -> Location {
        Location(place: place, requiredOn: requiredOn, state: state, version: version + 1)
    }

    package func isOverdue(after isOver: Bool) -> Bool {
        guard isOver, requiredOn != nil else { return false }
        switch state {
        case .missing, .captured: return true
        case .marked: return false
        }
    }
}

/// What a campaign needs the position of: the front door of every registered household, the seats of the communities in which
/// registered people live, and the subdistrict's own (R14, R15; section 4, 7; section 12, 3). Confirmed removals have left the
/// register and confirmed entries have joined it, so it follows from the register of the day.
package enum RequiredPlaces {
    package struct Registered: Equatable, Sendable {
        package let household: HouseholdID
        package let division: DivisionCode
        package let persons: Int

        package init(_ household: HouseholdID, in division: DivisionCode, persons: Int) {
            (self.household, self.division, self.persons) = (household, division, persons)
        }
    }

    package static func places(_ registered: [Registered], of subdistrict: DivisionCode) -> Set<Place> {
        var places: Set<Place> = [.seat(subdistrict)]
        for household in registered {
            places.insert(.frontDoor(household.household))
            if household.persons > 0, let community = household.division.enclosing(.community) { places.insert(.seat(community)) }
        }
        return places
    }

    /// The local midnight at which it is to be looked at again: each, until the year of the campaign ends with its summary
    /// (R31).
    package static func next(after now: Instant, in plan: CampaignPlan) -> Instant? {
        let tomorrow = LocalDate(now) + 1
        return tomorrow.year <= plan.year ? tomorrow.start : nil
    }
}

/// How many places a division has to locate, and how far it is (section 10).
package struct PositionProgress: Equatable, Sendable {
    package var required: Int
    /// Of the required ones; the marked ones too.
    package var captured: Int
    package var marked: Int

    package init(required: Int = 0, captured: Int = 0, marked: Int = 0) {
        (self.required, self.captured, self.marked) = (required, captured, marked)
    }

    package var toCapture: Int { required - captured }
    package var toMark: Int { captured - marked }

    package func overdue(after isOver: Bool) -> Int { isOver ? required - marked : 0 }

    package static func + (a: Self, b: Self) -> Self {
        Self(required: a.required + b.required, captured: a.captured + b.captured, marked: a.marked + b.marked)
    }
}
