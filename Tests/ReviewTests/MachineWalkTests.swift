import Contracts
import Registry
import ReviewDomain
import Testing

/// Windows and meetings driven at random, by lawful and unlawful commands at moments that only go forward.
@Suite struct MachineWalkTests {
    private static let places = ["530427001001", "530427001001-02", "公示栏"]

    private static let commands: [PublicityWindow.Command] =
        [.render(Specimen.notice([Specimen.line()])), .render(Specimen.notice([])), .expire(lateAfter: 60), .settle(openTips: 0), .settle(openTips: 1)]
        + places.flatMap { [.post($0), .miss($0), .takeDown($0, .recalled), .takeDown($0, .lost)] as [PublicityWindow.Command] } + [.post("elsewhere")]
        + (17...22).map { .correct(opensOn: Specimen.day("2018-10-\($0)")) }

    @Test func `no window ends before its days are full everywhere, is told twice, or is left without a way out`() async {
        var dice = Dice(1_021)
        var stages: Set<String> = []
        for _ in 0..<400 {
            var window = PublicityWindow(
                id: Specimen.firstWindow, campaign: Specimen.campaign, level: .community, division: Specimen.community,
                days: PublicityDays(days: 5, countFirstDay: dice.roll(2) == 0), places: Self.places.map { .init($0) })
            var now = Specimen.moment("2018-10-17T08:00:00+08:00")
            var told: [String] = []
            for _ in 0..<160 {
                stages.insert(window.stage.name)
                now = now + Double(dice.roll(40_000))
                // A way out may need a later moment.
                func leads(at moment: Instant) -> Bool {
                    Self.commands.contains { Self.deciding(window, $0, at: moment).map { $0.state != window } ?? false }
                }
                if window.stage.name != "recalled", !leads(at: now), !leads(at: now + 40 * 86_400) { Issue.record("no way out of \(window.stage)") }
                guard let next = Self.deciding(window, Self.commands[dice.roll(Self.commands.count)], at: now) else { continue }
                told += next.events.map { type(of: $0).name }
                if window.stage.ended == nil, let ended = next.state.stage.ended {
                    holds(ended.at >= ended.term.closesAt, "it ended early")
                    holds(window.places.allSatisfy { $0.posted != nil && $0.missingSince == nil }, "it hung everywhere")
                    holds(ended.term.closesAt >= (ended.term.opensOn + 5).start, "never shorter than its days")
                }
                if next.state.stage.name == "recalled" { holds(next.state.places.allSatisfy { $0.takenDown != nil }, "every copy is gone") }
                window = next.state
            }
            for once in [WindowOpened.name, WindowExpired.name, WindowRecalled.name] { holds(told.count { $0 == once } <= 1, "\(once) is told once") }
            await Task.yield()
        }
        #expect(stages == ["planned", "rendered", "posting", "running", "expired", "settled", "recalled"], "the walks come everywhere")
    }

    private static func deciding(_ window: PublicityWindow, _ command: PublicityWindow.Command, at now: Instant) -> Decision<PublicityWindow>? {
        do { return try window.deciding(command, at: now) } catch { return nil }
    }

    @Test func `no meeting is held below its quorum or by more votes than people, and what is over stays`() async {
        var dice = Dice(1_015)
        for _ in 0..<3_000 {
            var meeting = Meeting(
                id: Specimen.meeting, kind: Meeting.Kind.allCases[dice.roll(5)], division: Specimen.community,
                summons: .init(called: dice.roll(12), at: Specimen.now, place: nil))
            var now = Specimen.now
            for _ in 0..<12 {
                now = now + Double(dice.roll(90_000))
                let vote = Meeting.Vote(approving: dice.roll(8) - 1, opposing: dice.roll(8) - 1, abstaining: dice.roll(4))
                let command: Meeting.Command =
                    switch dice.roll(4) {
                    case 0: .adjourn(to: .init(called: dice.roll(12), at: now + Double(dice.roll(3) - 1) * 3_600, place: nil))
                    case 1: .cancel(reason: "called_in_error")
                    default: .hold(.init(present: dice.roll(14), heldAt: now + Double(dice.roll(3) - 2), votes: [.exit: vote]), .villageLaw)
                    }
                let before = meeting
                do { meeting = try meeting.deciding(command, at: now).state } catch { continue }
                holds(before.status == .convened, "what is over stays")
                if case .held(let minutes, recordedAt: let moment) = meeting.status {
                    holds(minutes.present >= MeetingRules.villageLaw.quorum(of: meeting.kind, called: meeting.summons.called), "below the quorum")
                    holds(minutes.present <= meeting.summons.called && minutes.heldAt <= moment, "more people than were called, or later than now")
                    holds(minutes.votes.values.allSatisfy { min($0.approving, $0.opposing, $0.abstaining) >= 0 }, "fewer votes than none")
                    holds(minutes.votes.values.allSatisfy { $0.approving + $0.opposing + $0.abstaining <= minutes.present }, "more votes than people")
                }
            }
            if dice.roll(50) == 0 { await Task.yield() }
        }
    }
}
