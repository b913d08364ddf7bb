import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// A location as a campaign keeps it.
struct KeptLocation {
    let id: LocationID
    let campaign: CampaignID
    let location: Location
    /// Where it lies: the household's group, or the division whose seat it is.
    let division: DivisionCode
}

extension KeptLocation {
    /// What ``init(_:)`` reads, of ``tables``.
    static let columns = """
        l.id, l.campaign_id, l.household_id, l.seat, l.required_on, l.state, l.capture, l.version, coalesce(l.seat, h.division) AS division
        """
    static let tables = "locations l LEFT JOIN households h ON h.id = l.household_id"

    init(_ row: Row) throws {
        let place: Place
        switch (try row["household_id", as: HouseholdID?.self], try row["seat", as: DivisionCode?.self]) {
        case (let household?, nil): place = .frontDoor(household)
        case (nil, let seat?): place = .seat(seat)
        default: throw UnexpectedValue(column: "seat", expected: "a household or a division")
        }
        self.init(
            id: try row["id"], campaign: try row["campaign_id"],
            location: Location(
                place: place, requiredOn: try row["required_on"], state: try Location.State(row["state"], row["capture"]), version: try row["version"]),
            division: try row["division"])
    }
}

extension Location.State {
    init(_ name: String, _ capture: Int?) throws {
        switch (name, capture) {
        case ("missing", nil): self = .missing
        case ("captured", let capture?): self = .captured(capture)
        case ("marked", let capture?): self = .marked(capture)
        default: throw UnexpectedValue(column: "state", expected: "a state and its capture")
        }
    }

    var name: String {
        switch self {
        case .missing: "missing"
        case .captured: "captured"
        case .marked: "marked"
        }
    }
}

extension Location.Command {
    /// As the table of steps has it.
    var name: String {
        switch self {
        case .capture: "capture"
        case .mark: "mark"
        case .unmark: "unmark"
        }
    }
}

extension Place {
    var household: HouseholdID? { if case .frontDoor(let household) = self { household } else { nil } }
    var seat: DivisionCode? { if case .seat(let seat) = self { seat } else { nil } }
}

