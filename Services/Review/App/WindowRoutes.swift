import Contracts
import Foundation
import HTTPTypes
import Postgres
import Registry
import ReviewDomain
import ServiceKit

/// Lists are drawn up, hung out and taken down here; they end by the clock alone.
struct WindowRoutes {
    let office: PublicityNotice.Office

    func add(to api: API) {
        api.post("/v1/windows", acting: .field("level")) { call, work in try .json(WindowView(drawUp(call.body(), work)), status: .created) }
        api.get("/v1/windows", list)
        api.get("/v1/windows/:window", show)
        api.post("/v1/windows/:window/postings", acting: .window, post)
        api.post("/v1/windows/:window/missing", miss)
        api.post("/v1/windows/:window/recalls", takeDown)
        api.postByTwo(
            "/v1/windows/:window/correction", named: .init("更正公示起始日", "Correct a window's first day"), seenAt: "/windows/:window",
            checking: { call, work in _ = try corrected(call, work) }, correct)
        api.get("/v1/windows/:window/receipt", showReceipt)
    }

    private enum Refusal: String, Contracts.Refusal {
        /// The campaign of that place has not been issued here.
        case campaignUnknown = "review.campaign-unknown"
    }

    // MARK: Drawing up

    struct Order: Decodable {
        let level: PublicityLevel
        let community: DivisionCode
        /// Every place where the list must hang: the board and each affected group's public place.
        let places: [String]

        fileprivate func check() throws {
            var faults: [Invalid.Fault] = []
            if community.level < .community { faults.append(.init("/community", "level", "a list belongs to a community")) }
            if places.isEmpty { faults.append(.init("/places", "empty", "a list hangs somewhere")) }
            for (index, place) in places.enumerated() {
                if !(1...64).contains(place.count) { faults.append(.init("/places/\(index)", "length", "a place has 1 to 64 characters")) }
                if places.firstIndex(of: place) != index { faults.append(.init("/places/\(index)", "duplicate", "a place is named once")) }
            }
            if !faults.isEmpty { throw Invalid(faults) }
        }
    }

    /// Lists every case of the community whose turn it is.
    func drawUp(_ order: Order, _ work: Work) throws -> PublicityWindow {
        try order.check()
        let now = try work.now
        guard let campaign = try work.campaign(of: order.community) else { throw Refusal.campaignUnknown }
        let list = order.level.list
        let cases = try work.takeCases(in: [list.from], of: order.community)
            .filter { $0.campaign == campaign.id && $0.status == list.from && $0.dossier[keyPath: list.place] == nil }
            .sorted { ($0.division, $0.kind.rawValue, $0.id) < ($1.division, $1.kind.rawValue, $1.id) }
        let id = WindowID(work.newID())
        let notice = PublicityNotice(
            window: id, year: campaign.year, number: try work.nextNoticeNumber(in: campaign.id),
            supplements: try work.notice(beforeOf: order.level, order.community, in: campaign.id), level: order.level,
            community: order.community, days: campaign.days.days, office: office,
            names: try work.names(of: [order.community] + cases.map(\.division)), lines: cases.map(PublicityNotice.Line.init))
        try check(notice, order.places)
        let planned = PublicityWindow(
            id: id, campaign: campaign.id, level: order.level, division: order.community, days: campaign.days,
            places: order.places.map { .init($0) })
        let rendered = try planned.deciding(.render(notice), at: now)
        try work.insert(rendered.state, telling: rendered.events)
        for item in cases { try work.decide(ReviewCase.self, item.id) { try $0.deciding(.list(order.level, id), at: now) } }
        try work.freeze(notice, of: cases.map(\.id), in: campaign.id)
        return rendered.state
    }

    /// Scans each free text, and then the final text of every sheet (section 9): whatever could be a person's number refuses the
    /// render, with its place.
    private func check(_ notice: PublicityNotice, _ places: [String]) throws {
        let reason = "this looks like an ID, telephone or card number, which may not hang in public; correct the household's data"
        var faults = notice.unclean.map { Invalid.Fault($0, PublicityWindow.Refusal.sheetNotClean.rawValue, reason) }
        for (index, place) in places.enumerated() where faults.isEmpty {
            if !NoticeSheet(notice, copy: index + 1, of: places.count, at: place, term: nil).isClean {
                faults.append(.init("/places/\(index)", PublicityWindow.Refusal.sheetNotClean.rawValue, "the text of this sheet shows what looks like a person's number"))
            }
        }
        if !faults.isEmpty { throw Invalid(faults) }
    }

    // MARK: Hanging and taking down

    private struct Posting: Decodable {
        let place: String
        /// SHA-256 of the photograph that shows it hanging; the photograph itself is a copy and is not kept here.
        let evidence: String?
        let witness: String?

