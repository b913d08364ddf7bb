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
            #expect(opened.required == CheckRoutes.customary.checks(of: .registered))
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
            #expect(opened.map(\.required) == [CheckRoutes.customary.checks(of: .proposedNew, proposing: [.new])])
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
            #expect(try await rig.show(household).questions.count == CheckRoutes.customary.checks(of: .registered).count)
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
            #expect(Set(sent.map { Check($0.department, $0.topic) }) == Set(CheckRoutes.customary.checks(of: .registered)))
            #expect(sent.allSatisfy { $0.dueOn == Example.dueOn && $0.persons.count == 1 && $0.population == .registered })
            #expect(Set(try await rig.show(household).questions.map(\.status)) == ["sent"])
            let asked = await rig.intake.asked
            #expect(asked.count == 1, "one reading for all topics")
            #expect(asked.allSatisfy { $0.households == [household] && Set($0.topics) == Set(sent.map(\.topic)) && $0.purpose == "verification" })
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
            #expect(try await rig.sent(household).count == CheckRoutes.customary.checks(of: .registered).count)
        }
    }

    @Test func `a household that intake does not know stays visible as unsent, and holds up nobody`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let (gone, there) = (try await rig.register(), try await rig.register())
            await rig.intake.forget(gone)
            #expect(try await rig.send(there).count == CheckRoutes.customary.checks(of: .registered).count)
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
    @Test func `a correction asks again what was sent and even what was accepted, and leaves what was not yet sent`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            try await rig.correct(household)
            let first = try await rig.send(household)
            #expect(first.count == CheckRoutes.customary.checks(of: .registered).count)

            let signer = Signer(.police)
            _ = try await rig.register(signer)
            let answered = try #require(first.first { $0.department == .police })
            try await rig.deliver(rig.answer(answered), by: signer)
            try await rig.correct(household)
            while try await rig.service.runErrands() {}

            let all = try await rig.sent(household)
            #expect(all.count == first.count * 2)
            #expect(Set(all.compactMap(\.replaces)) == Set(first.map(\.request)))
            let shown = try await rig.show(household)
            #expect(shown.questions.count == first.count)
            let asked = try #require(shown.question(Check(answered.department, answered.topic)))
            #expect((asked.status, asked.previous, asked.outcome) == ("sent", .consistent, nil))
            #expect(Set(shown.questions.map(\.request)).isSubset(of: all.map(\.request)))
            let told = try #require(try await rig.service.told(QuestionsChanged.self).only)
            #expect(told.cause == .correction && told.dropped.isEmpty && told.asked.count == first.count)
            #expect(told.asked.filter { $0.previous != nil }.map(\.replaces) == [answered.request])
        }
    }

    @Test func `only the departments whose fields changed are asked again`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            let first = try await rig.send(household)
            try await rig.correct(household, ["member.health", "phone", "income"])
            while try await rig.service.runErrands() {}
            let again = try await rig.sent(household).dropFirst(first.count)
            #expect(again.map { Check($0.department, $0.topic) } == [Check(.health, .health)])
            try await rig.correct(household, ["phone"])
            #expect(try await rig.service.runErrands() == false)
            #expect(try await rig.service.told(QuestionsChanged.self).count == 1)
        }
    }

    @Test func `a corrected head's name is what sheets show from then on`() async throws {
        try await Rig.with { rig in
            try await rig.issueCampaign()
            let household = try await rig.register()
            try await rig.correct(household, ["phone"])
            let name: String = try await rig.service.store.work { try $0.query("SELECT head_name FROM files WHERE household = \(household)")[0]["head_name"] }
            #expect(name == "乙某")
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
            let accepted = try await rig.service.told(ResultAccepted.self)
            #expect(accepted.map(\.outcome) == [.consistent, .discrepant])
            #expect(accepted.map(\.previous) == [nil, .consistent])
            #expect(try await rig.service.told(QuestionsChanged.self).map(\.cause) == [.proposal])
        }
    }

    @Test func `an unknown household's correction is nothing to us`() async throws {
        try await Rig.with { rig in
            try await rig.correct(HouseholdID(UUID()))
            #expect(try await rig.service.parked().isEmpty)
        }
    }
}

