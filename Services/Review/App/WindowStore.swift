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
        let places = windows.flatMap { window in window.places.enumerated().map { (window.id, $0.offset, $0.element) } }
        try work.sql.execute(
            """
            INSERT INTO window_places (window_id, position, place, posted_at, fate, taken_down_at)
            SELECT * FROM unnest(\(places.map(\.0)), \(places.map(\.1)), \(places.map(\.2.name)), \(places.map(\.2.postedAt)),
                \(places.map(\.2.takenDown?.how)), \(places.map(\.2.takenDown?.at)))
            """)
    }

    package static func update(_ changed: [Versioned<PublicityWindow>], in work: Work) throws -> Int {
        let windows = changed.map(\.value)
        let places = windows.flatMap { window in window.places.map { (window.id, $0) } }
        try work.sql.execute(
            """
            UPDATE window_places p SET posted_at = u.posted_at, fate = u.fate, taken_down_at = u.taken_down_at
            FROM unnest(\(places.map(\.0)), \(places.map(\.1.name)), \(places.map(\.1.postedAt)), \(places.map(\.1.takenDown?.how)),
                \(places.map(\.1.takenDown?.at))) AS u(window_id, place, posted_at, fate, taken_down_at)
            WHERE p.window_id = u.window_id AND p.place = u.place
            """)
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
    static func load(_ windows: [WindowID], in work: Work) throws -> [WindowID: [PublicityWindow.Place]] {
        let rows = try work.sql.query(
            """
            SELECT window_id, place, posted_at, fate, taken_down_at FROM window_places
            WHERE window_id = ANY(\(windows)) ORDER BY window_id, position
            """)
        return try Dictionary(grouping: rows) { try $0["window_id", as: WindowID.self] }.mapValues { try $0.map { try Self($0) } }
    }

    private init(_ row: Row) throws {
        var takenDown: PublicityWindow.TakenDown?
        if let fate: PublicityWindow.Fate = try row["fate"] { takenDown = .init(fate, at: try row["taken_down_at"]) }
        self.init(try row["place"], postedAt: try row["posted_at"], takenDown: takenDown)
    }
}

extension Work {
    /// Freezes a window's list as it will hang.
    func freeze(_ lines: [SheetLine], for window: WindowID) throws {
        try execute(
            """
            INSERT INTO window_lines (window_id, position, case_id, kind, division, head_name, member_count)
            SELECT \(window), position, case_id, kind, division, head_name, member_count
            FROM unnest(\(Array(lines.indices.map { $0 + 1 })), \(lines.map(\.case)), \(lines.map(\.kind)), \(lines.map(\.division)),
                \(lines.map(\.headName)), \(lines.map(\.memberCount)))
                AS u(position, case_id, kind, division, head_name, member_count)
            """)
    }

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

    /// How many tips about cases on each list, or about their households, are still open; lists without any are not named.
    func openTips(onListsOf windows: [WindowID]) throws -> [WindowID: Int] {
        try query(
            """
            SELECT window_id, count(*) AS open FROM (
                SELECT l.window_id FROM window_lines l JOIN tips t ON t.case_id = l.case_id AND t.answered_at IS NULL
                UNION ALL
                SELECT l.window_id FROM window_lines l JOIN cases c ON c.id = l.case_id
                    JOIN household_tips t ON t.household = c.household AND t.campaign = c.campaign) AS o
            WHERE window_id = ANY(\(windows)) GROUP BY window_id
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
