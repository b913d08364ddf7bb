import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import Sheets

/// The places of the campaign, by their codes.
struct DivisionRoutes {
    func add(to api: API) {
        api.put("/v1/divisions", takeOver)
        api.get("/v1/divisions", list)
    }

    private struct Taken: Encodable {
        var new = 0
        var renamed = 0
        var unchanged = 0
    }

    /// A list of divisions, as JSON or `text/csv`, taken over whole or not at all. Those not in it stay as they are.
    func takeOver(_ call: Call, _ work: Work) throws -> Reply {
        let isTable = call.header("Content-Type")?.lowercased().hasPrefix("text/csv") == true
        let divisions = isTable ? try Self.table(call.bytes) : try call.body([Division].self)
        let known = try Dictionary(
            work.query("SELECT id, code, name, version = 0 AS untold FROM divisions").map {
                (try $0["code", as: DivisionCode.self], (id: try $0["id", as: DivisionID.self], name: try $0["name", as: String.self], untold: try $0["untold", as: Bool.self]))
            }, uniquingKeysWith: { first, _ in first })
        let faults = Division.faults(divisions, known: Set(known.keys))
        guard faults.isEmpty else { throw Invalid(faults.map { Invalid.Fault(isTable ? "\($0.place + 2)" : "/\($0.place)", $0.code, $0.reason) }) }
        guard divisions.allSatisfy({ work.reach.touches($0.code) }) else { throw Forbidden.elsewhere }
        let now = try work.now
        try work.prefetch(DivisionOnFile.self, divisions.compactMap { known[$0.code]?.id })
        var taken = Taken()
        // The place around another comes first.
        for division in divisions.sorted(by: { $0.code < $1.code }) {
            guard let onFile = known[division.code] else {
                let decision = DivisionOnFile.named(division, as: DivisionID(work.newID()), at: now)
                try work.insert(decision.state, telling: decision.events)
                taken.new += 1
                continue
            }
            let isRenamed = onFile.name != division.name
            if isRenamed || onFile.untold { try work.decide(DivisionOnFile.self, onFile.id) { $0.renaming(to: division.name, at: now) } }
            if isRenamed { taken.renamed += 1 } else { taken.unchanged += 1 }
        }
        return try .json(taken)
    }

    private static func table(_ bytes: [UInt8]) throws -> [Division] {
        let rows: [SheetRow]
        do { rows = try CSVReader.rows(in: bytes) } catch { throw Invalid(error.place, error.code, error.reason) }
        let items = try DivisionSheet.Form().items(of: rows)
        let faults = items.flatMap(\.faults)
        guard faults.isEmpty else { throw Invalid(faults.map { .init("\($0.line)\($0.column.map { "/\($0)" } ?? "")", $0.code, $0.reason) }) }
        return items.compactMap(\.entry)
    }

    private struct Listed: Encodable {
        let code: DivisionCode
        let level: String
        let name: String
        let parent: DivisionCode?
    }

    /// `?within=` a division lists only what lies in it, itself included.
    func list(_ call: Call, _ work: Work) throws -> Reply {
        let within = try call.division("within").map { $0.code + "%" }
        return try .json(
            work.query("SELECT code, name, parent FROM divisions WHERE \(within) IS NULL OR code LIKE \(within) ORDER BY code").map { row in
                let code: DivisionCode = try row["code"]
                return Listed(code: code, level: "\(code.level)", name: try row["name"], parent: try row["parent"])
            })
    }
}

extension Call {
    /// A parameter of the query that, if it is there, is a day.
    func day(_ name: String) throws -> LocalDate? {
        try filled(name).map { text in
            guard let day = LocalDate(text) else { throw Invalid("?\(name)", "date.format", "a day is written yyyy-mm-dd and must exist") }
            return day
        }
    }

    /// A parameter of the query that, if it is there, is a division.
    func division(_ name: String) throws -> DivisionCode? {
        try query(name).map { text in
            guard let division = DivisionCode(text) else { throw Invalid("?\(name)", "division.format", "a division's code") }
            return division
        }
    }
}
