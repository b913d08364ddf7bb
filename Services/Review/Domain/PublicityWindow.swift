import Contracts
import Registry

/// One list hung out in public for its days (domain.md sections 3 and 5).
///
///     planned ──render──▶ rendered ──post──▶ posting ──last place──▶ running ──midnight──▶ expired ──┐
///             names checked                                                                          │ all tips answered
///                                               recalled ◀──every copy accounted for── settled ◀────┘
///
/// From `rendered` on the list is frozen. Day one is the day on which it hangs at every required place, so a late place
/// moves the whole close. Nothing ends a window but the local midnight after its last day.
package struct PublicityWindow: Equatable, Sendable {
    package let id: WindowID
    package let campaign: CampaignID
    package let level: PublicityLevel
    /// The community whose list it is.
    package let division: DivisionCode
    package let days: PublicityDays
    package internal(set) var stage: Stage
    /// How many cases the list names; 0 until it is rendered.
    package internal(set) var cases: Int
    package internal(set) var places: [Place]

    package enum Stage: Equatable, Sendable {
        case planned, rendered, posting
        case running(PublicityDays.Term)
        case expired(Ended)
        case settled(Ended)
        case recalled(Ended)
    }

    package struct Ended: Equatable, Sendable {
        package let term: PublicityDays.Term
        package let at: Instant
        /// Closed well after its time, after downtime.
        package let late: Bool

        package init(term: PublicityDays.Term, at: Instant, late: Bool) { (self.term, self.at, self.late) = (term, at, late) }
    }

    /// A place where the list must hang, and what became of its copy.
    package struct Place: Equatable, Sendable {
        package let name: String
        package var postedAt: Instant?
        package var takenDown: TakenDown?

        package init(_ name: String, postedAt: Instant? = nil, takenDown: TakenDown? = nil) {
            (self.name, self.postedAt, self.takenDown) = (name, postedAt, takenDown)
        }
    }

    package struct TakenDown: Equatable, Sendable {
        package let how: Fate
        package let at: Instant

        package init(_ how: Fate, at: Instant) { (self.how, self.at) = (how, at) }
    }

    /// The plan allows either (R25).
    package enum Fate: String, Codable, CaseIterable, Sendable {
        case recalled, destroyed
    }

    package enum Command: Equatable, Sendable {
        /// Freeze the list.
        case render([SheetLine])
        /// The sheet hangs at this place.
        case post(String)
        /// The clock has passed the end. `lateAfter` is how many seconds a close may take before it counts as late.
        case expire(lateAfter: Double)
        /// So many tips about cases on the list are still open.
        case settle(openTips: Int)
        case takeDown(String, Fate)
    }

    /// Why a window will not do what it was told. The raw value is part of the HTTP API.
    package enum Refusal: String, Contracts.Refusal, CaseIterable {
        case nothingToPublish = "review.nothing-to-publish"
        /// A line shows what looks like an ID, telephone or card number (section 9).
        case sheetNotClean = "review.sheet-not-clean"
        case notRendered = "review.window-not-rendered"
        case frozen = "review.list-frozen"
        case unknownPlace = "review.unknown-place"
        case alreadyPosted = "review.already-posted"
        case notRunning = "review.window-not-running"
        /// Its last local day has not ended.
        case stillRunning = "review.window-still-running"
        case alreadyEnded = "review.window-already-ended"
        case tipsOpen = "review.open-tips"
        case alreadyTakenDown = "review.already-taken-down"
    }

    package init(
        id: WindowID, campaign: CampaignID, level: PublicityLevel, division: DivisionCode, days: PublicityDays,
        places: [Place], cases: Int = 0, stage: Stage = .planned
    ) {
        self.id = id
        self.campaign = campaign
        self.level = level
        self.division = division
        self.days = days
        self.places = places
        self.cases = cases
        self.stage = stage
    }

    package func deciding(_ command: Command, at now: Instant) throws(Refusal) -> Decision<PublicityWindow> {
        switch (stage, command) {
        case (.planned, .render(let lines)):
            guard !lines.isEmpty else { throw .nothingToPublish }
            guard lines.allSatisfy(\.isClean) else { throw .sheetNotClean }
            return Decision(with(.rendered) { $0.cases = lines.count })

        case (.rendered, .post(let name)), (.posting, .post(let name)):
            let place = try place(name)
            guard places[place].postedAt == nil else { throw .alreadyPosted }
            let posted = with(.posting) { $0.places[place].postedAt = now }
            return posted.places.allSatisfy { $0.postedAt != nil } ? posted.opened(at: now) : Decision(posted)

        case (.running(let term), .expire(let lateAfter)):
            guard now >= term.closesAt else { throw .stillRunning }
            let ended = Ended(term: term, at: now, late: now - term.closesAt > lateAfter)
            return Decision(
                with(.expired(ended)),
                [WindowExpired(window: id, closesAt: term.closesAt, expiredAt: now, late: ended.late)])

        case (.expired(let ended), .settle(let openTips)):
            guard openTips == 0 else { throw .tipsOpen }
            return Decision(with(isTakenDown ? .recalled(ended) : .settled(ended)))

        case (.expired(let ended), .takeDown(let name, let fate)):
            return try takenDown(name, fate, at: now, whenAll: .expired(ended))
        case (.settled(let ended), .takeDown(let name, let fate)):
            return try takenDown(name, fate, at: now, whenAll: .recalled(ended))

        case (.planned, .post), (.planned, .expire), (.planned, .settle), (.planned, .takeDown):
            throw .notRendered
        case (.rendered, .render), (.posting, .render), (.running, .render), (.expired, .render), (.settled, .render), (.recalled, .render):
            throw .frozen
        case (.rendered, .expire), (.rendered, .settle), (.rendered, .takeDown),
            (.posting, .expire), (.posting, .settle), (.posting, .takeDown):
            throw .notRunning
        case (.running, .post):
            throw .alreadyPosted
        case (.running, .settle), (.running, .takeDown):
            throw .stillRunning
        case (.expired, .post), (.expired, .expire), (.settled, .post), (.settled, .expire), (.settled, .settle),
            (.recalled, .post), (.recalled, .expire), (.recalled, .settle):
            throw .alreadyEnded
        case (.recalled, .takeDown):
            throw .alreadyTakenDown
        }
    }

    /// Runs, and its last local day is over.
    package func isDue(at now: Instant) -> Bool {
        if case .running(let term) = stage { now >= term.closesAt } else { false }
    }

    private var isTakenDown: Bool { places.allSatisfy { $0.takenDown != nil } }

    private func place(_ name: String) throws(Refusal) -> Int {
        guard let place = places.firstIndex(where: { $0.name == name }) else { throw .unknownPlace }
        return place
    }

    private func with(_ next: Stage, _ change: (inout PublicityWindow) -> Void = { _ in }) -> PublicityWindow {
        var window = self
        window.stage = next
        change(&window)
        return window
    }

    private func opened(at now: Instant) -> Decision<PublicityWindow> {
        let term = days.term(postedAt: now)
        return Decision(
            with(.running(term)),
            [
                WindowOpened(
                    window: id, campaign: campaign, level: level, division: division, cases: cases, opensOn: term.opensOn,
                    closesAt: term.closesAt, openedAt: now)
            ])
    }

    /// The last copy tells that all are gone, whether or not every tip is answered by then.
    private func takenDown(_ name: String, _ fate: Fate, at now: Instant, whenAll next: Stage) throws(Refusal) -> Decision<PublicityWindow> {
        let place = try place(name)
        guard places[place].takenDown == nil else { throw .alreadyTakenDown }
        let window = with(stage) { $0.places[place].takenDown = TakenDown(fate, at: now) }
        guard window.isTakenDown else { return Decision(window) }
        return Decision(window.with(next), [WindowRecalled(window: id, copies: places.count, recalledAt: now)])
    }
}

extension PublicityWindow.Stage {
    /// Its name in the database and in the API.
    package var name: String {
        switch self {
        case .planned: "planned"
        case .rendered: "rendered"
        case .posting: "posting"
        case .running: "running"
        case .expired: "expired"
        case .settled: "settled"
        case .recalled: "recalled"
        }
    }

    package var term: PublicityDays.Term? {
        switch self {
        case .planned, .rendered, .posting: nil
        case .running(let term): term
        case .expired(let ended), .settled(let ended), .recalled(let ended): ended.term
        }
    }

    package var ended: PublicityWindow.Ended? {
        switch self {
        case .planned, .rendered, .posting, .running: nil
        case .expired(let ended), .settled(let ended), .recalled(let ended): ended
        }
    }
}
