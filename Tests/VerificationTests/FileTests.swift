import Contracts
import Foundation
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Verification
@testable import VerificationDomain

@Suite struct FileOpeningTests {
    @Test func `a registered household is asked about by every department`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            let opened = try #require(try await rig.service.told(VerificationOpened.self).first)
            #expect(opened.household == household)
            #expect(opened.required == CheckPlan.customaryRoutes[.registered])
            #expect(opened.dueOn == Example.dueOn)
            let shown = try await rig.show(household)
            #expect(shown.status == "open")
            #expect(Set(shown.questions.map(\.status)) == ["created"])
        }
    }

    @Test func `a household heard of before its campaign waits for it`() async throws {
        try await Rig.with { rig in
            let household = try await rig.register(.exited)
            #expect(try await rig.show(household).status == "waiting")
            #expect(try await rig.service.told(VerificationOpened.self).isEmpty)
            try await rig.issueCampaign()
            #expect(try await rig.show(household).status == "open")
            #expect(try await rig.service.told(VerificationOpened.self).map(\.household) == [household])
        }
    }

    @Test func `a household that is not on file is looked at once it is proposed as new`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = try await rig.register(.notRegistered)
            #expect(try await rig.service.get("/v1/households/\(household)").status == 404)
            try await rig.propose(.new, household, .notRegistered)
            try await rig.propose(.new, household, .notRegistered)
            let opened = try await rig.service.told(VerificationOpened.self)
            #expect(opened.map(\.required) == [CheckPlan.customaryRoutes[.proposedNew]])
        }
    }

    @Test func `households and their campaign that arrive at the same moment do not miss each other`() async throws {
        for _ in 0..<5 {
            try await Rig.with { rig in
                try await withThrowingTaskGroup { group in
                    for place in 0..<6 {
                        group.addTask { if place == 3 { try await rig.issueCampaign() } else { try await rig.register() } }
                    }
                    try await group.waitForAll()
                }
                #expect(try await rig.service.told(VerificationOpened.self).count == 5)
                #expect(try await rig.service.get("/v1/board").text.contains(#""files":{"open":5}"#))
            }
        }
    }

    @Test func `a proposal may come before the household itself`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = HouseholdID(UUID())
            try await rig.propose(.naturalChange, household)
            #expect(try await rig.show(household).questions.count == CheckPlan.customaryRoutes[.registered]?.count)
            #expect(try await rig.service.told(VerificationOpened.self).count == 1)
        }
    }
}

