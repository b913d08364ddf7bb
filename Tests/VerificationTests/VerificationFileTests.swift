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

    @Test func `asking again opens a complete file, which then completes once more`() throws {
        let again = RequestID(UUID())
        let open = try file(.complete(questions(.consistent, .consistent))).deciding(.askAgain([vehicles: again]), at: now)
        #expect(open.events.isEmpty)
        #expect(open.state.questions == [.init(Example.vehicles, again), .init(Example.business, business, .consistent)])
        #expect(throws: VerificationFile.Refusal.unknownQuestion) {
            try open.state.deciding(.accept(vehicles, .consistent), at: now)
        }
        #expect(try open.state.deciding(.accept(again, .consistent), at: now).events.count == 2)
    }

    enum Kind: String, CaseIterable { case issue, accept, acceptAnswered, acceptUnknown, askAgain, askUnknown, askNothing }

    func command(_ kind: Kind) -> VerificationFile.Command {
        switch kind {
        case .issue: .issue(questions())
        case .accept: .accept(vehicles, .consistent)
        case .acceptAnswered: .accept(business, .consistent)
        case .acceptUnknown: .accept(RequestID(UUID()), .consistent)
        case .askAgain: .askAgain([business: RequestID(UUID())])
        case .askUnknown: .askAgain([RequestID(UUID()): RequestID(UUID())])
        case .askNothing: .askAgain([:])
        }
    }

    /// What each state refuses; everything else is accepted.
    static let refusals: [(String, [Kind: VerificationFile.Refusal])] = [
        ("waiting", [
            .accept: .notOpen, .acceptAnswered: .notOpen, .acceptUnknown: .notOpen, .askAgain: .notOpen, .askUnknown: .notOpen,
            .askNothing: .notOpen,
        ]),
        ("open", [
            .issue: .alreadyOpen, .acceptAnswered: .alreadyAnswered, .acceptUnknown: .unknownQuestion,
            .askUnknown: .unknownQuestion, .askNothing: .unknownQuestion,
        ]),
        ("complete", [
            .issue: .alreadyOpen, .accept: .alreadyAnswered, .acceptAnswered: .alreadyAnswered,
            .acceptUnknown: .unknownQuestion, .askUnknown: .unknownQuestion, .askNothing: .unknownQuestion,
        ]),
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

@Suite struct CheckPlanTests {
    @Test func `six departments make five checks of who is proposed as new`() throws {
        let checks = try #require(CheckPlan.customaryRoutes[.proposedNew])
        #expect(Set(checks) == [
            Check(.police, .vehicle), Check(.land, .realEstate), Check(.planning, .realEstate),
            Check(.finance, .fiscalPay), Check(.socialSecurity, .publicPost), Check(.market, .business),
        ])
        #expect(Set(checks.map(\.topic)).count == 5)
    }

    @Test func `every department compares who is on file, and no question is asked twice`() throws {
        let checks = try #require(CheckPlan.customaryRoutes[.registered])
        #expect(Set(checks.map(\.department)) == Set(Department.asked))
        #expect(Set(checks).count == checks.count)
        #expect(checks.contains(try #require(CaseKind.naturalChange.decidingCheck)))
    }

    @Test func `a household is looked at when it is on file, was, or is proposed`() {
        #expect(CheckedPopulation(.registered) == .registered)
        #expect(CheckedPopulation(.exited, proposing: .return) == .registered)
        #expect(CheckedPopulation(.notRegistered, proposing: .new) == .proposedNew)
        #expect(CheckedPopulation(.notRegistered) == nil)
        #expect(CheckedPopulation(.notRegistered, proposing: .naturalChange) == nil)
    }
}
