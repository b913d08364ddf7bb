import Contracts
import Foundation
import IntakeDomain
import Registry
import Testing

// Around 古城街道; nobody lives at these points.
let office = Coordinates(latitudeE7: 240_700_000, longitudeE7: 1_019_900_000)

func coordinates(_ latitude: Double, _ longitude: Double) -> Coordinates {
    Coordinates(latitudeE7: Int((latitude * 1e7).rounded()), longitudeE7: Int((longitude * 1e7).rounded()))
}

func position(
    _ at: Coordinates = office, accuracy: Int = 8, takenAt: Instant = october10, _ system: ReferenceSystem = .wgs84
) -> Position {
    Position(at, accuracy: accuracy, takenAt: takenAt, system: system)
}

/// A box of this many units around the office.
func boxOutline(_ half: Int = 100_000, around middle: Coordinates = office) -> Outline {
    Outline([(-half, -half), (-half, half), (half, half), (half, -half)].map { north, east in
        Coordinates(latitudeE7: middle.latitudeE7 + north, longitudeE7: middle.longitudeE7 + east)
    })
}

/// On a sphere; far more exact than half a metre over some hundreds of them.
private func metres(_ a: Coordinates, _ b: Coordinates) -> Double {
    let perUnit = 0.0111_319_49
    let north = Double(a.latitudeE7 - b.latitudeE7) * perUnit
    let east = Double(a.longitudeE7 - b.longitudeE7) * perUnit * cos(Double(a.latitudeE7) / 1e7 / 180 * .pi)
    return (north * north + east * east).squareRoot()
}

@Suite struct ReferenceSystemTests {
    /// Published with googollee/eviltransform.
    static let known: [(wgs84: Coordinates, gcj02: Coordinates)] = [
        (coordinates(31.1774276, 121.5272106), coordinates(31.17530398364597, 121.531541859215)),
        (coordinates(22.543847, 113.912316), coordinates(22.540796131694766, 113.9171764808363)),
        (coordinates(39.911954, 116.377817), coordinates(39.91334545536069, 116.38404722455657)),
    ]

    @Test(arguments: known.indices) func `published pairs come out to the centimetre, both ways`(place: Int) {
        let (wgs84, gcj02) = Self.known[place]
        #expect(wgs84.converted(from: .wgs84, to: .gcj02) == gcj02)
        #expect(metres(gcj02.converted(from: .gcj02, to: .wgs84), wgs84) < 0.03)
        #expect((300...700).contains(metres(wgs84, gcj02)))
    }

    @Test func `there and back is less than half a metre, all over China`() {
        var worst = 0.0
        for latitude in stride(from: 18.3, through: 53.5, by: 1.7) {
            // The formula has a kink at 105 degrees.
            for longitude in [73.6, 81.25, 90, 99.123_456_7, 101.99, 104.999_999_9, 105, 105.000_000_1, 113.7, 121.4, 134.7] {
                let point = coordinates(latitude, longitude)
                let back = point.converted(from: .wgs84, to: .gcj02).converted(from: .gcj02, to: .wgs84)
                worst = max(worst, metres(point, back))
            }
        }
        #expect(worst < 0.5, "\(worst) m")
    }

    static let abroad = [
        coordinates(40.7128, -74.0060), coordinates(0.8292999, 110), coordinates(55.8271001, 110), coordinates(30, 72.0039999),
        coordinates(30, 137.8347001), Coordinates(latitudeE7: .max, longitudeE7: .min),
    ]

    @Test(arguments: abroad) func `nothing is shifted abroad`(point: Coordinates) {
        #expect(point.converted(from: .wgs84, to: .gcj02) == point)
        #expect(point.converted(from: .gcj02, to: .wgs84) == point)
    }

    @Test func `within one system nothing changes`() {
        #expect(office.converted(from: .gcj02, to: .gcj02) == office)
        #expect(position(office, .wgs84).coordinates(in: .wgs84) == office)
    }
}

