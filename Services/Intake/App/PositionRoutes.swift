import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The positions of front doors and seats (R14, R15): captured by the accounts of communities and of the subdistrict, marked by
/// the latter.
///
/// The position of a front door leaves as numbers only by a reveal, and drawn only on a map; both are noted. The seats of
/// offices are public.
struct PositionRoutes {
    let vault: Vault

    func add(to api: API) {
        api.get("/v1/households/:household/position", showDoor)
        api.put("/v1/households/:household/position", captureDoor)
        api.put("/v1/households/:household/position/mark", markDoor)
        api.get("/v1/households/:household/position/history", showDoorHistory)
        api.ask("/v1/households/:household/position/reveal", revealDoor)
        api.get("/v1/divisions/:division/seat", showSeat)
        api.put("/v1/divisions/:division/seat", captureSeat)
        api.put("/v1/divisions/:division/seat/mark", markSeat)
        api.get("/v1/divisions/:division/seat/history", showSeatHistory)
        api.post("/v1/campaigns/:campaign/positions/marks", markMany)
    }

    /// A place as a request names it: where it lies, and in which campaign's books.
    private struct Site {
        let place: Place
        let division: DivisionCode
        let campaign: IssuedCampaign
    }

    private func door(_ call: Call, _ work: Work) throws -> (site: Site, record: HouseholdRecord) {
        let id: HouseholdID = try call.id("household")
        guard let record = try HouseholdRecord.read([id], locking: false, in: work).first?.value else { throw NotFound("household \(id)") }
        return (Site(place: .frontDoor(id), division: record.division, campaign: try work.campaign(record.campaign)), record)
    }

    /// `?campaign=` tells for which campaign: a household is in one's books, an office is in every one's.
    private func seat(_ call: Call, _ work: Work) throws -> Site {
        let campaign = try work.campaign(call.queryID("campaign"))
        let division = try call.knownDivision(work)
        guard campaign.plan.subdistrict.contains(division), PositionAccount(of: division) != nil else { throw NotFound("seat of \(division)") }
        return Site(place: .seat(division), division: division, campaign: campaign)
    }

    // MARK: Looking

    private struct Shown: Encodable {
        let campaign: CampaignID
        let household: HouseholdID?
        let seat: DivisionCode?
        let division: DivisionCode
        let state: String
        let isRequired: Bool
        let isOverdue: Bool
        /// What the `ETag` says too; 0 before the first step.
        let version: Int
        /// Of a seat; that of a front door is revealed.
        var position: PositionView?

        init(_ site: Site, _ location: Location, at now: Instant, position: Position? = nil) {
            (campaign, household, seat, division) = (site.campaign.id, site.place.household, site.place.seat, site.division)
            (state, isRequired, version) = (location.state.name, location.requiredOn != nil, location.version)
            isOverdue = location.isOverdue(after: site.campaign.isPositioningOver(at: now))
            self.position = position.map(PositionView.init)
        }
    }

    /// What is known of the place; of a place that nobody has touched yet, what the register of today asks for.
    private func kept(_ site: Site, _ work: Work, locking: Bool) throws -> KeptLocation? {
        try work.locations(of: [site.place], in: site.campaign.id, locking: locking)[site.place]
    }

    private func untouched(_ site: Site, _ work: Work) throws -> Location {
        let required = RequiredPlaces.places(try work.registered(in: site.campaign.id, within: site.division), of: site.campaign.plan.subdistrict)
        return Location(place: site.place, requiredOn: required.contains(site.place) ? try work.today : nil)
    }

    private func show(_ site: Site, _ work: Work) throws -> Reply {
        let kept = try kept(site, work, locking: false)
        let location = try kept?.location ?? untouched(site, work)
        let steps = site.place.seat == nil ? [] : try kept.map { try work.steps(of: $0, vault) } ?? []
        let position = steps.first { $0.version == location.state.capture }?.position
        return try .json(Shown(site, location, at: work.now, position: position)).tagged(location.version)
    }

    func showDoor(_ call: Call, _ work: Work) throws -> Reply { try show(door(call, work).site, work) }
    func showSeat(_ call: Call, _ work: Work) throws -> Reply { try show(seat(call, work), work) }

