import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// How far the capturing of positions is, for those who supervise it (R14): by community, and on a map that is drawn here and
/// asks nobody for tiles.
struct PositionPages {
    let vault: Vault

    func add(to api: API) {
        api.page("/campaigns/:campaign/positions", of: IntakePages.all, showProgress)
        api.page("/campaigns/:campaign/positions/map", of: IntakePages.all, showMap)
    }

    // MARK: Progress

    private struct Board {
        let campaign: String
        let year: Int
        let dueOn: String
        /// Days left, today included; nothing when they are over.
        let daysLeft: Int?
        let total: Counted
        let rows: [Row]
        let none: Bool

        struct Row {
            let code: String
            let name: String
            let seat: String
            let counted: Counted
        }

        struct Counted {
            let required: Int
            let captured: Int
            let marked: Int
            let overdue: Int
            let isLate: Bool
            let percent: Int
            /// A bar may not be of nothing.
            let most: Int

            init(_ progress: PositionProgress, isOver: Bool) {
                (required, captured, marked) = (progress.required, progress.captured, progress.marked)
                overdue = progress.overdue(after: isOver)
                (isLate, most) = (overdue > 0, max(1, progress.required))
                percent = 100 * progress.marked / most
            }
        }
    }

    private func showProgress(_ call: Call, _ work: Work) throws -> Reply {
        let board = try PositionBoard(of: work.campaign(call.id("campaign")), in: work)
        let plan = board.campaign.plan
        let page = Board(
            campaign: board.campaign.id.description, year: plan.year, dueOn: plan.positionsDueOn.description,
            daysLeft: board.isOver ? nil : plan.positionsDueOn - (try work.today) + 1, total: .init(board.total, isOver: board.isOver),
            rows: board.rows.map { row in
                .init(
                    code: row.division.code, name: row.name ?? row.division.code, seat: PositionBoard.label(row.seat),
                    counted: .init(row.progress, isOver: board.isOver))
            }, none: board.rows.isEmpty)
        return try IntakePages.all.show("positions", page, for: call)
    }

    // MARK: Map

    private struct Map {
        let campaign: String
        let year: Int
        let place: String
        let choices: [Choice]
        let width: Int
        let height: Int
        let areas: [Area]
        let doors: [Dot]
        let seats: [Dot]
        let ruler: Ruler
        let captured: Int
        let marked: Int
        let missing: Int
        let more: Bool
        let isEmpty: Bool

        struct Choice {
            let code: String
            let name: String
            let isChosen: Bool
        }

        struct Area {
            let path: String
            let isWhole: Bool
            let label: Dot
            let name: String
        }

        struct Dot {
            let x: Int
            let y: Int
            /// Where the square that stands for a seat begins.
            let left: Int
            let top: Int
            let isMarked: Bool

            init(_ place: (x: Int, y: Int), isMarked: Bool = false) {
                (x, y, left, top, self.isMarked) = (place.x, place.y, place.x - 8, place.y - 8, isMarked)
            }
        }

        struct Ruler {
            let length: Int
            let from: Int
            let to: Int
            let y: Int
            let label: String
        }
    }

    /// More than an eye can tell apart.
    private static let mostPoints = 5_000

    private struct Point {
        let coordinates: Coordinates
        let isMarked: Bool
        let isSeat: Bool
    }

