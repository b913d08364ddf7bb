import Contracts
import Foundation
import Postgres
import Registry
import ReviewDomain
import ServiceKit

extension PublicityWindow: Aggregate {
    static let columns = "id, campaign, level, division, publicity_days, count_first_day, stage, cases, opens_on, closes_at, ended_at, late, version"

    package static func load(_ ids: [WindowID], in work: Work) throws -> [Versioned<PublicityWindow>] {
        let rows = try work.sql.query("SELECT \(unsafe: columns) FROM windows WHERE id = ANY(\(ids)) ORDER BY id FOR UPDATE")
        let places = try Place.load(ids, in: work)
        return try rows.map { Versioned(try PublicityWindow($0, places: places), version: try $0["version"]) }
    }

    package static func insert(_ new: [Versioned<PublicityWindow>], in work: Work) throws {
        let windows = new.map(\.value)
        try work.sql.execute(
            """
            INSERT INTO windows (id, campaign, level, division, publicity_days, count_first_day, stage, cases, opens_on, closes_at,
                ended_at, late, version)
            SELECT * FROM unnest(\(windows.map(\.id)), \(windows.map(\.campaign)), \(windows.map(\.level)), \(windows.map(\.division)),
                \(windows.map(\.days.days)), \(windows.map(\.days.countFirstDay)), \(windows.map(\.stage.name)), \(windows.map(\.cases)),
                \(windows.map(\.stage.term?.opensOn)), \(windows.map(\.stage.term?.closesAt)), \(windows.map(\.stage.ended?.at)),
                \(windows.map(\.stage.ended?.late)), \(new.map(\.version)))
            """)
        let places = windows.flatMap { window in window.places.enumerated().map { (window.id, $0.offset, $0.element.name) } }
        try work.sql.execute(
            """
            INSERT INTO window_places (window_id, position, place)
            SELECT * FROM unnest(\(places.map(\.0)), \(places.map(\.1)), \(places.map(\.2)))
            """)
        try Place.write(windows, in: work)
    }

    package static func update(_ changed: [Versioned<PublicityWindow>], in work: Work) throws -> Int {
        let windows = changed.map(\.value)
        try Place.write(windows, in: work)
        return try work.sql.change(
            """
            UPDATE windows w SET stage = u.stage, cases = u.cases, opens_on = u.opens_on, closes_at = u.closes_at,
                ended_at = u.ended_at, late = u.late, version = u.version
            FROM unnest(\(windows.map(\.id)), \(windows.map(\.stage.name)), \(windows.map(\.cases)), \(windows.map(\.stage.term?.opensOn)),
                \(windows.map(\.stage.term?.closesAt)), \(windows.map(\.stage.ended?.at)), \(windows.map(\.stage.ended?.late)),
                \(changed.map(\.version))) AS u(id, stage, cases, opens_on, closes_at, ended_at, late, version)
            WHERE w.id = u.id
            """)
    }

    init(_ row: Row, places: [WindowID: [Place]]) throws {
        let id: WindowID = try row["id"]
        self.init(
            id: id, campaign: try row["campaign"], level: try row["level"], division: try row["division"],
            days: PublicityDays(days: try row["publicity_days"], countFirstDay: try row["count_first_day"]), places: places[id] ?? [],
            cases: try row["cases"], stage: try Stage(row))
    }
}

extension PublicityWindow.Stage {
    fileprivate init(_ row: Row) throws {
        func term() throws -> PublicityDays.Term { .init(opensOn: try row["opens_on"], closesAt: try row["closes_at"]) }
        func ended() throws -> PublicityWindow.Ended { .init(term: try term(), at: try row["ended_at"], late: try row["late"]) }
        let name: String = try row["stage"]
        switch name {
        case "planned": self = .planned
        case "rendered": self = .rendered
        case "posting": self = .posting
        case "running": self = .running(try term())
        case "expired": self = .expired(try ended())
        case "settled": self = .settled(try ended())
        case "recalled": self = .recalled(try ended())
        default: throw UnexpectedValue(column: "stage", expected: "a stage of a window")
        }
    }
}

