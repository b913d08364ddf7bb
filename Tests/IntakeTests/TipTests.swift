import Contracts
import Foundation
import IntakeDomain
import Registry
import ServiceKit
import Testing

/// The whole state machine as one table. A cell is the state a tip goes to, `=` if it stays, or why it refuses:
/// `r-` `r+` not, already registered; `a-` not assigned; `i-` `i+` not, already investigated; `f-` `f+` without, with a finding;
/// `n-` `n+` not, already answered; `m` merged; `t` transferred; `x` over; `o` not over.
@Suite struct TipTableTests {
    static let commands: [IntakeTip.Command] = [
        .register(number: 7), .relate(HouseholdID(UUID())), .concern(.community), .assign(IntakeTip.team, usually: .workTeam), .investigate,
        .find(.dismissed), .answer(.notice), .close, .merge(into: IntakeTip.other), .absorb, .transfer, .reopen(dueOn: day("2018-11-01")),
    ]

    @Test func `every state has its answer to every command`() {
        let table = """
            state         reg rel con asg inv fnd ans cls mrg abs trf rop
            received      RG  r-  r-  r-  r-  r-  r-  r-  r-  r-  r-  r-
            registered    r+  =   =   AS  a-  a-  f-  n-  ME  =   TR  o
            assigned      r+  =   =   =   IN  i-  f-  n-  ME  =   TR  o
            investigating r+  =   =   AS  i+  DI  f-  n-  ME  =   TR  o
            upheld        r+  =   =   f+  f+  f+  AN  n-  f+  =   f+  o
            partly_upheld r+  =   =   f+  f+  f+  AN  n-  f+  =   f+  o
            dismissed     r+  =   =   f+  f+  f+  AN  n-  f+  =   f+  o
            answered      r+  x   x   x   x   x   n+  CL  x   x   x   RO
            closed        r+  x   x   x   x   x   n+  x   x   x   x   RO
            merged        r+  m   m   m   m   m   m   m   m   m   m   RO
            transferred   r+  t   t   t   t   t   t   t   t   t   t   RO
            reopened      r+  =   =   AS  a-  a-  f-  n-  ME  =   TR  o
            """
        let rows = table.split(separator: "\n").dropFirst().map { $0.split(separator: " ").map(String.init) }
        #expect(rows.map { $0[0] } == IntakeTip.State.allCases.map(\.rawValue))
        for row in rows {
            let tip = IntakeTip.standing(IntakeTip.State(rawValue: row[0])!)
            #expect(Self.commands.map { Self.answer(tip, $0) } == Array(row.dropFirst()), "\(row[0])")
        }
    }

    static func answer(_ tip: IntakeTip, _ command: IntakeTip.Command) -> String {
        do throws(IntakeTip.Refusal) {
            let after = try tip.deciding(command, at: october10).state.state
            return after == tip.state ? "=" : String(after.rawValue.prefix(2)).uppercased().replacing("RE", with: after == .reopened ? "RO" : "RG")
        } catch {
            return switch error {
            case .notRegistered: "r-"
            case .alreadyRegistered: "r+"
            case .notAssigned: "a-"
            case .notInvestigated: "i-"
            case .alreadyInvestigated: "i+"
            case .withoutFinding: "f-"
            case .alreadyFound: "f+"
            case .notAnswered: "n-"
            case .alreadyAnswered: "n+"
            case .merged: "m"
            case .transferred: "t"
            case .over: "x"
            case .notOver: "o"
            case .levelTooLow, .nobodyAbove, .noticeOwed, .mergedWithItself, .otherMatter, .targetOver, .notHandler, .ownSurvey: error.rawValue
            }
        }
    }

    @Test func `a clerk is offered what the state allows, and nothing else`() {
        let probes: [TipAct: IntakeTip.Command] = [
            .relate: Self.commands[1], .concern: Self.commands[2], .assign: Self.commands[3], .investigate: .investigate, .find: .find(.dismissed),
            .answer: .answer(.notice), .close: .close, .merge: Self.commands[8], .transfer: .transfer, .reopen: Self.commands[11],
        ]
        for state in IntakeTip.State.allCases {
            let tip = IntakeTip.standing(state)
            let allowed = probes.filter { ["r-", "a-", "i-", "i+", "f-", "f+", "n-", "n+", "m", "t", "x", "o"].contains(Self.answer(tip, $0.value)) == false }
            #expect(Set(tip.acts) == Set(allowed.keys), "\(state)")
        }
    }
}