@Suite struct OutlineTests {
    /// A square with a bay in its northern side, from (0, 0) to (4, 4) thousand units north-east of the office.
    static let bay = Outline([(0, 0), (4, 0), (4, 1), (2, 2), (4, 3), (4, 4), (0, 4)].map { corner($0.0, $0.1) })

    static func corner(_ north: Int, _ east: Int) -> Coordinates {
        Coordinates(latitudeE7: office.latitudeE7 + 1_000 * north, longitudeE7: office.longitudeE7 + 1_000 * east)
    }

    static let points: [(north: Int, east: Int, isInside: Bool)] = [
        (1, 1, true), (1, 2, true), (3, 2, false), (4, 2, false), (2, 2, true), (0, 0, true), (4, 4, true), (0, 2, true), (2, 0, true),
        (3, 1, true), (5, 1, false), (-1, 1, false), (1, 5, false), (1, -1, false),
    ]

    @Test(arguments: points.indices) func `what lies in a bay is outside, and the border is inside`(place: Int) {
        let point = Self.points[place]
        #expect(Self.bay.contains(Self.corner(point.north, point.east)) == point.isInside)
        // The other way round it is the same piece of land.
        #expect(Outline(Self.bay.corners.reversed()).contains(Self.corner(point.north, point.east)) == point.isInside)
    }

    @Test func `a box has its edges, and nothing a unit beyond`() {
        let box = boxOutline(100_000).box
        func at(_ north: Int, _ east: Int) -> Bool {
            box.contains(Coordinates(latitudeE7: office.latitudeE7 + north, longitudeE7: office.longitudeE7 + east))
        }
        #expect(at(100_000, -100_000) && at(-100_000, 100_000))
        #expect(!at(100_001, 0) && !at(-100_001, 0) && !at(0, 100_001) && !at(0, -100_001))
        #expect(Box(around: []) == nil)
    }

    @Test func `a ring may repeat its first corner, but not lie on a line, abroad, or be of two corners`() throws {
        let box = boxOutline()
        #expect(try Outline(box.corners + box.corners.prefix(1)).checked() == box)
        func codes(_ outline: Outline) -> [String] { #expect(throws: Invalid.self) { try outline.checked() }?.faults.map(\.code) ?? [] }
        #expect(codes(Outline([])) == ["out-of-range"])
        #expect(codes(Outline(Array(box.corners.prefix(2)))) == ["out-of-range"])
        #expect(codes(Outline((0..<2_001).map { Self.corner($0, $0 * $0 % 7) })) == ["out-of-range"])
        #expect(codes(Outline((0..<4).map { Self.corner($0, 0) })) == ["outline.flat"])
        #expect(codes(Outline([coordinates(40, -74)] + box.corners)) == ["position.outside-china"])
    }
}

@Suite struct PositionBoundsTests {
    static let now = october10
    static let bounds = PositionBounds(outline: boxOutline(100_000), worstAccuracy: 50, earliest: now + -86_400, now: now)

    static func at(_ north: Int, _ east: Int) -> Coordinates { Coordinates(latitudeE7: office.latitudeE7 + north, longitudeE7: office.longitudeE7 + east) }

    static let cases: [(position: Position, faults: [PositionFault])] = [
        (position(), []),
        (position(at(100_000, 100_000)), []), (position(at(100_001, 0)), [.outsideBox]), (position(at(0, -100_001)), [.outsideBox]),
        (position(coordinates(40.7, -74)), [.outsideChina]), (position(Coordinates(latitudeE7: .max, longitudeE7: .min)), [.outsideChina]),
        (position(accuracy: 1), []), (position(accuracy: 0), [.inaccurate]), (position(accuracy: -1), [.inaccurate]),
        (position(accuracy: 50), []), (position(accuracy: 51), [.inaccurate]),
        (position(takenAt: now + 120), []), (position(takenAt: now + 120.001), [.future]),
        (position(takenAt: now + -86_400), []), (position(takenAt: now + -86_400.001), [.beforeCampaign]),
        (position(at(100_001, 0), accuracy: 51, takenAt: now + 121), [.outsideBox, .inaccurate, .future]),
        // The same numbers read as another system are half a kilometre away.
        (position(office.converted(from: .wgs84, to: .gcj02), .gcj02), []),
    ]