@Suite struct SendingTests {
    @Test func `nothing is sent before the poverty office lets it go, then all of it, once`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            #expect(try await rig.service.runErrands() == false)
            #expect(try await rig.openBatch().households == 1)
            #expect(try await rig.openBatch().households == 0)
            #expect(try await rig.service.runErrands())
            #expect(try await rig.service.runErrands() == false)
            let sent = try await rig.sent(household)
            #expect(Set(sent.map { Check($0.department, $0.topic) }) == Set(CheckPlan.customaryRoutes[.registered] ?? []))
            #expect(sent.allSatisfy { $0.dueOn == Example.dueOn && $0.persons.count == 1 && $0.population == .registered })
            #expect(Set(try await rig.show(household).questions.map(\.status)) == ["sent"])
            let asked = await rig.intake.asked
            #expect(Set(asked.map(\.topic)).count == asked.count, "one reading for each topic")
            #expect(asked.allSatisfy { $0.households == [household] && $0.purpose == "verification" })
        }
    }

    @Test func `the stored digest is that of the bytes on the wire`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            for request in try await rig.send(rig.register()) {
                let stored: String = try await rig.service.store.work { work in
                    try work.query("SELECT digest FROM requests WHERE id = \(request.request)")[0]["digest"]
                }
                #expect(try await rig.wireDigest(of: request.request) == stored)
            }
        }
    }

    @Test func `more households than one slice holds are all sent`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            for _ in 0..<120 {
                let household = try await rig.register(.notRegistered)
                try await rig.propose(.new, household, .notRegistered)
            }
            #expect(try await rig.openBatch().households == 120)
            while try await rig.service.runErrands() {}
            #expect(try await rig.service.told(RequestSent.self).count == 120 * 6)
        }
    }

    @Test func `data that change while they are fetched are fetched again before anything is sent`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            try await rig.openBatch()
            await rig.intake.during { try await rig.correct(household) }
            #expect(try await rig.service.runErrands())
            #expect(try await rig.sent(household).isEmpty)
            #expect(try await rig.service.runErrands())
            #expect(try await rig.sent(household).count == CheckPlan.customaryRoutes[.registered]?.count)
        }
    }

    @Test func `a household that intake does not know stays visible as unsent, and holds up nobody`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let (gone, there) = (try await rig.register(), try await rig.register())
            await rig.intake.forget(gone)
            #expect(try await rig.send(there).count == CheckPlan.customaryRoutes[.registered]?.count)
            #expect(Set(try await rig.show(gone).questions.map(\.status)) == ["created"])
            #expect(try await rig.service.get("/v1/board").text.contains(#""unsent":1"#))
        }
    }

    @Test func `ID numbers lie in the outbox of the departments' own topics, and nowhere else`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            let signer = Signer(.police)
            _ = try await rig.register(signer)
            let sent = try await rig.send(household)
            let request = try #require(sent.first { $0.department == .police })
            try await rig.deliver(rig.answer(request, .discrepant), by: signer)
            let places: [String: Int] = try await rig.service.store.work { work in
                let tables = try work.query("SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()")
                return try tables.reduce(into: [:]) { places, table in
                    let name: String = try table["name"]
                    let rows = try work.query(
                        "SELECT FROM \(unsafe: name) AS t WHERE t::text LIKE \("%\(Intake.idNumber)%")")
                    if !rows.isEmpty { places[name] = rows.count }
                }
            }
            #expect(places == ["outbox": sent.count])
            let topics: [String] = try await rig.service.store.work { work in
                try work.query("SELECT DISTINCT topic FROM outbox WHERE data LIKE \("%\(Intake.idNumber)%")").map { try $0["topic"] }
            }
            #expect(Set(topics) == Set(Department.asked.map { Topic.request(to: $0).name }))
        }
    }

    @Test func `no batch without a campaign`() async throws {
        try await Rig.with { rig in
            let unissued = try await rig.service.post("/v1/batches", ["campaign": rig.campaign])
            #expect(unissued.status == 404)
            let unnamed = try await rig.service.post("/v1/batches", ["round": "2018"])
            #expect(unnamed.status == 422)
        }
    }
}

@Suite struct AskingAgainTests {
    @Test func `a correction asks again what was sent, and leaves what was accepted or not yet sent`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            try await rig.correct(household)
            let first = try await rig.send(household)
            #expect(first.count == CheckPlan.customaryRoutes[.registered]?.count)

            let signer = Signer(.police)
            _ = try await rig.register(signer)
            let answered = try #require(first.first { $0.department == .police })
            try await rig.deliver(rig.answer(answered), by: signer)
            try await rig.correct(household)
            while try await rig.service.runErrands() {}

            let all = try await rig.sent(household)
            #expect(all.count == first.count * 2 - 1)
            let shown = try await rig.show(household)
            #expect(shown.questions.count == first.count)
            #expect(shown.status(of: Check(answered.department, answered.topic)) == "accepted")
            #expect(Set(shown.questions.map(\.request)).isSubset(of: all.map(\.request)))
        }
    }

    @Test func `a natural change asks the police again even when they have answered`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            let signer = Signer(.police)
            _ = try await rig.register(signer)
            let residence = try #require(try await rig.send(household).first { $0.topic == .residence })
            try await rig.deliver(rig.answer(residence), by: signer)
            try await rig.propose(.naturalChange, household)
            while try await rig.service.runErrands() {}
            let asked = try await rig.sent(household).filter { $0.topic == .residence }
            #expect(asked.count == 2)
            try await rig.deliver(rig.answer(asked[1], .discrepant), by: signer)
            #expect(try await rig.service.told(ResultAccepted.self).map(\.outcome) == [.consistent, .discrepant])
        }
    }

    @Test func `an unknown household's correction is nothing to us`() async throws {
        try await Rig.with { rig in
            try await rig.correct(HouseholdID(UUID()))
            #expect(try await rig.service.parked().isEmpty)
        }
    }
}
