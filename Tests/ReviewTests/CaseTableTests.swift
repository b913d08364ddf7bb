import Contracts
import Registry
import ReviewDomain
import Testing

/// The whole state machine, read as two tables. A cell is the status a case goes to, `=` if it stays, or why it refuses:
/// `.` out of turn, `~` reopened, `^` with the county, `x` ended, `?` nothing to investigate.
@Suite struct CaseTableTests {
    static let commands: [(String, ReviewCase.Command)] =
        Meeting.Kind.allCases.map { ($0.rawValue, judge($0, .pass)) } + [
            ("refused", judge(.internalReview, .reject(reason: "income_above_line"))),
            ("list1", .list(.community, Specimen.firstWindow)), ("list2", .list(.subdistrict, Specimen.secondWindow)),
            ("correct", .investigate(.correctedUnchanged)), ("drop", .investigate(.dropped)), ("other", .investigate(.otherKind)),
            ("carry", .carryOver(reason: "no_time")),
            ("report", .report), ("confirm", .answer(.confirmed)), ("reject", .answer(.rejected(reason: "county_rejected"))),
            ("return", .answer(.returned)), ("announce", .announce), ("record", .record),
        ]

    static func judge(_ kind: Meeting.Kind, _ ruling: ReviewCase.Ruling) -> ReviewCase.Command {
        .judge(kind, ruling, Specimen.meeting, heldAt: Specimen.now)
    }

    @Test func `every status has its answer to every command`() {
        let table = """
            status                int pub ini res app ref l1  l2  cor dro oth car rep con rej ret ann rec
            proposed               .   .   .   .   .   .   .   .   ?   ?   ?   CO  .   .   .   .   .   .
            surveyed               IR  .   .   .   .   RJ  .   .   ?   ?   ?   CO  .   .   .   .   .   .
            internally_reviewed    .   PU  .   .   .   .   .   .   ?   ?   ?   CO  .   .   .   .   .   .
            publicly_reviewed      .   .   ID  .   .   .   .   .   ?   ?   ?   CO  .   .   .   .   .   .
            initially_decided      .   .   .   .   .   .   =   .   ?   ?   ?   CO  .   .   .   .   .   .
            community_publicity    .   .   .   RS  .   .   .   .   ?   ?   ?   CO  .   .   .   .   .   .
            resolved               .   .   .   .   AP  .   .   .   ?   ?   ?   CO  .   .   .   .   .   .
            approved               .   .   .   .   .   .   .   =   ?   ?   ?   CO  .   .   .   .   .   .
            subdistrict_publicity  .   .   .   .   .   .   .   .   ?   ?   ?   CO  .   .   .   .   .   .
            awaiting_gate          .   .   .   .   .   .   .   .   ?   ?   ?   CO  RP  .   .   .   .   .
            reported               ^   ^   ^   ^   ^   ^   ^   ^   ^   ^   ^   ^   ^   CF  RJ  RO  .   .
            confirmed              ^   ^   ^   ^   ^   ^   ^   ^   ^   ^   ^   ^   ^   .   .   .   AN  .
            announced              ^   ^   ^   ^   ^   ^   ^   ^   ^   ^   ^   ^   ^   .   .   .   .   RC
            recorded               x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x
            withdrawn              x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x
            rejected               x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x
            reopened               ~   ~   ~   ~   ~   ~   ~   ~   AG  WD  WD  CO  ~   ~   ~   ~   ~   ~
            carried_over           x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x
            """
        expect(table, columns: Self.commands.map { command in
            { `case` in answer(of: `case`) { (c) throws(ReviewCase.Refusal) in try c.deciding(command.1, at: Specimen.now) } }
        })
    }

    static let facts: [ReviewCase.Fact] = [
        .surveyed(met: true), .surveyed(met: false), .foundDiscrepant(Specimen.request), .posted(Specimen.firstWindow),
        .posted(Specimen.secondWindow), .windowEnded(Specimen.firstWindow, at: Specimen.firstMidnight),
        .windowEnded(Specimen.secondWindow, at: Specimen.secondMidnight), .tipRaised(Specimen.tip),
        .tipSettled(Specimen.tip, nil), .tipSettled(Specimen.tip, .dismissed), .tipSettled(Specimen.tip, .partlyUpheld),
        .tipSettled(Specimen.tip, .upheld),
    ]

    @Test func `every status has its answer to every fact, and none refuses`() {
        let table = """
            status                 met not  dis  po1 po2  en1 en2  tip set dsm par uph
            proposed               SU  WD   =    =   =    =   =    =   =   =   =   =
            surveyed               =   WD   =    =   =    =   =    =   =   =   =   =
            internally_reviewed    =   WD   RO   =   =    =   =    =   =   =   RO  RO
            publicly_reviewed      =   WD   RO   =   =    =   =    =   =   =   RO  RO
            initially_decided      =   WD   RO   CP  =    =   =    =   =   =   RO  RO
            community_publicity    =   WD   RO   =   =    =   =    =   =   =   RO  RO
            resolved               =   WD   RO   =   =    =   =    =   =   =   RO  RO
            approved               =   WD   RO   =   SP   =   =    =   =   =   RO  RO
            subdistrict_publicity  =   WD   RO   =   =    =   AG   =   =   =   RO  RO
            awaiting_gate          =   WD   RO   =   =    =   =    =   =   =   RO  RO
            reported               =   =    =    =   =    =   =    =   =   =   =   =
            confirmed              =   =    =    =   =    =   =    =   =   =   =   =
            announced              =   =    =    =   =    =   =    =   =   =   =   =
            recorded               =   =    =    =   =    =   =    =   =   =   =   =
            withdrawn              =   =    =    =   =    =   =    =   =   =   =   =
            rejected               =   =    =    =   =    =   =    =   =   =   =   =
            reopened               =   WD   =    =   =    =   =    =   =   =   =   =
            carried_over           =   =    =    =   =    =   =    =   =   =   =   =
            """
        expect(table, columns: Self.facts.map { fact in
            { `case` in answer(of: listed(`case`)) { (c) throws(ReviewCase.Refusal) in c.hearing(fact, at: Specimen.now) } }
        })
    }

    /// On the list of the window that it waits for, as `list` leaves it.
    private func listed(_ case: ReviewCase) -> ReviewCase {
        switch `case`.status {
        case .initiallyDecided: try! `case`.deciding(.list(.community, Specimen.firstWindow), at: Specimen.now).state
        case .approved: try! `case`.deciding(.list(.subdistrict, Specimen.secondWindow), at: Specimen.now).state
        default: `case`
        }
    }

    private func expect(_ table: String, columns: [(ReviewCase) -> String]) {
        let rows = table.split(separator: "\n").dropFirst().map { $0.split(separator: " ").map(String.init) }
        #expect(rows.map { $0[0] } == CaseStatus.allCases.map(\.rawValue))
        for row in rows {
            let `case` = Specimen.aCase(CaseStatus(rawValue: row[0])!)
            #expect(columns.map { $0(`case`) } == Array(row.dropFirst()), "\(row[0])")
        }
    }
}