    @Test(arguments: cases.indices) func `a position agrees with what is known, or all that speaks against it is told`(place: Int) {
        #expect(Self.bounds.faults(of: Self.cases[place].position) == Self.cases[place].faults)
    }

    @Test func `a position in the wrong system is told from a right one where the box is tight`() {
        let tight = PositionBounds(outline: boxOutline(5_000), worstAccuracy: 50, earliest: Self.now + -1, now: Self.now)
        let shifted = office.converted(from: .wgs84, to: .gcj02)
        #expect(tight.faults(of: position(shifted, .gcj02)) == [])
        #expect(tight.faults(of: position(shifted, .wgs84)) == [.outsideBox])
    }

    @Test func `in the box and not in the outline is worth a look, and so is what cannot be checked`() {
        let outline = OutlineTests.bay
        let bounds = PositionBounds(outline: outline, worstAccuracy: 50, earliest: Self.now + -1, now: Self.now)
        let inBay = position(OutlineTests.corner(3, 2))
        #expect(bounds.faults(of: inBay) == [] && bounds.warnings(of: inBay) == [.outsideOutline])
        #expect(bounds.warnings(of: position(OutlineTests.corner(1, 1))) == [])
        let unknown = PositionBounds(outline: nil, worstAccuracy: 50, earliest: Self.now + -1, now: Self.now)
        #expect(unknown.faults(of: position()) == [] && unknown.warnings(of: position()) == [.outlineUnknown])
    }

    @Test func `a position prints as nothing but its kind`() {
        var text = "\(position())"
        dump(position(), to: &text)
        #expect(!text.contains("240700") && text.contains("<position>"))
    }

    @Test func `captures begin with the first stage, or with the issue of the plan, and end with the stage or the data`() {
        func campaign(_ stages: [CampaignPlan.Stage], issuedAt: String) -> IssuedCampaign {
            var plan = plan2018()
            plan.stages = stages
            return IssuedCampaign(id: CampaignID(UUID()), plan: plan, issuedAt: Instant(issuedAt)!)
        }
        let stages = [CampaignPlan.Stage(id: "geolocation", from: day("2018-10-10"), to: day("2018-11-08")), .init(id: "survey", from: day("2018-10-01"), to: day("2018-10-05"))]
        let planned = campaign(stages, issuedAt: "2018-10-12T02:00:00Z")
        #expect(planned.positionsFrom == day("2018-10-01").start)
        #expect(campaign(stages, issuedAt: "2018-09-29T17:00:00Z").positionsFrom == day("2018-09-30").start)
        #expect(planned.plan.positionsDueOn == day("2018-11-08"))
        #expect(campaign([], issuedAt: "2018-10-12T02:00:00Z").plan.positionsDueOn == day("2018-11-10"))
        #expect(!planned.isPositioningOver(at: Instant("2018-11-08T15:59:59.999Z")!))
        #expect(planned.isPositioningOver(at: Instant("2018-11-08T16:00:00.000Z")!))
    }
}

@Suite struct PositionAccountTests {
    static let community = DivisionCode("530427001001")!
    static let office = PositionAccount(of: subdistrict)!
    static let village = PositionAccount(of: community)!
    static let door = Place.frontDoor(HouseholdID(UUID()))