extension Work {
    /// What the campaign keeps of these places, locked in a fixed order if something will be decided.
    func locations(of places: [Place], in campaign: CampaignID, locking: Bool) throws -> [Place: KeptLocation] {
        let rows = try query(
            """
            SELECT \(unsafe: KeptLocation.columns) FROM \(unsafe: KeptLocation.tables)
            WHERE l.campaign_id = \(campaign) AND (l.household_id = ANY(\(places.compactMap(\.household))) OR l.seat = ANY(\(places.compactMap(\.seat))))
            ORDER BY l.id \(unsafe: locking ? "FOR UPDATE OF l" : "")
            """)
        return try Dictionary(rows.map { try KeptLocation($0) }.map { ($0.location.place, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// A place of which the campaign keeps something from now on.
    func insert(_ new: KeptLocation) throws {
        try execute(
            """
            INSERT INTO locations (id, campaign_id, household_id, seat, required_on, state, capture, version)
            VALUES (\(new.id), \(new.campaign), \(new.location.place.household), \(new.location.place.seat), \(new.location.requiredOn),
                \(new.location.state.name), \(new.location.state.capture), \(new.location.version))
            """)
    }

    /// Takes one step with each of these locations, which are locked, to what it has become.
    func take(_ step: Location.Command, with changed: [(location: KeptLocation, position: Position?)], _ vault: Vault) throws {
        let locations = changed.map(\.location)
        try execute(
            """
            UPDATE locations l SET state = u.state, capture = u.capture, version = u.version
            FROM unnest(\(locations.map(\.id)), \(locations.map(\.location.state.name)), \(locations.map(\.location.state.capture)),
                \(locations.map(\.location.version))) AS u (id, state, capture, version)
            WHERE l.id = u.id
            """)
        let keys = try keysMade(for: changed.compactMap { $0.position == nil ? nil : $0.location.location.place.household }, vault)
        let positions = try changed.map { location, position -> (sealed: Bytes?, open: JSONB?) in
            guard let position else { return (nil, nil) }
            guard let household = location.location.place.household else { return (nil, JSONB(try JSON.encode(position))) }
            return (try keys[household].seal(position, in: .position(location.id, version: location.location.version)), nil)
        }
        try execute(
            """
            INSERT INTO location_steps (location_id, version, step, sealed, open, actor, reason)
            SELECT u.id, u.version, \(step.name), u.sealed, u.open, \(deed.actor.description), \(deed.reason)
            FROM unnest(\(locations.map(\.id)), \(locations.map(\.location.version)), \(positions.map(\.sealed)), \(positions.map(\.open)))
                AS u (id, version, sealed, open)
            """)
    }

    struct KeptStep {
        let version: Int
        let step: String
        let actor: String
        let reason: String
        let at: Instant
        /// Of a capture; nothing either where the household's key is gone.
        let position: Position?
    }

    /// Every step that was ever taken with it, oldest first.
    func steps(of location: KeptLocation, _ vault: Vault) throws -> [KeptStep] {
        try query(
            """
            SELECT s.location_id, s.version, s.step, s.actor, s.reason, s.at, s.sealed, s.open, \(unsafe: SQL.wrappedKey)
            FROM location_steps s LEFT JOIN household_keys k ON k.household_id = \(location.location.place.household)
            WHERE s.location_id = \(location.id) ORDER BY s.version
            """
        ).map { row in
            KeptStep(
                version: try row["version"], step: try row["step"], actor: try row["actor"], reason: try row["reason"], at: try row["at"],
                position: try vault.position(row))
        }
    }

    // MARK: What is required

    /// The register's households in the campaign's books, all or within a division.
    func registered(in campaign: CampaignID, within division: DivisionCode? = nil) throws -> [RequiredPlaces.Registered] {
        let within = division.map { $0.code + "%" }
        return try query(
            """
            SELECT h.id, h.division, (SELECT count(*) FROM members m WHERE m.household_id = h.id AND m.state = 'active') AS persons
            FROM households h
            WHERE h.campaign_id = \(campaign) AND h.standing = 'registered' AND (\(within) IS NULL OR h.division LIKE \(within))
            """
        ).map { .init(try $0["id"], in: try $0["division"], persons: try $0["persons"]) }
    }

    // MARK: Outlines and accounts

    /// The outline of the division, or of the nearest one around it that has one.
    func outline(around division: DivisionCode) throws -> (division: DivisionCode, outline: Outline)? {
        let around = DivisionCode.Level.allCases.compactMap(division.enclosing(_:))
        return try first("SELECT division, outline FROM outlines WHERE division = ANY(\(around)) ORDER BY length(division) DESC, version DESC LIMIT 1")
            .map { (try $0["division"], try Outline($0)) }
    }

    /// The outlines of the division and of those in it.
    func outlines(within division: DivisionCode) throws -> [(division: DivisionCode, name: String, outline: Outline)] {
        try query(
            """
            SELECT DISTINCT ON (o.division) o.division, d.name, o.outline FROM outlines o JOIN divisions d ON d.code = o.division
            WHERE o.division LIKE \(division.code + "%") ORDER BY o.division, o.version DESC
            """
        ).map { (try $0["division"], try $0["name"], try Outline($0)) }
    }

    /// What the account may do; refused if it is none.
    func positionAccount(_ actor: Actor) throws -> PositionAccount {
        let row = try first("SELECT division FROM position_accounts WHERE account = \(actor.description) ORDER BY version DESC LIMIT 1")
        guard let division = try row?["division", as: DivisionCode?.self], let account = PositionAccount(of: division) else {
            throw PositionAccount.Refusal.unknown
        }
        return account
    }
}

extension Outline {
    init(_ row: Row) throws { self = try JSON.decode(Outline.self, from: try row["outline", as: JSONB.self].text) }
}

extension Vault {
    /// The position that a row of `location_steps` brought along with its household's key; nothing of another step, or where
    /// the key is gone.
    func position(_ row: Row) throws -> Position? {
        if let open: JSONB = try row["open"] { return try JSON.decode(Position.self, from: open.text) }
        guard let sealed: Bytes = try row["sealed"], try row["key_id", as: UUID?.self] != nil else { return nil }
        return try key(row).open(sealed, in: .position(row["location_id"], version: row["version"]))
    }
}