@Suite struct TipTests {
    private func decide(_ tip: IntakeTip, _ commands: IntakeTip.Command...) throws -> IntakeTip {
        try commands.reduce(tip) { try $0.deciding($1, at: october10).state }
    }

    // MARK: Who looks into it

    @Test(arguments: [
        (nil, TipLevel.workTeam, TipLevel.workTeam), (.community, .workTeam, .workTeam), (.workTeam, .workTeam, .subdistrict),
        (.subdistrict, .workTeam, .county), (nil, .subdistrict, .subdistrict), (.workTeam, .subdistrict, .subdistrict),
        (.subdistrict, .subdistrict, .county),
    ] as [(TipLevel?, TipLevel, TipLevel)])
    func `a tip about the investigator goes one level up, and never below the usual one`(concerns: TipLevel?, usually: TipLevel, lowest: TipLevel) throws {
        let tip = IntakeTip.standing(.registered, concerns: concerns)
        for level in TipLevel.allCases {
            let assign = IntakeTip.Command.assign(.init(level: level, handler: "a"), usually: usually)
            if level < lowest {
                #expect(throws: IntakeTip.Refusal.levelTooLow) { try decide(tip, assign) }
            } else {
                #expect(try decide(tip, assign).assignment?.level == level)
            }
        }
    }

    @Test func `above the county leading group there is nobody, so such a tip is transferred`() throws {
        let tip = IntakeTip.standing(.registered, concerns: .county)
        #expect(throws: IntakeTip.Refusal.nobodyAbove) { try decide(tip, .assign(.init(level: .county, handler: "a"), usually: .workTeam)) }
        #expect(try decide(tip, .transfer).state == .transferred)
    }

    @Test(arguments: [IntakeTip.State.assigned, .investigating, .upheld])
    func `an investigator who turns out to be concerned loses it, whatever they have found`(state: IntakeTip.State) throws {
        let accused = try decide(IntakeTip.standing(state), .concern(.workTeam))
        #expect((accused.state, accused.assignment, accused.outcome) == (.registered, nil, nil))
        #expect(throws: IntakeTip.Refusal.levelTooLow) { try decide(accused, .assign(IntakeTip.team, usually: .workTeam)) }
        #expect(try decide(IntakeTip.standing(state), .concern(.community)).state == state)
    }

    @Test(arguments: [("2018-10-10", TipLevel.workTeam), ("2018-10-23", .workTeam), ("2018-10-24", .subdistrict), ("2018-11-01", .subdistrict)])
    func `from the subdistrict's posting on the subdistrict investigates`(on: String, level: TipLevel) {
        var plan = plan2018()
        plan.stages.append(.init(id: "subdistrict_publicity", from: day("2018-10-24"), to: day("2018-10-28")))
        #expect(plan.tipInvestigator(on: day(on)) == level)
        #expect(plan2018().tipInvestigator(on: day(on)) == .workTeam)
    }

    // MARK: The answer

    @Test func `the anonymous are answered by a notice only, and whoever speaks for others too`() throws {
        for manner in IntakeTip.Manner.allCases {
            for tip in [IntakeTip.standing(.upheld, isAnonymous: true), try decide(IntakeTip.standing(.upheld), .absorb)] {
                if manner == .notice {
                    #expect(try decide(tip, .answer(manner)).state == .answered)
                } else {
                    #expect(throws: IntakeTip.Refusal.noticeOwed) { try decide(tip, .answer(manner)) }
                }
            }
            #expect(try decide(IntakeTip.standing(.upheld), .answer(manner), .close).manner == manner)
        }
    }

    @Test func `a promise is kept until its day is over`() {
        let tip = IntakeTip.standing(.investigating)
        #expect(tip.dueOn == day("2018-10-15"))
        #expect(!tip.isOverdue(on: day("2018-10-15")))
        #expect(tip.isOverdue(on: day("2018-10-16")))
        #expect(!IntakeTip.standing(.answered).isOverdue(on: day("2018-12-01")))
    }

    @Test func `the days of the promise are a setting`() {
        var settings = CampaignSettings(plan2018())
        #expect(IntakeTip.due(from: day("2018-10-10"), under: settings) == day("2018-10-15"))
        settings.tipAnswerDays = 1
        #expect(IntakeTip.due(from: day("2018-10-12"), under: settings) == day("2018-10-15"))
    }