    /// `?within=` a community shows only that. No name and no number is on it, and each look is noted.
    private func showMap(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign"))
        let whole = campaign.plan.subdistrict
        let within = try call.query("within") == "" ? whole : call.division("within") ?? whole
        guard whole.contains(within) else { throw NotFound("\(within)") }
        let points = try points(in: campaign, within: within, work)
        let outlines = try work.outlines(within: within)
        let doors = points.count { !$0.isSeat }
        if doors > 0 { try work.noteDisclosure(.map, of: nil, nil, persons: doors, for: "map of \(within)") }
        let frame = Box(around: points.map(\.coordinates) + outlines.flatMap(\.outline.corners)).map { MapFrame(showing: $0) }
        let missing: Int =
            try work.first(
                """
                SELECT count(*) AS missing FROM \(unsafe: KeptLocation.tables) WHERE l.campaign_id = \(campaign.id) AND l.required_on IS NOT NULL
                    AND l.state = 'missing' AND coalesce(l.seat, h.division) LIKE \(within.code + "%")
                """)?["missing"] ?? 0
        let names = try Dictionary(
            work.query("SELECT code, name FROM divisions WHERE code LIKE \(whole.code + "%")").map { (try $0["code", as: DivisionCode.self], try $0["name", as: String.self]) },
            uniquingKeysWith: { first, _ in first })
        let communities = names.keys.filter { $0.level == .community }.sorted()
        let page = Map(
            campaign: campaign.id.description, year: campaign.plan.year, place: names[within] ?? within.code,
            choices: ([whole] + communities).map { .init(code: $0.code, name: names[$0] ?? $0.code, isChosen: $0 == within) },
            width: frame?.width ?? 0, height: frame?.height ?? 0,
            areas: frame.map { frame in outlines.map { Self.area($0.name, $0.outline, isWhole: $0.division == whole, on: frame) } } ?? [],
            doors: frame.map { frame in points.filter { !$0.isSeat }.map { .init(frame.place($0.coordinates), isMarked: $0.isMarked) } } ?? [],
            seats: frame.map { frame in points.filter(\.isSeat).map { .init(frame.place($0.coordinates), isMarked: $0.isMarked) } } ?? [],
            ruler: Self.ruler(on: frame), captured: points.count { !$0.isMarked }, marked: points.count(where: \.isMarked), missing: missing,
            more: points.count == Self.mostPoints, isEmpty: frame == nil)
        return try IntakePages.all.show("map", page, for: call)
    }

    private func points(in campaign: IssuedCampaign, within: DivisionCode, _ work: Work) throws -> [Point] {
        try work.query(
            """
            SELECT s.location_id, s.version, s.sealed, s.open, l.state, l.seat, \(unsafe: SQL.wrappedKey)
            FROM \(unsafe: KeptLocation.tables) JOIN location_steps s ON s.location_id = l.id AND s.version = l.capture
                LEFT JOIN household_keys k ON k.household_id = l.household_id
            WHERE l.campaign_id = \(campaign.id) AND l.required_on IS NOT NULL AND coalesce(l.seat, h.division) LIKE \(within.code + "%")
            ORDER BY l.seat, l.id LIMIT \(Self.mostPoints)
            """
        ).compactMap { row in
            try vault.position(row).map { position in
                Point(
                    coordinates: position.coordinates(in: .wgs84), isMarked: try row["state", as: String.self] == "marked",
                    isSeat: try row["seat", as: String?.self] != nil)
            }
        }
    }

    private static func area(_ name: String, _ outline: Outline, isWhole: Bool, on frame: MapFrame) -> Map.Area {
        let corners = outline.corners.map { frame.place($0) }
        let box = outline.box
        let middle = Coordinates(latitudeE7: (box.south + box.north) / 2, longitudeE7: (box.west + box.east) / 2)
        return Map.Area(
            path: "M" + corners.map { "\($0.x) \($0.y)" }.joined(separator: "L") + "Z", isWhole: isWhole, label: .init(frame.place(middle)), name: name)
    }

    private static func ruler(on frame: MapFrame?) -> Map.Ruler {
        guard let frame else { return Map.Ruler(length: 0, from: 0, to: 0, y: 0, label: "") }
        let (metres, length) = frame.ruler
        return Map.Ruler(
            length: length, from: 16, to: 16 + length, y: frame.height - 14, label: metres < 1_000 ? "\(metres) m" : "\(metres / 1_000) km")
    }
}
