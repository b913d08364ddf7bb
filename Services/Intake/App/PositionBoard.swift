import Contracts
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import Sheets

/// How far a campaign is, by community; the subdistrict's own seat is a row of its own.
struct PositionBoard {
    let campaign: IssuedCampaign
    let isOver: Bool
    let rows: [Row]

    struct Row {
        let division: DivisionCode
        /// Nothing if the divisions' list has not come in.
        let name: String?
        let seat: String?
        let progress: PositionProgress
    }

    var total: PositionProgress { rows.map(\.progress).reduce(PositionProgress(), +) }

    init(of campaign: IssuedCampaign, in work: Work) throws {
        self.campaign = campaign
        isOver = campaign.isPositioningOver(at: try work.now)
        rows = try work.query(
            """
            SELECT p.division, d.name, max(p.state) FILTER (WHERE p.is_seat) AS seat, count(*) AS required,
                count(*) FILTER (WHERE p.state <> 'missing') AS captured, count(*) FILTER (WHERE p.state = 'marked') AS marked
            FROM (
                SELECT coalesce(l.seat, left(h.division, 12)) AS division, l.state, l.seat IS NOT NULL AS is_seat
                FROM locations l LEFT JOIN households h ON h.id = l.household_id
                WHERE l.campaign_id = \(campaign.id) AND l.required_on IS NOT NULL
            ) AS p LEFT JOIN divisions d ON d.code = p.division
            GROUP BY p.division, d.name ORDER BY p.division
            """
        ).map { row in
            Row(
                division: try row["division"], name: try row["name"], seat: try row["seat"],
                progress: PositionProgress(required: try row["required"], captured: try row["captured"], marked: try row["marked"]))
        }
    }

    func cells(_ progress: PositionProgress) -> [String] {
        [progress.required, progress.captured, progress.marked, progress.toCapture, progress.toMark, progress.overdue(after: isOver)].map(String.init)
    }

    static func label(_ state: String?) -> String {
        switch state {
        case "missing": "待采集"
        case "captured": "待标记"
        case "marked": "已标记"
        default: ""
        }
    }
}

/// What a campaign requires, and how far it is (R14, section 10).
struct PositionBoardRoutes {
    func add(to api: API) {
        api.get("/v1/campaigns/:campaign/positions", list)
        api.post("/v1/campaigns/:campaign/positions/required", lookAnew)
        api.get("/v1/campaigns/:campaign/positions/progress", showProgress)
        api.get("/v1/campaigns/:campaign/positions/progress.xlsx", downloadProgress)
    }

    // MARK: What is required

    /// The look at the register that each midnight takes, now.
    func lookAnew(_ call: Call, _ work: Work) throws -> Reply {
        try .json(RequiredPositions.lookAnew(at: work.campaign(call.id("campaign")), in: work))
    }

    private struct Listed: Encodable {
        let location: LocationID
        let household: HouseholdID?
        /// The household's number.
        let number: String?
        let seat: DivisionCode?
        let division: DivisionCode
        let state: String
        let isOverdue: Bool
        let requiredOn: LocalDate?
        let version: Int
    }

    /// What the campaign requires; if wanted `within=` a division and in a `state=`: missing, captured or marked.
    func list(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign"))
        let (within, state) = (try call.division("within").map { $0.code + "%" }, call.query("state"))
        let after: LocationID? = call.query("after") == nil ? nil : try call.queryID("after")
        let limit = try call.limit()
        let isOver = campaign.isPositioningOver(at: try work.now)
        let listed = try work.query(
            """
            SELECT \(unsafe: KeptLocation.columns), h.number FROM \(unsafe: KeptLocation.tables)
            WHERE l.campaign_id = \(campaign.id) AND l.required_on IS NOT NULL AND (\(after) IS NULL OR l.id > \(after))
                AND (\(state) IS NULL OR l.state = \(state)) AND (\(within) IS NULL OR coalesce(l.seat, h.division) LIKE \(within))
            ORDER BY l.id LIMIT \(limit)
            """
        ).map { row in
            let kept = try KeptLocation(row)
            return Listed(
                location: kept.id, household: kept.location.place.household, number: try row["number"], seat: kept.location.place.seat,
                division: kept.division, state: kept.location.state.name, isOverdue: kept.location.isOverdue(after: isOver),
                requiredOn: kept.location.requiredOn, version: kept.location.version)
        }
        return try .page(listed, next: listed.count == limit ? listed.last?.location.description : nil, call: call)
    }

    // MARK: Progress

    private struct Progress: Encodable {
        let campaign: CampaignID
        let dueOn: LocalDate
        let total: Counted
        let divisions: [Of]

        struct Of: Encodable {
            let division: DivisionCode
            let name: String?
            /// Of the division's own seat; nothing if it needs none.
            let seat: String?
            let counted: Counted
        }

        struct Counted: Encodable {
            let required: Int
            let captured: Int
            let marked: Int
            let overdue: Int

            init(_ progress: PositionProgress, isOver: Bool) {
                (required, captured, marked) = (progress.required, progress.captured, progress.marked)
                overdue = progress.overdue(after: isOver)
            }
        }
    }

    func showProgress(_ call: Call, _ work: Work) throws -> Reply {
        let board = try PositionBoard(of: work.campaign(call.id("campaign")), in: work)
        return try .json(
            Progress(
                campaign: board.campaign.id, dueOn: board.campaign.plan.positionsDueOn, total: .init(board.total, isOver: board.isOver),
                divisions: board.rows.map {
                    .init(division: $0.division, name: $0.name, seat: $0.seat, counted: .init($0.progress, isOver: board.isOver))
                }))
    }

    /// The same as a table for the office.
    func downloadProgress(_ call: Call, _ work: Work) throws -> Reply {
        let board = try PositionBoard(of: work.campaign(call.id("campaign")), in: work)
        let writer = try XLSXWriter(
            SheetDesign(
                "地理信息采集进度",
                [
                    .init("区划代码"), .init("社区"), .init("应采集", note: "贫困户大门口、社区和街道所在地"), .init("已采集"), .init("已标记", note: "国办系统"),
                    .init("待采集"), .init("待标记"), .init("逾期", note: "截止\(board.campaign.plan.positionsDueOn)尚未标记"), .init("所在地"),
                ]))
        for row in board.rows { try writer.append([row.division.code, row.name ?? ""] + board.cells(row.progress) + [PositionBoard.label(row.seat)]) }
        try writer.append(["", "合计"] + board.cells(board.total))
        return .workbook(try writer.finish(), name: "positions-\(board.campaign.plan.year)")
    }
}