    static let captures: [(account: PositionAccount, place: Place, division: String, refusal: PositionAccount.Refusal?)] = [
        (office, .seat(subdistrict), "530427001", nil),
        (office, .seat(community), "530427001001", .communityCaptures),
        (office, .seat(DivisionCode("530427002")!), "530427002", .elsewhere),
        (office, .seat(DivisionCode("530427002001")!), "530427002001", .elsewhere),
        (office, door, "530427001001-01", .communityCaptures),
        (office, door, "530427002001-01", .elsewhere),
        (village, .seat(community), "530427001001", nil),
        (village, .seat(DivisionCode("530427001002")!), "530427001002", .elsewhere),
        (village, .seat(subdistrict), "530427001", .subdistrictCaptures),
        (village, .seat(DivisionCode("530427002")!), "530427002", .elsewhere),
        (village, door, "530427001001-01", nil),
        (village, door, "530427001001", nil),
        (village, door, "530427001002-01", .elsewhere),
    ]

    @Test(arguments: captures.indices) func `who captures what`(place: Int) {
        let row = Self.captures[place]
        #expect(row.account.refusal(capturing: row.place, in: DivisionCode(row.division)!) == row.refusal)
    }

    @Test func `the subdistrict marks what lies in it, and a community nothing`() {
        #expect(Self.office.refusal(markingIn: subdistrict) == nil)
        #expect(Self.office.refusal(markingIn: group) == nil)
        #expect(Self.office.refusal(markingIn: DivisionCode("530427002001-01")!) == .elsewhere)
        #expect(Self.village.refusal(markingIn: group) == .subdistrictMarks)
    }

    @Test func `a county and a residents' group have no such account`() {
        #expect(PositionAccount(of: DivisionCode("530427")!) == nil)
        #expect(PositionAccount(of: group) == nil)
    }

    @Test func `codes of refusals are public and never renamed`() {
        #expect((PositionAccount.Refusal.allCases.map(\.code) + Location.Refusal.allCases.map(\.code)) == [
            "intake.position-account-unknown", "intake.position-elsewhere", "intake.position-captured-by-community",
            "intake.position-captured-by-subdistrict", "intake.position-marked-by-subdistrict", "intake.position-not-captured",
            "intake.position-not-marked",
        ])
    }
}

@Suite struct LocationTests {
    static let steps: [(from: Location.State, command: Location.Command, to: Result<Location.State, Location.Refusal>)] = [
        (.missing, .capture, .success(.captured(8))), (.missing, .mark, .failure(.notCaptured)), (.missing, .unmark, .failure(.notMarked)),
        (.captured(3), .capture, .success(.captured(8))), (.captured(3), .mark, .success(.marked(3))), (.captured(3), .unmark, .failure(.notMarked)),
        (.marked(3), .capture, .success(.captured(8))), (.marked(3), .mark, .success(.marked(3))), (.marked(3), .unmark, .success(.captured(3))),
    ]

