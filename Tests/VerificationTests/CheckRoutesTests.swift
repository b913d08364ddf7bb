import Contracts
import Foundation
import HTTPTypes
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Verification
@testable import VerificationDomain

@Suite struct CheckRoutesTests {
    let customary = CheckRoutes.customary

    @Test func `six departments make five checks of who is proposed as new`() {
        let checks = customary.checks(of: .proposedNew, proposing: [.new])
        #expect(Set(checks) == [
            Check(.police, .vehicle), Check(.land, .realEstate), Check(.planning, .realEstate),
            Check(.finance, .fiscalPay), Check(.socialSecurity, .publicPost), Check(.market, .business),
        ])
        #expect(Set(checks.map(\.topic)).count == 5)
    }

    @Test func `every department compares who is on file, whatever is proposed, and no question is asked twice`() {
        let checks = customary.checks(of: .registered)
        #expect(Set(checks.map(\.department)) == Set(Department.asked))
        #expect(Set(checks).count == checks.count)
        for kind in CaseKind.allCases { #expect(customary.checks(of: .registered, proposing: [kind]) == checks) }
    }

    @Test(arguments: CaseKind.allCases)
    func `only a natural change is decided by an answer, the police's`(kind: CaseKind) {
        #expect(customary.checks(decidedBy: kind) == (kind == .naturalChange ? [Check(.police, .residence)] : []))
    }

    @Test func `a question of one kind of case is asked where such a case is proposed`() throws {
        let extra = Route(.registered, Check(.education, .schooling), proposing: .exit)
        #expect(throws: Invalid.self) { try CheckRoutes(customary.all + [extra]) }
        let housing = Route(.registered, Check(.agriculture, .housing), proposing: .exit)
        let routes = try CheckRoutes(customary.all + [housing])
        #expect(!routes.checks(of: .registered).contains(housing.check))
        #expect(!routes.checks(of: .registered, proposing: [.removal]).contains(housing.check))
        #expect(routes.checks(of: .registered, proposing: [.removal, .exit]).last == housing.check)
        #expect(!routes.checks(of: .proposedNew, proposing: [.new]).contains(housing.check))
    }

    @Test func `what a campaign starts with is what a person may set`() throws {
        #expect(try CheckRoutes(customary.all) == customary)
        #expect(try JSON.decode([Route].self, from: JSON.encode(customary.all)) == customary.all)
    }

    static let natural = Route(.registered, Check(.police, .residence), proposing: .naturalChange)
    static let least = [Route(.registered, Check(.health, .health)), Route(.proposedNew, Check(.land, .realEstate)), natural]

    @Test(arguments: [
        (least, []),
        (least + [Route(.registered, Check(.education, .schooling))], ["department.not-asked"]),
        (least + [Route(.registered, Check(.poverty, .schooling))], ["department.not-asked"]),
        (least + [Route(.proposedNew, Check(.police, .vehicle), proposing: .exit)], ["kind.impossible"]),
        (least + [Route(.registered, Check(.police, .vehicle), proposing: .new)], ["kind.impossible"]),
        (least + [natural], ["route.twice"]),
        (Array(least.dropFirst()), ["population.unasked"]),
        ([least[0], natural], ["population.unasked"]),
        (Array(least.dropLast()), ["natural-change.unconfirmed"]),
        ([], ["population.unasked", "natural-change.unconfirmed"]),
    ] as [([Route], [String])])
    func `a routing that cannot be is refused with every fault`(routes: [Route], codes: [String]) {
        do {
            _ = try CheckRoutes(routes)
            #expect(codes.isEmpty)
        } catch { #expect(error.faults.map(\.code) == codes) }
    }

    @Test func `a household is looked at when it is on file, was, or is proposed`() {
        for kind in CaseKind.allCases {
            #expect(CheckedPopulation(.registered, proposing: kind) == .registered)
            #expect(CheckedPopulation(.exited, proposing: kind) == .registered)
            #expect(CheckedPopulation(.notRegistered, proposing: kind) == (kind == .new ? .proposedNew : nil))
        }
        #expect(CheckedPopulation(.registered) == .registered)
        #expect(CheckedPopulation(.notRegistered) == nil)
    }
}

@Suite struct ConcernedTopicsTests {
    @Test func `who somebody is concerns every question, and what only the household says concerns none`() {
        #expect(ConcernedTopics.of(["member.idNumber"]) == Set(VerificationTopic.allCases))
        #expect(ConcernedTopics.of(["member.name"]) == Set(VerificationTopic.allCases))
        #expect(ConcernedTopics.of(["phone", "bankCard", "income", "mainCause", "member.skill"]) == [])
        #expect(ConcernedTopics.of([]) == [])
    }

    @Test func `several fields concern what each of them does`() {
        #expect(ConcernedTopics.of(["member.health", "member.pension", "phone"]) == [.health, .pension])
    }

    @Test func `a field that nobody knows concerns everybody`() {
        #expect(ConcernedTopics.of("horoscope") == nil)
        #expect(ConcernedTopics.of(["phone", "horoscope"]) == Set(VerificationTopic.allCases))
    }

    @Test(arguments: [VerificationTopic.vehicle, .business])
    func `what a department knows and the register does not is asked again with the persons alone`(topic: VerificationTopic) {
        for field in ["housing", "member.health", "member.workPlace", "division", "member.relation"] { #expect(!ConcernedTopics.of([field]).contains(topic)) }
    }
}

/// Routing as the poverty office sets it.
@Suite struct RoutingTests {
    struct Shown: Codable, Sendable { let routes: [Route] }

    struct Change: Encodable, Sendable {
        let routes: [Route]
        var reason: String? = "附件6 补发"
    }

    struct Version: Decodable {
        let version: Int
        let routes: [Route]
        let actor: String?
        let reason: String?
    }

    private func put(_ rig: Rig, _ change: Change, match: String? = "\"1\"", actor: String? = "poverty.office") async throws -> TestService.Answer {
        var headers = ["Content-Type": "application/json"]
        headers["If-Match"] = match
        headers["Lika-Actor"] = actor
        return try await rig.service.call(.put, "/v1/campaigns/\(rig.campaign)/routes", JSON.encode(change), headers)
    }

    private let customary = CheckRoutes.customary.all
    private let water = Route(.registered, Check(.health, .water))
    private var without: [Route] { customary.filter { $0.check != Check(.agriculture, .water) } }

    @Test func `a campaign starts from the code lists, and a change is kept with who, when and why`() async throws {
        try await Rig.with { rig in
            #expect(try await rig.service.get("/v1/campaigns/\(rig.campaign)/routes").status == 404)
            try await rig.issueCampaign()
            let shown = try await rig.service.get("/v1/campaigns/\(rig.campaign)/routes")
            #expect(try shown.json(Shown.self).routes == customary)
            #expect(shown.headers["ETag"] == "\"1\"" || shown.headers["etag"] == "\"1\"")
            #expect(try await put(rig, .init(routes: customary + [water])).status == 200)
            #expect(try await put(rig, .init(routes: customary + [water]), match: "\"2\"").status == 200)
            let history = try await rig.service.get("/v1/campaigns/\(rig.campaign)/routes/history").json([Version].self)
            #expect(history.map(\.version) == [1, 2], "the same once more is no version")
            #expect(history.map(\.actor) == [nil, "poverty.office"])
            #expect(history.map(\.reason) == [nil, "附件6 补发"])
            #expect(history.map(\.routes.count) == [customary.count, customary.count + 1])
        }
    }

    @Test func `a change needs the version seen, a name, a reason, and a routing that can be`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let change = Change(routes: customary + [water])
            #expect(try await put(rig, change, match: nil).status == 428)
            #expect(try await put(rig, change, match: "\"7\"").status == 412)
            #expect((400..<500).contains(try await put(rig, change, actor: nil).status))
            #expect(try await put(rig, .init(routes: customary + [water], reason: " ")).status == 422)
            #expect(try await put(rig, .init(routes: customary + [water], reason: nil)).status == 422)
            #expect(try await put(rig, .init(routes: [])).status == 422)
            #expect(try await rig.service.get("/v1/campaigns/\(rig.campaign)/routes").json(Shown.self).routes == customary)
        }
    }

    @Test func `households heard of later are asked by the new routing, those before are brought to it`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let before = try await rig.register()
            #expect(try await put(rig, .init(routes: without + [water])).status == 200)
            let later = try await rig.register()
            #expect(try await rig.service.fireTimers() == 1)
            for household in [before, later] {
                let shown = try await rig.show(household)
                #expect(shown.status(of: water.check) == "created")
                #expect(shown.status(of: Check(.agriculture, .water)) == nil)
                #expect(shown.questions.count == CheckRoutes.customary.checks(of: .registered).count)
            }
            let told = try #require(try await rig.service.told(QuestionsChanged.self).only)
            #expect(told.household == before && told.cause == .routing)
            #expect(told.dropped == [Check(.agriculture, .water)])
            #expect(told.asked.map { Check($0.department, $0.topic) } == [water.check])
            #expect(try await rig.service.runErrands() == false, "the poverty office has let nothing go")
            #expect(try await rig.send(before).map(\.department).contains(.agriculture) == false)
        }
    }

    @Test func `what a department has been asked stays asked, and a question more goes out at once to the others`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            let first = try await rig.send(household)
            #expect(try await put(rig, .init(routes: without + [water])).status == 200)
            #expect(try await rig.service.fireTimers() == 1)
            while try await rig.service.runErrands() {}
            let shown = try await rig.show(household)
            #expect(shown.status(of: Check(.agriculture, .water)) == "sent")
            #expect(shown.status(of: water.check) == "sent")
            #expect(try await rig.sent(household).count == first.count + 1)
        }
    }

    @Test func `a proposal asks what its kind of case needs`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let exit = Route(.registered, Check(.health, .housing), proposing: .exit)
            #expect(try await put(rig, .init(routes: customary + [exit])).status == 200)
            let (leaving, staying) = (try await rig.register(), try await rig.register())
            for _ in 0..<2 { try await rig.propose(.exit, leaving) }
            #expect(try await rig.show(leaving).status(of: exit.check) == "created")
            #expect(try await rig.show(staying).status(of: exit.check) == nil)
            #expect(try await rig.service.told(QuestionsChanged.self).map(\.cause) == [.proposal])
            #expect(try await put(rig, .init(routes: customary), match: "\"2\"").status == 200)
            try await rig.service.fireTimers()
            #expect(try await rig.show(leaving).status(of: exit.check) == nil)
        }
    }
}