/// Domain.md section 4.3: what decisions rest on may change after them, and review must hear of it.
@Suite struct LateResultTests {
    /// A household whose six answers are all in, consistent.
    private func complete(_ rig: Rig) async throws -> (household: HouseholdID, sent: [RequestSent], signers: [Department: Signer]) {
        try await rig.issueCampaign()
        let household = HouseholdID(UUID())
        try await rig.propose(.new, household, .notRegistered)
        var signers: [Department: Signer] = [:]
        let sent = try await rig.send(household)
        for request in sent {
            let signer = Signer(request.department)
            signers[request.department] = signer
            _ = try await rig.register(signer)
            try await rig.deliver(rig.answer(request), by: signer)
        }
        #expect(try await rig.show(household).status == "complete")
        return (household, sent, signers)
    }

    @Test func `a correction opens a complete file, and answers that come out as before say so`() async throws {
        try await Rig.with { rig in
            let (household, sent, signers) = try await complete(rig)
            try await rig.correct(household, ["housing"])
            #expect(try await rig.show(household).status == "open")
            let changed = try #require(try await rig.service.told(QuestionsChanged.self).only)
            #expect(Set(changed.asked.map(\.department)) == [.land, .planning])
            #expect(changed.asked.allSatisfy { $0.previous == .consistent && $0.topic == .realEstate })
            while try await rig.service.runErrands() {}
            for request in try await rig.sent(household).dropFirst(sent.count) {
                try await rig.deliver(rig.answer(request), by: #require(signers[request.department]))
            }
            let again = try await rig.service.told(ResultAccepted.self).suffix(2)
            #expect(again.allSatisfy { $0.previous == $0.outcome }, "unchanged: approvals revive")
            #expect(try await rig.service.told(VerificationCompleted.self).map(\.discrepant) == [0, 0])
        }
    }

    @Test func `an answer that turns discrepant after a correction says what it was before`() async throws {
        try await Rig.with { rig in
            let (household, sent, signers) = try await complete(rig)
            try await rig.correct(household, ["member.publicPost"])
            while try await rig.service.runErrands() {}
            for request in try await rig.sent(household).dropFirst(sent.count) {
                let outcome: CheckOutcome = request.topic == .publicPost ? .discrepant : .consistent
                try await rig.deliver(rig.answer(request, outcome), by: #require(signers[request.department]))
            }
            let adverse = try #require(try await rig.service.told(ResultAccepted.self).last { $0.topic == .publicPost })
            #expect((adverse.outcome, adverse.previous) == (.discrepant, .consistent))
            #expect(try await rig.service.told(VerificationCompleted.self).map(\.discrepant) == [0, 1])
        }
    }

    @Test func `a question asked again twice before it is answered remembers the last answer that counted`() async throws {
        try await Rig.with { rig in
            let (household, sent, signers) = try await complete(rig)
            for _ in 0..<2 {
                try await rig.correct(household, ["member.publicPost"])
                while try await rig.service.runErrands() {}
            }
            let last = try #require(try await rig.sent(household).last { $0.topic == .publicPost })
            #expect(last.replaces != nil && !sent.map(\.request).contains(last.replaces!))
            try await rig.deliver(rig.answer(last), by: #require(signers[last.department]))
            #expect(try await rig.service.told(ResultAccepted.self).last?.previous == .consistent)
        }
    }

    @Test func `a late discrepant result counts like one in time`() async throws {
        try await AnsweredRig.with(at: "2018-11-03T00:00:00.000Z") { rig, request, signer in
            try await rig.service.fireTimers()
            #expect(try await rig.show(request.household).status(of: Check(request.department, request.topic)) == "overdue")
            try await rig.deliver(rig.answer(request, .discrepant), by: signer)
            #expect(try await rig.service.told(ResultAccepted.self).map(\.outcome) == [.discrepant])
        }
    }
}

extension Collection {
    /// The element of a collection that has one.
    var only: Element? { count == 1 ? first : nil }
}