    @Test(arguments: steps.indices) func `each step leads where it leads`(place: Int) {
        let row = Self.steps[place]
        let before = Location(place: .seat(subdistrict), requiredOn: day("2018-10-10"), state: row.from, version: 7)
        let after = before.deciding(row.command)
        #expect(after.map(\.state) == row.to)
        // Whatever changes something is a step, and nothing else is.
        if case .success(let after) = after { #expect(after.version == (after.state == row.from ? 7 : 8) && after.requiredOn == before.requiredOn) }
    }

    @Test func `what is needed and not marked is overdue, once the stage is over`() {
        func location(_ state: Location.State, _ requiredOn: String? = "2018-10-10") -> Location {
            Location(place: .seat(subdistrict), requiredOn: requiredOn.map(day), state: state)
        }
        #expect(location(.missing).isOverdue(after: true) && location(.captured(1)).isOverdue(after: true))
        #expect(!location(.marked(1)).isOverdue(after: true) && !location(.missing).isOverdue(after: false))
        #expect(!location(.missing, nil).isOverdue(after: true))
    }

    @Test func `needed are registered households, seats of communities with registered people, and the subdistrict's`() {
        let (one, two, empty) = (HouseholdID(UUID()), HouseholdID(UUID()), HouseholdID(UUID()))
        let places = RequiredPlaces.places(
            [
                .init(one, in: DivisionCode("530427001001-01")!, persons: 3), .init(two, in: DivisionCode("530427001001-02")!, persons: 1),
                // Its door is still on the register, but nobody lives in the community.
                .init(empty, in: DivisionCode("530427001002-01")!, persons: 0),
            ], of: subdistrict)
        #expect(places == [.frontDoor(one), .frontDoor(two), .frontDoor(empty), .seat(subdistrict), .seat(DivisionCode("530427001001")!)])
        #expect(RequiredPlaces.places([], of: subdistrict) == [.seat(subdistrict)])
    }

    static let midnights = [
        ("2018-10-10T02:00:00.000Z", "2018-10-10T16:00:00.000Z"), ("2018-10-10T15:59:59.999Z", "2018-10-10T16:00:00.000Z"),
        ("2018-10-10T16:00:00.000Z", "2018-10-11T16:00:00.000Z"), ("2018-12-30T15:59:59.999Z", "2018-12-30T16:00:00.000Z"),
        ("2018-12-30T16:00:00.000Z", nil), ("2019-03-01T00:00:00.000Z", nil),
    ]

    @Test(arguments: midnights.indices) func `each local midnight of the campaign's year it is looked at anew`(place: Int) {
        let (now, next) = Self.midnights[place]
        #expect(RequiredPlaces.next(after: Instant(now)!, in: plan2018()) == next.flatMap { Instant($0) })
    }

    @Test func `progress adds up`() {
        let sum = PositionProgress(required: 5, captured: 3, marked: 1) + PositionProgress(required: 2, captured: 2, marked: 2)
        #expect(sum == PositionProgress(required: 7, captured: 5, marked: 3))
        #expect((sum.toCapture, sum.toMark) == (2, 2))
        #expect((sum.overdue(after: false), sum.overdue(after: true)) == (0, 4))
    }
}

@Suite struct MapFrameTests {
    @Test func `north is up, east is right, and the middle is in the middle`() {
        let frame = MapFrame(showing: boxOutline(200_000).box)
        let (middle, north, east) = (frame.place(office), frame.place(PositionBoundsTests.at(100_000, 0)), frame.place(PositionBoundsTests.at(0, 100_000)))
        #expect(middle.x == frame.width / 2 && abs(2 * middle.y - frame.height) <= 1)
        #expect(north.x == middle.x && north.y < middle.y)
        #expect(east.x > middle.x && east.y == middle.y)
        // A degree of longitude is shorter.
        #expect(middle.y - north.y > east.x - middle.x)
    }

    static let shapes = [(200_000, 200_000), (2_000_000, 20_000), (20_000, 2_000_000), (0, 0), (1, 900_000)]

    @Test(arguments: shapes.indices) func `whatever is shown lies on the drawing, whose size is bounded`(place: Int) {
        let (high, wide) = Self.shapes[place]
        let box = Box(south: office.latitudeE7 - high, west: office.longitudeE7 - wide, north: office.latitudeE7 + high, east: office.longitudeE7 + wide)
        let frame = MapFrame(showing: box)
        #expect(frame.width == 720 && (240...900).contains(frame.height))
        for corner in [(box.south, box.west), (box.south, box.east), (box.north, box.west), (box.north, box.east)] {
            let spot = frame.place(Coordinates(latitudeE7: corner.0, longitudeE7: corner.1))
            #expect((39...681).contains(spot.x) && (39...(frame.height - 39)).contains(spot.y), "\(spot)")
        }
    }

    @Test func `the ruler is a round distance of the right length`() {
        let frame = MapFrame(showing: boxOutline(200_000).box)
        let ruler = frame.ruler
        #expect(ruler.metres == 1_000)
        let end = frame.place(Coordinates(latitudeE7: office.latitudeE7 + Int(1_000 / 0.011_131_949), longitudeE7: office.longitudeE7))
        #expect(abs(frame.height / 2 - end.y - ruler.length) <= 1)
    }
}
