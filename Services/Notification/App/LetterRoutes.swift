import Contracts
import Foundation
import HTTPTypes
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// Letters on paper, for programs: what waits, printing it for a place, and the receipts that come back.
struct LetterRoutes {
    func add(to api: API) {
        api.get("/v1/letters") { _, work in try .json(work.waitingLetters().map(Waiting.init)) }
        api.get("/v1/letter-rounds", listRounds)
        api.post("/v1/letter-rounds", printRound)
        api.get("/v1/letter-rounds/:round", showRound)
        api.get("/v1/letter-rounds/:round/letters/pdf", showLetters)
        api.get("/v1/letter-rounds/:round/receipt/pdf", showReceipt)
        api.post("/v1/letter-rounds/:round/receipts", noteReceipts)
    }

    struct Waiting: Codable, Sendable {
        let division: DivisionCode
        let letters: Int

        init(_ waiting: (division: DivisionCode, letters: Int)) { (division, letters) = waiting }
    }

    struct Order: Codable, Sendable {
        /// A residents' group, or a community or subdistrict with all its groups.
        let division: DivisionCode
    }

    /// What came back, by the numbers on the receipt.
    struct Receipts: Codable, Sendable {
        var delivered: [Int]?
        var returned: [Int]?
    }

    struct Shown: Codable, Sendable {
        let round: LetterRound
        let letters: [Line]

        struct Line: Codable, Sendable {
            let number: Int
            let notice: NoticeID
            let status: String
        }
    }

    private func listRounds(_ call: Call, _ work: Work) throws -> Reply {
        let limit = try call.limit()
        let rounds = try work.rounds(after: call.optionalID("after"), limit: limit)
        return try .page(rounds, next: rounds.count < limit ? nil : rounds.last?.round.lowercased, call: call)
    }

    /// Two hundred letters at most; asked again it prints the rest.
    private func printRound(_ call: Call, _ work: Work) throws -> Reply {
        let order: Order = try call.body()
        let round = try work.round(work.printLetters(for: order.division))
        return try .json(round, status: .created).with(.location, "/v1/letter-rounds/\(round.round.lowercased)")
    }

    private func showRound(_ call: Call, _ work: Work) throws -> Reply {
        let id = try Self.round(call)
        return try .json(
            Shown(
                round: work.round(id),
                letters: work.letters(of: id).map { .init(number: $0.number, notice: $0.notice.id, status: $0.notice.status.rawValue) }))
    }

    private func noteReceipts(_ call: Call, _ work: Work) throws -> Reply {
        let (id, receipts): (UUID, Receipts) = (try Self.round(call), try call.body())
        let letters = try work.letters(of: id)
        try work.noteReceipts(.delivered, receipts.delivered ?? [], at: "/delivered", of: letters)
        try work.noteReceipts(.bounced, receipts.returned ?? [], at: "/returned", of: letters)
        return try .json(work.round(id))
    }

    private func showLetters(_ call: Call, _ work: Work) throws -> Reply { try paper("letters", call, work) { try $0.pages() } }
    private func showReceipt(_ call: Call, _ work: Work) throws -> Reply { try paper("receipt", call, work) { try $0.receipt() } }

    /// Written anew for whoever asks, and noted as read; no file of it is kept.
    private func paper(_ name: String, _ call: Call, _ work: Work, _ write: (LetterPaper) throws -> [UInt8]) throws -> Reply {
        let id = try Self.round(call)
        let round = try work.round(id)
        // What came back is printed in its next round.
        let letters = try work.letters(of: id).filter { !$0.notice.letter.body.isEmpty && $0.notice.status != .planned }
        guard !letters.isEmpty else { throw LetterRefusal.nothingLeft }
        work.noteReading(of: "letter round \(id.lowercased)", for: name)
        let names = try work.names(of: [round.division] + letters.compactMap(\.notice.recipient.division))
        return Reply(status: .ok, contentType: "application/pdf", body: try write(LetterPaper(round: round, letters: letters, names: names, today: work.today)))
            .with(.contentDisposition, "inline; filename=\"\(name)-\(id.lowercased.prefix(8)).pdf\"").with(.cacheControl, "no-store")
    }

    static func round(_ call: Call) throws -> UUID {
        guard let id = UUID(uuidString: try call.parameter("round")) else { throw NotFound("letter round") }
        return id
    }
}
