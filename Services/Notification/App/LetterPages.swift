import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// Letters with a browser: print what waits for a group, take the signed receipt back and note it.
struct LetterPages {
    func add(to api: API) {
        api.page("/letters", of: NotificationPages.all, showAll)
        api.form("/letters", of: NotificationPages.all, printRound)
        api.page("/letters/:round", of: NotificationPages.all, showRound)
        api.form("/letters/:round", of: NotificationPages.all, noteReceipts)
    }

    private struct Shown {
        let waiting: [Place]
        let noneWaiting: Bool
        let rounds: [Round]
        let noRound: Bool
        let next: String?

        struct Place {
            let code: String
            let name: String
            let letters: Int
            /// Nothing for whoever may only look.
            let print: Ask?
        }

        struct Ask { let code: String }
    }

    private struct Round {
        let round: String
        let place: String
        let printed: String
        let by: String
        let letters, open, delivered, returned: Int

        init(_ round: LetterRound, _ names: DivisionNames) {
            (self.round, place) = (round.round.lowercased, names.full(round.division))
            (printed, by) = (round.printedAt.wallClock, round.printedBy)
            (letters, open, delivered, returned) = (round.letters, round.open, round.delivered, round.returned)
        }
    }

    private func showAll(_ call: Call, _ work: Work) throws -> Reply {
        let limit = try call.limit()
        let (waiting, rounds) = try (work.waitingLetters(), work.rounds(after: call.optionalID("after"), limit: limit))
        let names = try work.names(of: waiting.map(\.division) + rounds.map(\.division))
        let mayPrint = call.may("POST /letters")
        return try NotificationPages.all.show(
            "letters",
            Shown(
                waiting: waiting.map { place in
                    .init(
                        code: place.division.code, name: names.full(place.division), letters: place.letters,
                        print: mayPrint ? .init(code: place.division.code) : nil)
                },
                noneWaiting: waiting.isEmpty, rounds: rounds.map { Round($0, names) }, noRound: rounds.isEmpty,
                next: rounds.count < limit ? nil : rounds.last.map { call.query(with: "after", $0.round.lowercased) }),
            for: call)
    }

    private func printRound(_ call: Call, _ work: Work) throws -> Reply {
        guard let division = DivisionCode(try call.form().required("division")) else {
            throw Invalid("/division", "division-code", "a residents' group's code, such as 530427001001-02")
        }
        return .see("/letters/\(try work.printLetters(for: division).lowercased)")
    }

    private struct One {
        let round: Round
        let letters: [Line]
        let mayNote: Bool

        struct Line {
            let number: Int
            let notice: String
            let name: String
            let status: Pages.Words
            let isOpen: Bool
        }
    }

    private func showRound(_ call: Call, _ work: Work) throws -> Reply {
        let round = try work.round(LetterRoutes.round(call))
        let letters = try work.letters(of: round.round).map { letter in
            One.Line(
                number: letter.number, notice: letter.notice.id.description, name: letter.notice.recipient.name ?? "",
                status: NoticeWords.of(letter.notice.status), isOpen: letter.notice.status == .sending)
        }
        return try NotificationPages.all.show(
            "round",
            One(
                round: Round(round, work.names(of: [round.division])), letters: letters,
                mayNote: round.open > 0 && call.may("POST /letters/:round")),
            for: call)
    }

    /// One field for each number: `delivered`, `returned`, or nothing yet.
    private func noteReceipts(_ call: Call, _ work: Work) throws -> Reply {
        let (id, form) = (try LetterRoutes.round(call), try call.form())
        let letters = try work.letters(of: id)
        func numbers(_ fate: String) -> [Int] { letters.map(\.number).filter { form.text("letter-\($0)") == fate } }
        try work.noteReceipts(.delivered, numbers("delivered"), at: "/delivered", of: letters)
        try work.noteReceipts(.bounced, numbers("returned"), at: "/returned", of: letters)
        return .see("/letters/\(id.lowercased)")
    }
}