    @Test func `a tip is merged into an open one about the same matter only`() throws {
        let tip = IntakeTip.standing(.registered, household: HouseholdID(UUID()))
        let second = TipID(UUID())
        #expect(throws: IntakeTip.Refusal.mergedWithItself) { try decide(tip, .merge(into: tip)) }
        #expect(throws: IntakeTip.Refusal.otherMatter) { try decide(tip, .merge(into: IntakeTip.other)) }
        #expect(throws: IntakeTip.Refusal.otherMatter) { try decide(.standing(.registered), .merge(into: .standing(.registered, id: second, campaign: CampaignID(UUID())))) }
        #expect(throws: IntakeTip.Refusal.targetOver) { try decide(.standing(.registered), .merge(into: .standing(.answered, id: second))) }
        #expect(throws: IntakeTip.Refusal.targetOver) { try decide(.standing(.registered), .merge(into: .standing(.received, id: second))) }
        #expect(try decide(tip, .merge(into: .standing(.upheld, id: second, household: tip.household))).mergedInto == second)
    }

    @Test func `only its handler may be told who the tipster is`() throws {
        #expect(throws: Never.self) { try IntakeTip.standing(.answered).checkHandler(IntakeTip.team.handler) }
        #expect(throws: IntakeTip.Refusal.notHandler) { try IntakeTip.standing(.answered).checkHandler("other") }
        #expect(throws: IntakeTip.Refusal.notHandler) { try IntakeTip.standing(.registered).checkHandler(IntakeTip.team.handler) }
    }

    // MARK: The hold

    @Test func `an open tip holds the household that it names until its answer, and again when it is opened again`() throws {
        let (household, other) = (HouseholdID(UUID()), HouseholdID(UUID()))
        func told(_ tip: IntakeTip, _ command: IntakeTip.Command) throws -> [any Event] { try tip.deciding(command, at: october10).events }
        let open = IntakeTip.standing(.upheld, household: household)
        let raised = try told(IntakeTip.standing(.registered), .relate(household))
        #expect(raised as? [HouseholdTipRaised] == [
            HouseholdTipRaised(tip: IntakeTip.ownID, household: household, campaign: IntakeTip.ownCampaign, number: 7, dueOn: day("2018-10-15"), division: subdistrict, raisedAt: october10)
        ])
        #expect(try told(open, .relate(household)).isEmpty)
        #expect(try told(open, .answer(.notice)) as? [HouseholdTipSettled] == [
            HouseholdTipSettled(tip: IntakeTip.ownID, household: household, campaign: IntakeTip.ownCampaign, outcome: .upheld, settledAt: october10)
        ])
        #expect(try told(.standing(.answered, household: household), .close).isEmpty)
        #expect(try told(.standing(.closed, household: household), .reopen(dueOn: day("2018-11-01"))).first is HouseholdTipRaised)
        #expect((try told(.standing(.assigned, household: household), .transfer).first as? HouseholdTipSettled)?.outcome == nil)
        #expect(try told(open, .relate(other)).map { $0.key } == [household.rawValue, other.rawValue])
        #expect(try told(.standing(.received, household: household), .register(number: 7)).first is HouseholdTipRaised)
        #expect(try told(.standing(.received), .register(number: 7)).isEmpty)
    }

    // MARK: Papers

    @Test func `a receipt code is read as people write it`() throws {
        let code = ReceiptCode([0x00, 0x44, 0x32, 0x14, 0xC7, 0x42, 0x54, 0xB6, 0x35, 0xCF, 0xFF])
        #expect(code.reveal == "0123456789ABCDEF")
        #expect(code.written == "0123-4567-89AB-CDEF")
        for text in ["0123-4567-89ab-cdef", " 0123 4567 89AB CDEF ", "o1234567-89abcdef", "0i23456789abcdef", "0L23456789ABCDEF"] {
            #expect(ReceiptCode(text) == code, "\(text)")
        }
        for text in ["", "0123456789ABCDE", "0123456789ABCDEFG", "0123456789ABCDEU"] { #expect(ReceiptCode(text) == nil, "\(text)") }
        #expect(ReceiptCode([UInt8](repeating: 255, count: 10)).reveal == "ZZZZZZZZZZZZZZZZ")
    }

    @Test func `what a tip says and who gave it shows nothing when it is printed`() throws {
        let (text, tipster) = (TipText("王五有两辆车")!, Tipster(name: "李四", contact: "13900001111")!)
        for shown in ["\(text)", "\(tipster)", String(reflecting: text), String(reflecting: tipster), "\(Mirror(reflecting: tipster).children.count)"] {
            #expect(!shown.contains("王五") && !shown.contains("李四") && !shown.contains("139"))
        }
        #expect(Tipster(name: nil, contact: nil) == nil)
        #expect(TipText("") == nil && TipText(String(repeating: "字", count: 4_001)) == nil)
    }

    @Test(arguments: [
        ("经查，反映的情况属实，已更正。", []), ("经查，李四反映属实", ["notice.name"]), ("经查，李 四反映属实", ["notice.name"]), ("请与13900001111联系", ["notice.number"]),
        ("详情请拨打0877-7012345", []), ("李四，电话139 0000 1111", ["notice.name", "notice.number"]),
    ])
    func `a notice names nobody and holds nobody's number but the office's telephone`(text: String, codes: [String]) {
        #expect(TipNotice.faults(in: text, naming: ["李四", "王"], allowing: ["0877-7012345"]).map(\.code) == codes)
    }
}

