import Contracts
import Foundation
import HTTPTypes
import Postgres
import Registry
import ReviewDomain
import ServiceKit

/// Lists are drawn up, hung out and taken down here; they end by the clock alone.
struct WindowRoutes {
    func add(to api: API) {
        api.post("/v1/windows", drawUp)
        api.get("/v1/windows", list)
        api.get("/v1/windows/:window", show)
        api.post("/v1/windows/:window/postings", post)
        api.post("/v1/windows/:window/recalls", takeDown)
    }

    private enum Refusal: String, Contracts.Refusal {
        /// The campaign of that place has not been issued here.
        case campaignUnknown = "review.campaign-unknown"
    }

    // MARK: Drawing up

    private struct Order: Decodable {
        let level: PublicityLevel
        let community: DivisionCode
        /// Every place where the list must hang: the board and each affected group's public place.
        let places: [String]

        func check() throws {
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
    private func drawUp(_ call: Call, _ work: Work) throws -> Reply {
        let order: Order = try call.body()
        try order.check()
        let now = try work.now
        guard let campaign = try work.campaign(of: order.community) else { throw Refusal.campaignUnknown }
        let list = order.level.list
        let cases = try work.takeCases(in: [list.from], of: order.community)
            .filter { $0.campaign == campaign.id && $0.status == list.from && $0.dossier[keyPath: list.place] == nil }
            .sorted { ($0.division, $0.kind.rawValue, $0.id) < ($1.division, $1.kind.rawValue, $1.id) }
        let lines = cases.map(SheetLine.init)
        let planned = PublicityWindow(
            id: WindowID(work.newID()), campaign: campaign.id, level: order.level, division: order.community, days: campaign.days,
            places: order.places.map { .init($0) })
        let rendered = try planned.deciding(.render(lines), at: now)
        try work.insert(rendered.state, telling: rendered.events)
        for item in cases { try work.decide(ReviewCase.self, item.id) { try $0.deciding(.list(order.level, planned.id), at: now) } }
        try work.freeze(lines, for: planned.id)
        return try .json(WindowView(rendered.state), status: .created)
    }

    // MARK: Hanging and taking down

    private struct Posting: Decodable {
        let place: String
    }

    /// A sheet hangs. At the last required place the window opens, its end is set, and its cases are in publicity.
    private func post(_ call: Call, _ work: Work) throws -> Reply {
        let id: WindowID = try call.id("window")
        let posting: Posting = try call.body()
        let now = try work.now
        let window = try work.decide(PublicityWindow.self, id) { try $0.deciding(.post(posting.place), at: now) }
        if case .running(let term) = window.stage {
            try work.schedule(closeTimer, id.rawValue, at: term.closesAt)
            for (_, item) in try work.takeListed([id]) { try work.decide(ReviewCase.self, item) { $0.hearing(.posted(id), at: now) } }
        }
        return try .json(WindowView(window))
    }

    private struct Recall: Decodable {
        let place: String
        let how: PublicityWindow.Fate
    }

    private func takeDown(_ call: Call, _ work: Work) throws -> Reply {
        let id: WindowID = try call.id("window")
        let recall: Recall = try call.body()
        let now = try work.now
        return try .json(
            WindowView(try work.decide(PublicityWindow.self, id) { try $0.deciding(.takeDown(recall.place, recall.how), at: now) }))
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
        let how: PublicityWindow.Fate?
        let takenDownAt: Instant?
    }

    /// What hangs in public, and nothing else.
    struct Line: Encodable {
        let serial: Int
        let `case`: CaseID
        let kind: CaseKind
        let group: DivisionCode
        let headName: String
        let memberCount: Int
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
        places = window.places.map { Place(place: $0.name, postedAt: $0.postedAt, how: $0.takenDown?.how, takenDownAt: $0.takenDown?.at) }
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
    /// A parameter of the query with a fixed set of values; nothing if it is not there.
    func choice<Value: RawRepresentable<String> & CaseIterable>(_ name: String, of type: Value.Type = Value.self) throws -> Value? {
        guard let text = query(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            throw Invalid("?\(name)", "unknown-value", "\(name) is one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    func division(_ name: String) throws -> DivisionCode? {
        guard let text = query(name) else { return nil }
        guard let division = DivisionCode(text) else { throw Invalid("?\(name)", "division-code", "\(name) is a division code") }
        return division
    }
}