    private struct Step: Encodable {
        let version: Int
        let step: String
        let at: Instant
        let actor: String
        let reason: String
        /// Of a seat's capture.
        let position: PositionView?
    }

    private func history(_ site: Site, _ work: Work) throws -> Reply {
        guard let kept = try kept(site, work, locking: false) else { return try .json([Step]()) }
        return try .json(
            work.steps(of: kept, vault).map { step in
                Step(
                    version: step.version, step: step.step, at: step.at, actor: step.actor, reason: step.reason,
                    position: site.place.seat == nil ? nil : step.position.map(PositionView.init))
            })
    }

    func showDoorHistory(_ call: Call, _ work: Work) throws -> Reply { try history(door(call, work).site, work) }
    func showSeatHistory(_ call: Call, _ work: Work) throws -> Reply { try history(seat(call, work), work) }

    private struct Revealed: Encodable {
        let household: HouseholdID
        /// The last one holds.
        let captures: [Capture]

        struct Capture: Encodable {
            let version: Int
            let at: Instant
            let actor: String
            let position: PositionView
        }
    }

    /// Where a household's front door is, and was said to be before.
    func revealDoor(_ call: Call, _ work: Work) throws -> Reply {
        let purpose = try call.namedPurpose
        let site = try door(call, work).site
        guard let household = site.place.household, let kept = try kept(site, work, locking: false), kept.location.state.capture != nil else {
            throw NotFound("position")
        }
        let captures = try work.steps(of: kept, vault).compactMap { step in
            step.position.map { Revealed.Capture(version: step.version, at: step.at, actor: step.actor, position: PositionView($0)) }
        }
        try work.noteDisclosure(.reveal, of: household, nil, persons: 0, for: purpose)
        return try .json(Revealed(household: household, captures: captures))
    }

    // MARK: Capturing

    private struct Said: Decodable {
        /// A capture that replaces another says why.
        let reason: String?
    }

    private struct Captured: Encodable {
        let version: Int
        let state: String
        /// What to look at, though it may be right.
        let warnings: [String]
    }

    func captureDoor(_ call: Call, _ work: Work) throws -> Reply {
        let (site, record) = try door(call, work)
        guard record.isOpen else { throw HouseholdRecord.Refusal.archived }
        return try capture(site, call, work)
    }

    func captureSeat(_ call: Call, _ work: Work) throws -> Reply { try capture(seat(call, work), call, work) }

    /// With `If-Match`, `"0"` for the first. The very position that holds already is taken again without a step.
    private func capture(_ site: Site, _ call: Call, _ work: Work) throws -> Reply {
        let position = try call.body(Position.self)
        let reason = try call.body(Said.self).reason
        let account = try work.positionAccount(call.namedActor())
        if let refusal = account.refusal(capturing: site.place, in: site.division) { throw refusal }
        let bounds = PositionBounds(
            outline: try work.outline(around: site.division)?.outline, worstAccuracy: site.campaign.settings.positionAccuracy,
            earliest: site.campaign.positionsFrom, now: try work.now)
        let faults = bounds.faults(of: position)
        guard faults.isEmpty else { throw Invalid(faults.map { .init("/\($0.field)", $0.rawValue, $0.reason) }) }
        let warnings = bounds.warnings(of: position).map(\.rawValue)
        let kept = try kept(site, work, locking: true)
        let before = try kept?.location ?? untouched(site, work)
        if let kept, let capture = before.state.capture, try work.steps(of: kept, vault).contains(where: { $0.version == capture && $0.position == position }) {
            return try .json(Captured(version: before.version, state: before.state.name, warnings: warnings)).tagged(before.version)
        }
        try call.requireMatch(of: before.version)
        if before.state.capture != nil || reason != nil { work.deed.reason = try call.reason(reason ?? "") }
        let after = try before.deciding(.capture).get()
        let id = kept?.id ?? LocationID(work.newID())
        if kept == nil { try work.insert(KeptLocation(id: id, campaign: site.campaign.id, location: before, division: site.division)) }
        try work.take(
            .capture, with: [(KeptLocation(id: id, campaign: site.campaign.id, location: after, division: site.division), position)], vault)
        return try .json(Captured(version: after.version, state: after.state.name, warnings: warnings)).tagged(after.version)
    }

    // MARK: Marking

