import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

extension HouseholdRecord: Aggregate {
    package static func load(_ ids: [HouseholdID], in work: Work) throws -> [Versioned<HouseholdRecord>] {
        try read(ids, locking: true, in: work)
    }

    /// Without a lock to be looked at only: nobody waits for an import to end.
    static func read(_ ids: [HouseholdID], locking: Bool, in work: Work) throws -> [Versioned<HouseholdRecord>] {
        let households = try work.sql.later(
            """
            SELECT id, number, campaign_id, division, standing, exit_status, standing_year, registered_on, version
            FROM households WHERE id = ANY(\(ids)) ORDER BY id \(unsafe: locking ? "FOR UPDATE" : "")
            """)
        let members = try work.sql.query(
            """
            SELECT id, household_id, number, name, relation, born_on, id_hash, state, ended_reason, ended_on
            FROM members WHERE household_id = ANY(\(ids)) ORDER BY household_id, position
            """)
        var persons: [HouseholdID: [MemberRecord]] = [:]
        for row in members { persons[try row["household_id"], default: []].append(try MemberRecord(row)) }
        return try households.rows.map { row in
            let id: HouseholdID = try row["id"]
            let record = HouseholdRecord(
                id: id, number: try row["number"], campaign: try row["campaign_id"], division: try row["division"],
                standing: try Standing(row["standing"], row["exit_status"]), standingYear: try row["standing_year"],
                registeredOn: try row["registered_on"], members: persons[id] ?? [])
            return Versioned(record, version: try row["version"])
        }
    }

    package static func insert(_ new: [Versioned<HouseholdRecord>], in work: Work) throws {
        try work.sql.execute(
            """
            INSERT INTO households (id, number, campaign_id, division, standing, exit_status, standing_year, registered_on, version)
            SELECT * FROM unnest(\(new.map(\.value.id)), \(new.map(\.value.number)), \(new.map(\.value.campaign)), \(new.map(\.value.division)),
                \(new.map(\.value.standing.name)), \(new.map(\.value.standing.exitStatus)), \(new.map(\.value.standingYear)),
                \(new.map(\.value.registeredOn)), \(new.map(\.version)))
            """)
        try keepMembers(of: new.map(\.value), in: work)
        try keepStates(of: new.map(\.value), in: work)
    }

    package static func update(_ changed: [Versioned<HouseholdRecord>], in work: Work) throws -> Int {
        let count = try work.sql.change(
            """
            UPDATE households h
            SET campaign_id = u.campaign_id, division = u.division, standing = u.standing, exit_status = u.exit_status,
                standing_year = u.standing_year, registered_on = u.registered_on, version = u.version
            FROM unnest(\(changed.map(\.value.id)), \(changed.map(\.value.campaign)), \(changed.map(\.value.division)),
                \(changed.map(\.value.standing.name)), \(changed.map(\.value.standing.exitStatus)), \(changed.map(\.value.standingYear)),
                \(changed.map(\.value.registeredOn)), \(changed.map(\.version)))
                AS u (id, campaign_id, division, standing, exit_status, standing_year, registered_on, version)
            WHERE h.id = u.id
            """)
        try freeHashes(of: changed.map(\.value), in: work)
        try keepMembers(of: changed.map(\.value), in: work)
        try keepStates(of: changed.map(\.value), in: work)
        return count
    }

    /// Two persons whose numbers were mixed up change them in one statement, in which neither may meet the other's.
    private static func freeHashes(of households: [HouseholdRecord], in work: Work) throws {
        let members = households.flatMap(\.members)
        try work.sql.execute(
            """
            UPDATE members m SET id_hash = m.id::text FROM unnest(\(members.map(\.id)), \(members.map(\.hash.text))) AS u (id, id_hash)
            WHERE m.id = u.id AND m.id_hash <> u.id_hash
            """)
    }

    /// Each different standing is kept with who brought it about, and why.
    private static func keepStates(of households: [HouseholdRecord], in work: Work) throws {
        try work.sql.execute(
            """
            INSERT INTO household_states (household_id, state, actor, reason)
            SELECT u.id, u.state, \(work.deed.actor.description), \(work.deed.reason)
            FROM unnest(\(households.map(\.id)), \(try households.map { JSONB(try JSON.encode(RegisterState($0))) })) AS u (id, state)
            WHERE u.state IS DISTINCT FROM (SELECT s.state FROM household_states s WHERE s.household_id = u.id ORDER BY s.id DESC LIMIT 1)
            """)
    }

    /// Persons are never deleted: they are added and their state changes.
    private static func keepMembers(of households: [HouseholdRecord], in work: Work) throws {
        let members = households.flatMap { household in household.members.enumerated().map { (household.id, $0.offset, $0.element) } }
        if members.isEmpty { return }
        try work.sql.execute(
            """
            INSERT INTO members (id, household_id, position, number, name, relation, born_on, id_hash, state, ended_reason, ended_on)
            SELECT * FROM unnest(\(members.map(\.2.id)), \(members.map(\.0)), \(members.map(\.1)), \(members.map(\.2.number)),
                \(members.map(\.2.name)), \(members.map(\.2.relation)), \(members.map(\.2.bornOn)), \(members.map(\.2.hash.text)),
                \(members.map(\.2.state.name)), \(members.map(\.2.state.reason)), \(members.map(\.2.state.on)))
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, relation = excluded.relation, born_on = excluded.born_on,
                id_hash = excluded.id_hash, state = excluded.state, ended_reason = excluded.ended_reason, ended_on = excluded.ended_on
            """)
    }
}

extension HouseholdRecord.Standing {
    init(_ name: String, _ status: ExitStatus?) throws {
        switch (name, status) {
        case ("outside", nil): self = .outside
        case ("registered", let status?): self = .registered(status)
        case ("struck_off", nil): self = .struckOff
        case ("closed", nil): self = .closed
        default: throw UnexpectedValue(column: "standing", expected: "a standing and its exit status")
        }
    }

    var name: String {
        switch self {
        case .outside: "outside"
        case .registered: "registered"
        case .struckOff: "struck_off"
        case .closed: "closed"
        }
    }

    var exitStatus: String? { status?.rawValue }

    var status: ExitStatus? {
        switch self {
        case .registered(let status): status
        case .outside, .struckOff, .closed: nil
        }
    }

    var label: Label {
        switch self {
        case .outside: Label("未建档", "not registered")
        case .registered: Label("建档立卡", "registered")
        case .struckOff: Label("已剔除", "struck off")
        case .closed: Label("已销户", "closed")
        }
    }
}

extension MemberRecord {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row["id"], number: try row["number"], name: try row["name"], relation: try row["relation"], bornOn: try row["born_on"],
            hash: PersonHash(try row["id_hash"]), state: try State(row["state"], row["ended_reason"], row["ended_on"]))
    }
}

extension MemberRecord.State {
    init(_ name: String, _ reason: String?, _ on: LocalDate?) throws {
        switch (name, reason, on) {
        case ("proposed", nil, nil): self = .proposed
        case ("active", nil, nil): self = .active
        case ("ended", let reason?, let on?): self = .ended(reason: reason, on: on)
        case ("refused", nil, nil): self = .refused
        default: throw UnexpectedValue(column: "state", expected: "a state and what belongs to it")
        }
    }

    var name: String {
        switch self {
        case .proposed: "proposed"
        case .active: "active"
        case .ended: "ended"
        case .refused: "refused"
        }
    }

    var reason: String? { if case .ended(let reason, _) = self { reason } else { nil } }
    var on: LocalDate? { if case .ended(_, let on) = self { on } else { nil } }
}
