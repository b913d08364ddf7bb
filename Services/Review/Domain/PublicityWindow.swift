import Contracts
import Registry

/// One list hung out in public for its days (domain.md sections 3 and 5).
///
///     planned ──render──▶ rendered ──post──▶ posting ──last place──▶ running ──midnight──▶ expired ──┐
///             names checked                                                                          │ all tips answered
///                                               recalled ◀──every copy accounted for── settled ◀────┘
///
/// From `rendered` on the list is frozen. Day one is the day on which it hangs at every required place, so a late place
/// moves the whole close, and a day on which a place's sheet was missing does not count. Where day one was noted too early it can be
/// moved, and the close with it, only to later days. Nothing ends a window but the local midnight after its last day.
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

    /// A place where the list must hang, and what became of its copy: the ledger of one numbered sheet.
    package struct Place: Equatable, Sendable {
        package let name: String
        package var posted: Posting?
        /// Since when it has been known not to hang there any more.
        package var missingSince: Instant?
        package var takenDown: TakenDown?

        package init(_ name: String, posted: Posting? = nil, missingSince: Instant? = nil, takenDown: TakenDown? = nil) {
            (self.name, self.posted, self.missingSince, self.takenDown) = (name, posted, missingSince, takenDown)
        }
    }

    package struct Posting: Equatable, Sendable {
        package let at: Instant
        package let proof: Proof

        package init(at moment: Instant, _ proof: Proof = Proof()) { (at, self.proof) = (moment, proof) }
    }

    package struct TakenDown: Equatable, Sendable {
        package let how: Fate
        package let at: Instant
        package let proof: Proof

        package init(_ how: Fate, at: Instant, _ proof: Proof = Proof()) { (self.how, self.at, self.proof) = (how, at, proof) }
    }

    /// Who did it, who saw it, and what shows it. A photograph of a sheet is a copy of it (section 9): only its SHA-256 is kept.
    package struct Proof: Equatable, Sendable {
        package let by: String?
        package let witness: String?
        package let evidence: String?

        package init(by: String? = nil, witness: String? = nil, evidence: String? = nil) {
            (self.by, self.witness, self.evidence) = (by, witness, evidence)
        }
    }

    /// The plan allows the first two (R25); what is lost needs a report, whose SHA-256 is its evidence.
    package enum Fate: String, Codable, CaseIterable, Sendable {
        case recalled, destroyed, lost
    }

    package enum Command: Equatable, Sendable {
        /// Freeze the list.
        case render(PublicityNotice)
        /// The sheet hangs at this place, or hangs there again.
        case post(String, Proof = Proof())
        /// The sheet does not hang at this place any more.
        case miss(String)
        /// The first day was noted too early.
        case correct(opensOn: LocalDate)
        /// The clock has passed the end. `lateAfter` is how many seconds a close may take before it counts as late.
        case expire(lateAfter: Double)
        /// So many tips about cases on the list are still open.
        case settle(openTips: Int)
        case takeDown(String, Fate, Proof = Proof())
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
        /// A sheet is missing: its window goes on until it hangs again.
        case placeMissing = "review.place-missing"
        /// It is not missing, or is known to be.
        case nothingMissing = "review.nothing-missing"
        /// The days are never moved forward, which could shorten them.
        case openingNotLater = "review.opening-not-later"
        /// Nothing can be said yet of a day that has not come.
        case openingAhead = "review.opening-ahead"
        case lossUnreported = "review.loss-without-report"
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
        case (.planned, .render(let notice)):
            guard !notice.lines.isEmpty else { throw .nothingToPublish }
            guard notice.unclean.isEmpty else { throw .sheetNotClean }
            return Decision(with(.rendered) { $0.cases = notice.lines.count })

        case (.rendered, .post(let name, let proof)), (.posting, .post(let name, let proof)):
            let place = try place(name)
            guard places[place].posted == nil else { throw .alreadyPosted }
            let posted = with(.posting) { $0.places[place].posted = Posting(at: now, proof) }
            return posted.places.allSatisfy { $0.posted != nil } ? posted.opened(at: now) : Decision(posted)

        case (.posting, .miss(let name)):
            let place = try place(name)
            guard places[place].posted != nil else { throw .nothingMissing }
            // Day one has not come yet: it waits for this place again.
            return Decision(with(.posting) { $0.places[place].posted = nil })
        case (.running(let term), .miss(let name)):
            let place = try place(name)
            guard now < term.closesAt else { throw .alreadyEnded }
            guard places[place].missingSince == nil else { throw .nothingMissing }
            return Decision(with(stage) { $0.places[place].missingSince = now })
        case (.running(let term), .post(let name, let proof)):
            let place = try place(name)
            guard let since = places[place].missingSince else { throw .alreadyPosted }
            return extended(term, place, missingSince: since, proof, at: now)

        case (.running(let term), .correct(let opensOn)):
            guard !isDue(at: now) else { throw .alreadyEnded }
            guard opensOn > term.opensOn else { throw .openingNotLater }
            guard opensOn <= days.term(postedAt: now).opensOn else { throw .openingAhead }
            return corrected(term, opensOn: opensOn, at: now)

        case (.running(let term), .expire(let lateAfter)):
            guard now >= term.closesAt else { throw .stillRunning }
            guard !isIncomplete else { throw .placeMissing }
            let ended = Ended(term: term, at: now, late: now - term.closesAt > lateAfter)
            return Decision(
                with(.expired(ended)),
                [WindowExpired(window: id, closesAt: term.closesAt, expiredAt: now, late: ended.late)])

        case (.expired(let ended), .settle(let openTips)):
            guard openTips == 0 else { throw .tipsOpen }
            return Decision(with(isTakenDown ? .recalled(ended) : .settled(ended)))

        case (.expired(let ended), .takeDown(let name, let fate, let proof)):
            return try takenDown(name, fate, proof, at: now, whenAll: .expired(ended))
        case (.settled(let ended), .takeDown(let name, let fate, let proof)):
            return try takenDown(name, fate, proof, at: now, whenAll: .recalled(ended))

        case (.planned, .post), (.planned, .miss), (.planned, .correct), (.planned, .expire), (.planned, .settle), (.planned, .takeDown):
            throw .notRendered
        case (.rendered, .render), (.posting, .render), (.running, .render), (.expired, .render), (.settled, .render), (.recalled, .render):
            throw .frozen
        case (.rendered, .miss), (.rendered, .correct), (.rendered, .expire), (.rendered, .settle), (.rendered, .takeDown), (.posting, .correct),
            (.posting, .expire), (.posting, .settle), (.posting, .takeDown):
            throw .notRunning
        case (.running, .settle), (.running, .takeDown):
            throw .stillRunning
        case (.expired, .post), (.expired, .miss), (.expired, .correct), (.expired, .expire), (.settled, .post), (.settled, .miss),
            (.settled, .correct), (.settled, .expire), (.settled, .settle), (.recalled, .post), (.recalled, .miss), (.recalled, .correct),
            (.recalled, .expire), (.recalled, .settle):
            throw .alreadyEnded
        case (.recalled, .takeDown):
            throw .alreadyTakenDown
        }
    }

    /// Runs, hangs everywhere, and its last local day is over.
    package func isDue(at now: Instant) -> Bool {
        if case .running(let term) = stage { now >= term.closesAt && !isIncomplete } else { false }
    }

    /// Whether the public may read it now: it runs, and its last day is not over, whether or not it has been closed yet.
    package func isPublic(at now: Instant) -> Bool {
        if case .running(let term) = stage { now < term.closesAt } else { false }
    }

    /// A sheet is known to be missing.
    package var isIncomplete: Bool { places.contains { $0.missingSince != nil } }

    package var isTakenDown: Bool { places.allSatisfy { $0.takenDown != nil } }

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

    /// The days on which the sheet was missing, wholly or in part, do not count: so many follow at the end.
    private func extended(
        _ term: PublicityDays.Term, _ place: Int, missingSince since: Instant, _ proof: Proof, at now: Instant
    ) -> Decision<PublicityWindow> {
        let missed = LocalDate(now) - LocalDate(since) + 1
        let longer = PublicityDays.Term(opensOn: term.opensOn, closesAt: (LocalDate(term.closesAt) + missed).start)
        return Decision(
            with(.running(longer)) {
                $0.places[place].posted = Posting(at: now, proof)
                $0.places[place].missingSince = nil
            },
            [WindowExtended(window: id, days: missed, closesAt: longer.closesAt, extendedAt: now)])
    }

    /// The days that were counted before the list hung do not count. Those for which a missing sheet has extended it stay.
    private func corrected(_ term: PublicityDays.Term, opensOn: LocalDate, at now: Instant) -> Decision<PublicityWindow> {
        let early = opensOn - term.opensOn
        let later = PublicityDays.Term(opensOn: opensOn, closesAt: (LocalDate(term.closesAt) + early).start)
        return Decision(with(.running(later)), [WindowExtended(window: id, days: early, closesAt: later.closesAt, extendedAt: now)])
    }

    /// The last copy tells that all are gone, whether or not every tip is answered by then.
    private func takenDown(
        _ name: String, _ fate: Fate, _ proof: Proof, at now: Instant, whenAll next: Stage
    ) throws(Refusal) -> Decision<PublicityWindow> {
        let place = try place(name)
        guard places[place].takenDown == nil else { throw .alreadyTakenDown }
        guard fate != .lost || proof.evidence != nil else { throw .lossUnreported }
        let window = with(stage) { $0.places[place].takenDown = TakenDown(fate, at: now, proof) }
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