@Suite struct TokenBucketTests {
    let rate = TokenBucket.Rate(capacity: 2, secondsPerToken: 60)

    @Test func `a burst passes, then one for each minute`() {
        var bucket = TokenBucket(tokens: 2, filledAt: october10)
        func take(after seconds: Double) -> Int? {
            let taken = bucket.taking(at: october10 + seconds, rate)
            bucket = taken.bucket
            return taken.wait
        }
        #expect([take(after: 0), take(after: 0), take(after: 0), take(after: 59), take(after: 60), take(after: 61)] == [nil, nil, 60, 1, nil, 59])
        // However long nobody comes, no more than a burst is saved up.
        #expect([take(after: 10_000), take(after: 10_000), take(after: 10_000)] == [nil, nil, 60])
        // A clock that goes back takes nothing away.
        #expect(TokenBucket(tokens: 1, filledAt: october10).taking(at: october10 + -500, rate).wait == nil)
    }

    @Test(arguments: [
        ("203.0.113.7", "203.0.113"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"), ("2001:DB8::1", "2001:db8:0:0"), ("::1", "0:0:0:0"),
        ("::ffff:203.0.113.7", "203.0.113"), ("2001:db8:1:2::", "2001:db8:1:2"), ("unknown", nil), ("203.0.113", nil), ("1:2:3", nil), ("", nil),
        ("300.0.0.1", nil), ("1:2:3:4:5:6:7:8:9", nil),
    ] as [(String, String?)])
    func `a client is known by its network`(address: String, prefix: String?) {
        #expect(NetworkPrefix.of(address) == prefix)
    }
}

extension IntakeTip {
    fileprivate static let ownID = TipID(UUID())
    fileprivate static let ownCampaign = CampaignID(UUID())
    fileprivate static let team = Assignment(level: .workTeam, handler: "li.ming")
    fileprivate static let other = IntakeTip(
        id: TipID(UUID()), campaign: ownCampaign, channel: .box, place: subdistrict, isAnonymous: true, receivedOn: day("2018-10-10"),
        dueOn: day("2018-10-15"), number: 6, status: .registered)

    /// A tip of 10 October that stands there.
    fileprivate static func standing(
        _ state: State, id: TipID = IntakeTip.ownID, campaign: CampaignID = IntakeTip.ownCampaign, isAnonymous: Bool = false,
        household: HouseholdID? = nil, concerns: TipLevel? = nil
    ) -> IntakeTip {
        let status: Status =
            switch state {
            case .received: .received
            case .registered: .registered
            case .assigned: .assigned(team)
            case .investigating: .investigating(team)
            case .upheld: .found(team, .upheld)
            case .partlyUpheld: .found(team, .partlyUpheld)
            case .dismissed: .found(team, .dismissed)
            case .answered: .answered(team, .upheld, .notice)
            case .closed: .closed(team, .upheld, .notice)
            case .merged: .merged(into: other.id)
            case .transferred: .transferred
            case .reopened: .reopened
            }
        return IntakeTip(
            id: id, campaign: campaign, channel: .form, place: subdistrict, isAnonymous: isAnonymous,
            receivedOn: day("2018-10-10"), dueOn: day("2018-10-15"), number: state == .received ? nil : 7, household: household, concerns: concerns,
            status: status)
    }
}
