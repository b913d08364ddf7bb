import Contracts
import Foundation
import Registry
import Testing

@testable import VerificationDomain

@Suite struct VerificationFileTests {
    let vehicles = RequestID(UUID())
    let business = RequestID(UUID())
    let now = Example.now

    func file(_ status: VerificationFile.Status = .waiting) -> VerificationFile {
        VerificationFile(
            Example.household, campaign: Example.campaign, population: .registered, division: Example.division, status)
    }

    func questions(_ first: CheckOutcome? = nil, _ second: CheckOutcome? = nil) -> VerificationFile.Questions {
        .init(dueOn: Example.dueOn, [
            .init(Example.vehicles, vehicles, first), .init(Example.business, business, second),
        ])
    }

    func accepted(_ request: RequestID, _ check: Check, _ outcome: CheckOutcome) -> ResultAccepted {
        ResultAccepted(
            household: Example.household, campaign: Example.campaign, request: request, department: check.department,
            topic: check.topic, outcome: outcome, acceptedAt: now)
    }

    @Test func `the plan opens a waiting file and fixes its questions`() throws {
        let decision = try file().deciding(.issue(questions()), at: now)
        #expect(decision == Decision(file(.open(questions())), [
            VerificationOpened(
                household: Example.household, campaign: Example.campaign, required: [Example.vehicles, Example.business],
                dueOn: Example.dueOn, openedAt: now)
        ]))
    }

    @Test func `an accepted answer is told`() throws {
        let decision = try file(.open(questions())).deciding(.accept(business, .consistent), at: now)
        #expect(decision == Decision(
            file(.open(questions(nil, .consistent))), [accepted(business, Example.business, .consistent)]))
    }

    @Test(arguments: [(CheckOutcome.discrepant, 2), (.consistent, 1), (.cannotDetermine, 1)])
    func `the last answer completes the file, with its discrepancies counted`(last: CheckOutcome, count: Int) throws {
        let decision = try file(.open(questions(.discrepant))).deciding(.accept(business, last), at: now)
        #expect(decision == Decision(file(.complete(questions(.discrepant, last))), [
            accepted(business, Example.business, last),
            VerificationCompleted(
                household: Example.household, campaign: Example.campaign, discrepant: count, completedAt: now),
        ]))
    }

    func changed(
        _ cause: QuestionsChanged.Cause, _ asked: [QuestionsChanged.Asked], dropped: [Check] = []
    ) -> QuestionsChanged {
        QuestionsChanged(
            household: Example.household, campaign: Example.campaign, cause: cause, asked: asked, dropped: dropped, changedAt: now)
    }

    @Test func `asking again opens a complete file and remembers the answer, and the file then completes once more`() throws {
        let again = RequestID(UUID())
        let open = try file(.complete(questions(.consistent, .consistent))).deciding(
            .change(.init(.correction, replaced: [vehicles: again])), at: now)
        #expect(open == Decision(
            file(.open(.init(dueOn: Example.dueOn, [
                .init(Example.vehicles, again, previous: .consistent), .init(Example.business, business, .consistent),
            ]))),
            [changed(.correction, [.init(department: .police, topic: .vehicle, request: again, replaces: vehicles, previous: .consistent)])]))
        #expect(throws: VerificationFile.Refusal.unknownQuestion) {
            try open.state.deciding(.accept(vehicles, .consistent), at: now)
        }
        let closed = try open.state.deciding(.accept(again, .discrepant), at: now)
        #expect((closed.events.first as? ResultAccepted)?.previous == .consistent)
        #expect((closed.events.last as? VerificationCompleted)?.discrepant == 1)
    }

    @Test func `an answer sent back opens the file for the same request`() throws {
        let open = try file(.complete(questions(.discrepant, .consistent))).deciding(.change(.init(.sentBack, voided: [vehicles])), at: now)
        #expect(open.state.questions.first == .init(Example.vehicles, vehicles, previous: .discrepant))
        #expect(open == Decision(open.state, [
            changed(.sentBack, [.init(department: .police, topic: .vehicle, request: vehicles, previous: .discrepant)])
        ]))
        #expect(try open.state.deciding(.accept(vehicles, .consistent), at: now).events.count == 2)
    }

    @Test func `a question more opens a complete file, and the last open one less completes it`() throws {
        let (check, request) = (Check(.civilAffairs, .subsistence), RequestID(UUID()))
        let more = try file(.complete(questions(.consistent, .consistent))).deciding(
            .change(.init(.routing, added: [.init(check, request)])), at: now)
        #expect(more.state.questions.last == .init(check, request))
        #expect(more == Decision(more.state, [changed(.routing, [.init(department: .civilAffairs, topic: .subsistence, request: request)])]))
        let less = try more.state.deciding(.change(.init(.routing, dropped: [request])), at: now)
        #expect(less == Decision(file(.complete(questions(.consistent, .consistent))), [
            changed(.routing, [], dropped: [check]),
            VerificationCompleted(household: Example.household, campaign: Example.campaign, discrepant: 0, completedAt: now),
        ]))
    }

    @Test func `what is proposed and how the head is called is heard in every state, without a word`() throws {
        for before in [file(), file(.open(questions())), file(.complete(questions(.consistent, .consistent)))] {
            let proposed = try before.deciding(.propose(.exit), at: now)
            #expect(proposed.events.isEmpty && proposed.state.proposed == [.exit] && proposed.state.status == before.status)
            #expect(try proposed.state.deciding(.propose(.exit), at: now) == Decision(proposed.state))
            let named = try before.deciding(.name("丙某"), at: now)
            #expect(named.events.isEmpty && named.state.headName == "丙某" && named.state.status == before.status)
        }
    }

    enum Kind: String, CaseIterable {
        case issue, accept, acceptAnswered, acceptUnknown, replace, replaceUnknown, changeNothing, void, voidUnknown, add, addKnown, drop, dropUnknown
        case propose, name
    }

    func command(_ kind: Kind) -> VerificationFile.Command {
        func unknown() -> RequestID { RequestID(UUID()) }
        return switch kind {
        case .issue: .issue(questions())
        case .accept: .accept(vehicles, .consistent)
        case .acceptAnswered: .accept(business, .consistent)
        case .acceptUnknown: .accept(unknown(), .consistent)
        case .replace: .change(.init(.correction, replaced: [business: unknown()]))
        case .replaceUnknown: .change(.init(.correction, replaced: [unknown(): unknown()]))
        case .changeNothing: .change(.init(.correction))
        case .void: .change(.init(.sentBack, voided: [business]))
        case .voidUnknown: .change(.init(.sentBack, voided: [unknown()]))
        case .add: .change(.init(.routing, added: [.init(Check(.finance, .fiscalPay), unknown())]))
        case .addKnown: .change(.init(.routing, added: [.init(Example.vehicles, unknown())]))
        case .drop: .change(.init(.routing, dropped: [business]))
        case .dropUnknown: .change(.init(.routing, dropped: [unknown()]))
        case .propose: .propose(.exit)
        case .name: .name("丙某")
        }
    }

    static let unknowns: [Kind: VerificationFile.Refusal] = [
        .acceptUnknown: .unknownQuestion, .replaceUnknown: .unknownQuestion, .changeNothing: .unknownQuestion, .voidUnknown: .unknownQuestion,
        .dropUnknown: .unknownQuestion, .addKnown: .alreadyAsked,
    ]

    /// What each state refuses; everything else is accepted.
    static let refusals: [(String, [Kind: VerificationFile.Refusal])] = [
        ("waiting", Dictionary(uniqueKeysWithValues: Kind.allCases.filter { ![.issue, .propose, .name].contains($0) }.map { ($0, .notOpen) })),
        ("open", unknowns.merging([.issue: .alreadyOpen, .acceptAnswered: .alreadyAnswered]) { $1 }),
        ("complete", unknowns.merging([.issue: .alreadyOpen, .accept: .alreadyAnswered, .acceptAnswered: .alreadyAnswered]) { $1 }),
    ]

    @Test(arguments: refusals.indices, Kind.allCases)
    func `every state answers every command`(index: Int, kind: Kind) {
        let (name, refusals) = Self.refusals[index]
        let states: [String: VerificationFile] = [
            "waiting": file(), "open": file(.open(questions(nil, .consistent))),
            "complete": file(.complete(questions(.consistent, .consistent))),
        ]
        let before = states[name]!
        if let refusal = refusals[kind] {
            #expect(throws: refusal) { try before.deciding(command(kind), at: now) }
        } else {
            #expect(throws: Never.self) { try before.deciding(command(kind), at: now) }
        }
    }
}