    private struct Mark: Decodable {
        /// Whether the national system shows what was captured.
        let marked: Bool
        /// Taking a mark back says why.
        let reason: String?
    }

    func markDoor(_ call: Call, _ work: Work) throws -> Reply { try mark(door(call, work).site, call, work) }
    func markSeat(_ call: Call, _ work: Work) throws -> Reply { try mark(seat(call, work), call, work) }

    private func mark(_ site: Site, _ call: Call, _ work: Work) throws -> Reply {
        let wanted = try call.body(Mark.self)
        if let refusal = try work.positionAccount(call.namedActor()).refusal(markingIn: site.division) { throw refusal }
        guard let kept = try kept(site, work, locking: true) else { throw Location.Refusal.notCaptured }
        let command: Location.Command = wanted.marked ? .mark : .unmark
        let after = try kept.location.deciding(command).get()
        if after != kept.location {
            try call.requireMatch(of: kept.location.version)
            if !wanted.marked || wanted.reason != nil { work.deed.reason = try call.reason(wanted.reason ?? "") }
            try work.take(command, with: [(KeptLocation(id: kept.id, campaign: kept.campaign, location: after, division: kept.division), nil)], vault)
        }
        return try .json(Shown(site, after, at: work.now)).tagged(after.version)
    }

    private struct Marks: Decodable {
        let marks: [Mark]

        /// Either a household or a seat, as it was seen.
        struct Mark: Decodable {
            let household: HouseholdID?
            let seat: DivisionCode?
            let version: Int

            var place: Place? {
                switch (household, seat) {
                case (let household?, nil): .frontDoor(household)
                case (nil, let seat?): .seat(seat)
                case (nil, nil), (_?, _?): nil
                }
            }
        }
    }

    private struct Marked: Encodable {
        var marked = 0
        /// Those that were marked before.
        var unchanged = 0
        var refused: [Refused] = []

        struct Refused: Encodable {
            /// Of the list.
            let place: Int
            let code: String
        }
    }

    /// Up to 500 at once. One that is refused stops no other.
    func markMany(_ call: Call, _ work: Work) throws -> Reply {
        let wanted = try call.body(Marks.self).marks
        guard (1...500).contains(wanted.count) else { throw Invalid("/marks", "out-of-range", "1 to 500 marks at a time") }
        let places = wanted.map(\.place)
        for (number, place) in places.enumerated() where place == nil {
            throw Invalid("/marks/\(number)", "mark.place", "either a household or a seat")
        }
        guard Set(places).count == places.count else { throw Invalid("/marks", "mark.twice", "no place twice") }
        let account = try work.positionAccount(call.namedActor())
        let campaign = try work.campaign(call.id("campaign"))
        let kept = try work.locations(of: places.compactMap(\.self), in: campaign.id, locking: true)
        var (marked, changed) = (Marked(), [(location: KeptLocation, position: Position?)]())
        for (number, mark) in wanted.enumerated() {
            func refuse(_ code: String) { marked.refused.append(.init(place: number, code: code)) }
            guard let before = mark.place.flatMap({ kept[$0] }) else {
                refuse(Location.Refusal.notCaptured.code)
                continue
            }
            if let refusal = account.refusal(markingIn: before.division) {
                refuse(refusal.code)
                continue
            }
            switch before.location.deciding(.mark) {
            case .failure(let refusal): refuse(refusal.code)
            case .success(before.location): marked.unchanged += 1
            case .success where mark.version != before.location.version: refuse("changed-meanwhile")
            case .success(let after):
                changed.append((KeptLocation(id: before.id, campaign: before.campaign, location: after, division: before.division), nil))
            }
        }
        try work.take(.mark, with: changed, vault)
        marked.marked = changed.count
        return try .json(marked)
    }
}

/// A position with its coordinates in both systems, whichever the device used.
struct PositionView: Encodable {
    let accuracy: Int
    let takenAt: Instant
    /// The device's.
    let system: ReferenceSystem
    let wgs84: Coordinates
    let gcj02: Coordinates

    init(_ position: Position) {
        (accuracy, takenAt, system) = (position.accuracy, position.takenAt, position.system)
        (wgs84, gcj02) = (position.coordinates(in: .wgs84), position.coordinates(in: .gcj02))
    }
}
