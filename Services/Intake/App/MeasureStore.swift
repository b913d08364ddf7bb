import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// What helped a household in which year, sealed; a statement that is replaced stays on file beside the new one.
extension Work {
    /// Keeps what differs from what is on file; which were new, and which different.
    func keep(_ measures: [(household: HouseholdID, measure: HouseholdMeasure)], _ vault: Vault) throws -> (new: Set<MeasureKey>, changed: Set<MeasureKey>) {
        if measures.isEmpty { return ([], []) }
        let households = measures.map(\.household)
        let keys = try keys(of: households, vault)
        let current = try query(
            """
            SELECT household_id, year, measure, version, fingerprint FROM measures
            WHERE household_id = ANY(\(households)) AND superseded_at IS NULL
            """)
        let before: [MeasureKey: (version: Int, fingerprint: String)] = try Dictionary(
            current.map { (MeasureKey(household: try $0["household_id"], year: try $0["year"], measure: try $0["measure"]), (try $0["version"], try $0["fingerprint"])) },
            uniquingKeysWith: { first, _ in first })
        let said = try measures.map { household, measure in
            let key = MeasureKey(household: household, measure)
            return (key: key, effect: measure.effect, version: (before[key]?.version ?? 0) + 1, fingerprint: try vault.fingerprint(measure.effect))
        }.filter { before[$0.key]?.fingerprint != $0.fingerprint }
        if said.isEmpty { return ([], []) }
        let replaced = said.filter { $0.version > 1 }
        try execute(
            """
            UPDATE measures m SET superseded_at = lika_now()
            FROM unnest(\(replaced.map(\.key.household)), \(replaced.map(\.key.year)), \(replaced.map(\.key.measure))) AS u (household_id, year, measure)
            WHERE m.household_id = u.household_id AND m.year = u.year AND m.measure = u.measure AND m.superseded_at IS NULL
            """)
        try execute(
            """
            INSERT INTO measures (household_id, year, measure, version, fingerprint, effect, actor, reason)
            SELECT u.*, \(deed.actor.description), \(deed.reason)
            FROM unnest(\(said.map(\.key.household)), \(said.map(\.key.year)), \(said.map(\.key.measure)), \(said.map(\.version)),
                \(said.map(\.fingerprint)), \(try said.map { said in
                    try keys[said.key.household].seal(said.effect, in: .effect(said.key, version: said.version))
                })) AS u
            """)
        let changed = Set(replaced.map(\.key))
        return (Set(said.map(\.key)).subtracting(changed), changed)
    }

    /// Of one household, as they stood at the moment, or now.
    func measures(of household: HouseholdID, at moment: Instant? = nil, _ vault: Vault) throws -> [HouseholdMeasure] {
        try measures(of: [household], at: moment, vault)[household] ?? []
    }

    func measures(of households: [HouseholdID], at moment: Instant? = nil, _ vault: Vault) throws -> [HouseholdID: [HouseholdMeasure]] {
        let measures = try query(
            """
            SELECT m.household_id, h.number, m.year, m.measure, m.version, m.effect, \(unsafe: SQL.wrappedKey)
            FROM measures m JOIN households h ON h.id = m.household_id JOIN household_keys k ON k.household_id = m.household_id
            WHERE m.household_id = ANY(\(households)) AND (\(moment) IS NULL AND m.superseded_at IS NULL
                OR m.at < \(moment) AND (m.superseded_at IS NULL OR m.superseded_at >= \(moment)))
            ORDER BY m.year, m.measure
            """
        ).map { row in
            let key = MeasureKey(household: try row["household_id"], year: try row["year"], measure: try row["measure"])
            let effect: String = try vault.key(row).open(row["effect"], in: .effect(key, version: row["version"]))
            return (key.household, HouseholdMeasure(household: try row["number"], year: key.year, measure: key.measure, effect: effect))
        }
        return Dictionary(grouping: measures, by: \.0).mapValues { $0.map(\.1) }
    }
}

struct MeasureKey: Hashable {
    let household: HouseholdID
    let year: Int
    let measure: String

    init(household: HouseholdID, year: Int, measure: String) { (self.household, self.year, self.measure) = (household, year, measure) }

    init(household: HouseholdID, _ measure: HouseholdMeasure) { self.init(household: household, year: measure.year, measure: measure.measure) }
}