        func proof(by actor: Actor?) throws -> PublicityWindow.Proof { try .init(witness: witness, evidence: evidence, by: actor) }
    }

    /// A sheet hangs. At the last required place the window opens, its end is set, and its cases are in publicity.
    private func post(_ call: Call, _ work: Work) throws -> Reply {
        let id: WindowID = try call.id("window")
        let posting: Posting = try call.body()
        return try .json(WindowView(try Self.post(posting.place, posting.proof(by: call.actor), at: id, work)))
    }

    /// At the last required place the window opens; where a sheet was missing, it goes on and closes later.
    static func post(_ place: String, _ proof: PublicityWindow.Proof, at id: WindowID, _ work: Work) throws -> PublicityWindow {
        let now = try work.now
        let wasRunning = try work.get(PublicityWindow.self, id).stage.term != nil
        let window = try work.decide(PublicityWindow.self, id) { try $0.deciding(.post(place, proof), at: now) }
        if case .running(let term) = window.stage {
            try work.schedule(closeTimer, id.rawValue, at: term.closesAt)
            if wasRunning { return window }
            for (_, item) in try work.takeListed([id]) { try work.decide(ReviewCase.self, item) { $0.hearing(.posted(id), at: now) } }
        }
        return window
    }

    private struct Missing: Decodable {
        let place: String
    }

    /// A sheet was torn down or washed off: the days until it hangs again do not count.
    private func miss(_ call: Call, _ work: Work) throws -> Reply {
        let missing: Missing = try call.body()
        return try .json(WindowView(try Self.miss(missing.place, at: try call.id("window"), work)))
    }

    static func miss(_ place: String, at id: WindowID, _ work: Work) throws -> PublicityWindow {
        let now = try work.now
        let window = try work.decide(PublicityWindow.self, id) { try $0.deciding(.miss(place), at: now) }
        // It closes when the sheet hangs again and its days are full.
        try work.unschedule(closeTimer, id.rawValue)
        return window
    }

    private struct Correction: Decodable {
        /// The first day that counts.
        let opensOn: LocalDate
        let reason: Reason

        enum Reason: String, Decodable {
            /// Some sheet was hung later than noted.
            case postedLater = "posted_later"
            /// Some sheet hung elsewhere at first.
            case wrongPlace = "wrong_place"
            /// Some sheet could not be read at first, behind a locked gate or another sheet.
            case notReadable = "not_readable"
        }
    }

    /// A clerk noted day one too early: as one person has said and another confirms, the window goes on for as many days.
    private func correct(_ call: Call, _ work: Work) throws -> Reply {
        let decision = try corrected(call, work)
        let window = try work.decide(PublicityWindow.self, decision.state.id) { _ in decision }
        // Where a sheet is missing it closes when that hangs again.
        if let term = window.stage.term, !window.isIncomplete { try work.schedule(closeTimer, window.id.rawValue, at: term.closesAt) }
        return try .json(WindowView(window))
    }

    /// The window as it will be, if its first day can be moved.
    private func corrected(_ call: Call, _ work: Work) throws -> Decision<PublicityWindow> {
        let correction: Correction = try call.body()
        return try work.get(PublicityWindow.self, try call.id("window")).deciding(.correct(opensOn: correction.opensOn), at: work.now)
    }

    private struct Recall: Decodable {
        let place: String
        let how: PublicityWindow.Fate
        let evidence: String?
        let witness: String?
    }

    private func takeDown(_ call: Call, _ work: Work) throws -> Reply {
        let id: WindowID = try call.id("window")
        let recall: Recall = try call.body()
        let proof = try PublicityWindow.Proof(witness: recall.witness, evidence: recall.evidence, by: call.actor)
        return try .json(WindowView(try Self.takeDown(recall.place, recall.how, proof, at: id, work)))
    }

    /// With the last copy the list itself is destroyed.
    static func takeDown(
        _ place: String, _ fate: PublicityWindow.Fate, _ proof: PublicityWindow.Proof, at id: WindowID, _ work: Work
    ) throws -> PublicityWindow {
        let now = try work.now
        let window = try work.decide(PublicityWindow.self, id) { try $0.deciding(.takeDown(place, fate, proof), at: now) }
        if window.isTakenDown {
            try work.unschedule(recallTimer, id.rawValue)
            try work.destroyNotice(of: id)
        }
        return window
    }

    // MARK: Looking

    private func list(_ call: Call, _ work: Work) throws -> Reply {
        let windows = try work.windows(
            level: try call.choice("level"), stage: call.query("stage"), division: try call.division("community"))
        return try .json(windows.map { WindowView($0) })
    }