extension PublicityWindow.Place {
    /// The ledger of the places; what stands there already stays untouched.
    fileprivate static func write(_ windows: [PublicityWindow], in work: Work) throws {
        let places = windows.flatMap { window in window.places.map { (window.id, $0) } }
        if places.isEmpty { return }
        let (posted, down) = (places.map(\.1.posted), places.map(\.1.takenDown))
        try work.sql.execute(
            """
            UPDATE window_places p SET posted_at = u.posted_at, posted_by = u.posted_by, posting_witness = u.posting_witness,
                posting_evidence = u.posting_evidence, missing_since = u.missing_since, fate = u.fate, taken_down_at = u.taken_down_at,
                taken_down_by = u.taken_down_by, witness = u.witness, evidence = u.evidence
            FROM unnest(\(places.map(\.0)), \(places.map(\.1.name)), \(posted.map { $0?.at }), \(posted.map { $0?.proof.by }),
                \(posted.map { $0?.proof.witness }), \(posted.map { $0?.proof.evidence }), \(places.map(\.1.missingSince)),
                \(down.map { $0?.how }), \(down.map { $0?.at }), \(down.map { $0?.proof.by }), \(down.map { $0?.proof.witness }),
                \(down.map { $0?.proof.evidence }))
                AS u(window_id, place, posted_at, posted_by, posting_witness, posting_evidence, missing_since, fate, taken_down_at,
                    taken_down_by, witness, evidence)
            WHERE p.window_id = u.window_id AND p.place = u.place
                AND (p.posted_at, p.missing_since, p.fate, p.taken_down_at)
                    IS DISTINCT FROM (u.posted_at, u.missing_since, u.fate, u.taken_down_at)
            """)
    }

    static func load(_ windows: [WindowID], in work: Work) throws -> [WindowID: [PublicityWindow.Place]] {
        let rows = try work.sql.query("SELECT * FROM window_places WHERE window_id = ANY(\(windows)) ORDER BY window_id, position")
        return try Dictionary(grouping: rows) { try $0["window_id", as: WindowID.self] }.mapValues { try $0.map { try Self($0) } }
    }

    private init(_ row: Row) throws {
        var (posted, takenDown): (PublicityWindow.Posting?, PublicityWindow.TakenDown?)
        if let moment: Instant = try row["posted_at"] {
            posted = .init(at: moment, .init(by: try row["posted_by"], witness: try row["posting_witness"], evidence: try row["posting_evidence"]))
        }
        if let fate: PublicityWindow.Fate = try row["fate"] {
            let proof = PublicityWindow.Proof(by: try row["taken_down_by"], witness: try row["witness"], evidence: try row["evidence"])
            takenDown = .init(fate, at: try row["taken_down_at"], proof)
        }
        self.init(try row["place"], posted: posted, missingSince: try row["missing_since"], takenDown: takenDown)
    }
}

extension Work {
    /// Who is on the lists of these windows, all in hand and locked, in one query.
    func takeListed(_ windows: [WindowID]) throws -> [(window: WindowID, case: CaseID)] {
        let listed: [(window: WindowID, case: CaseID)] = try query(
            "SELECT window_id, case_id FROM window_lines WHERE window_id = ANY(\(windows)) ORDER BY case_id"
        ).map { (try $0["window_id"], try $0["case_id"]) }
        try prefetch(ReviewCase.self, listed.map(\.case))
        return listed
    }

    func windows(listing case: CaseID) throws -> [WindowID] {
        try query("SELECT DISTINCT window_id FROM window_lines WHERE case_id = \(`case`)").map { try $0["window_id"] }
    }

    func windows(listing household: HouseholdID, in campaign: CampaignID) throws -> [WindowID] {
        try query(
            """
            SELECT DISTINCT l.window_id FROM window_lines l JOIN cases c ON c.id = l.case_id
            WHERE c.household = \(household) AND c.campaign = \(campaign)
            """
        ).map { try $0["window_id"] }
    }

    /// How many tips about the households on each list are still open; lists without any are not named.
    func openTips(onListsOf windows: [WindowID]) throws -> [WindowID: Int] {
        try query(
            """
            SELECT l.window_id, count(*) AS open FROM window_lines l JOIN cases c ON c.id = l.case_id JOIN windows w ON w.id = l.window_id
                JOIN household_tips t ON t.household = c.household AND t.campaign = c.campaign AND t.settled_at IS NULL
            -- Whoever speaks at the closing instant or later speaks of the case, not of the list: it holds the one alone.
            WHERE l.window_id = ANY(\(windows)) AND (w.closes_at IS NULL OR t.raised_at < w.closes_at) GROUP BY l.window_id
            """
        ).reduce(into: [:]) { open, row in open[try row["window_id"]] = try row["open"] }
    }

    /// Windows as they stand, without their locks.
    func windows(level: PublicityLevel?, stage: String?, division: DivisionCode?) throws -> [PublicityWindow] {
        let rows = try query(
            """
            SELECT \(unsafe: PublicityWindow.columns) FROM windows
            WHERE (\(level)::text IS NULL OR level = \(level)) AND (\(stage)::text IS NULL OR stage = \(stage))
                AND (\(division)::text IS NULL OR starts_with(division, \(division)))
            ORDER BY closes_at NULLS FIRST, id
            """)
        let places = try PublicityWindow.Place.load(try rows.map { try $0["id"] }, in: self)
        return try rows.map { try PublicityWindow($0, places: places) }
    }
}