    private func show(_ call: Call, _ work: Work) throws -> Reply {
        let id: WindowID = try call.id("window")
        let window = try work.get(PublicityWindow.self, id)
        return try .json(WindowView(window, lines: try work.lines(of: id)))
    }

    /// That nothing of a list is left but its digest: what became of each numbered copy.
    private func showReceipt(_ call: Call, _ work: Work) throws -> Reply {
        let id: WindowID = try call.id("window")
        return try .json(try DestructionReceipt(try work.get(PublicityWindow.self, id), try work.notice(of: id)))
    }
}

/// What became of every copy of a notice (R25).
struct DestructionReceipt: Encodable {
    let window: WindowID
    let number: Int
    let digest: String
    let closedAt: Instant
    let destroyedAt: Instant
    let copies: [Copy]

    struct Copy: Encodable {
        let copy: Int
        let place: String
        let postedAt: Instant
        let how: PublicityWindow.Fate
        let takenDownAt: Instant
        let by: String?
        let witness: String?
        let evidence: String?
    }

    private enum Refusal: String, Contracts.Refusal {
        /// Copies still hang, or lie somewhere.
        case copiesLeft = "review.copies-left"
    }

    init(_ window: PublicityWindow, _ notice: NoticeOnFile) throws {
        guard let destroyedAt = notice.destroyedAt, let closedAt = window.stage.term?.closesAt else { throw Refusal.copiesLeft }
        (self.window, number, digest, self.closedAt, self.destroyedAt) = (window.id, notice.number, notice.digest, closedAt, destroyedAt)
        copies = window.places.enumerated().compactMap { index, place in
            guard let posted = place.posted, let down = place.takenDown else { return nil }
            return Copy(
                copy: index + 1, place: place.name, postedAt: posted.at, how: down.how, takenDownAt: down.at, by: down.proof.by,
                witness: down.proof.witness, evidence: down.proof.evidence)
        }
    }
}

extension PublicityWindow.Proof {
    init(witness: String?, evidence: String?, by actor: Actor?) throws {
        if let evidence, !evidence.isSHA256 { throw Invalid("/evidence", "digest", "a SHA-256 as 64 lowercase hexadecimal digits") }
        if let fault = witness?.fault(as: "/witness", atMost: 32) { throw Invalid([fault]) }
        self.init(by: actor?.description, witness: witness, evidence: evidence)
    }
}

struct WindowView: Encodable {
    let window: WindowID
    let campaign: CampaignID
    let level: PublicityLevel
    let community: DivisionCode
    let stage: String
    let cases: Int
    let opensOn: LocalDate?
    let closesAt: Instant?
    let expiredAt: Instant?
    let late: Bool?
    let places: [Place]
    let lines: [Line]?

    struct Place: Encodable {
        let place: String
        let postedAt: Instant?
        let missingSince: Instant?
        let how: PublicityWindow.Fate?
        let takenDownAt: Instant?
    }

    /// What hangs in public, and nothing else.
    struct Line: Encodable {
        let serial: Int
        let `case`: CaseID
        let kind: CaseKind
        let group: DivisionCode
        /// Nothing, once every copy is gone.
        let headName: String?
        let memberCount: Int?
    }

    init(_ window: PublicityWindow, lines: [Line]? = nil) {
        self.window = window.id
        campaign = window.campaign
        level = window.level
        community = window.division
        stage = window.stage.name
        cases = window.cases
        opensOn = window.stage.term?.opensOn
        closesAt = window.stage.term?.closesAt
        expiredAt = window.stage.ended?.at
        late = window.stage.ended?.late
        places = window.places.map {
            Place(place: $0.name, postedAt: $0.posted?.at, missingSince: $0.missingSince, how: $0.takenDown?.how, takenDownAt: $0.takenDown?.at)
        }
        self.lines = lines
    }
}

extension Work {
    fileprivate func lines(of window: WindowID) throws -> [WindowView.Line] {
        try query(
            "SELECT position, case_id, kind, division, head_name, member_count FROM window_lines WHERE window_id = \(window) ORDER BY position"
        ).map {
            WindowView.Line(
                serial: try $0["position"], case: try $0["case_id"], kind: try $0["kind"], group: try $0["division"],
                headName: try $0["head_name"], memberCount: try $0["member_count"])
        }
    }
}

extension Call {
    /// A place that the query names; nothing if it is not there.
    func division(_ name: String) throws -> DivisionCode? {
        guard let text = query(name) else { return nil }
        guard let division = DivisionCode(text) else { throw Invalid("?\(name)", "division-code", "\(name) is a division code") }
        return division
    }
}
