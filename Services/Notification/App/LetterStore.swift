import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

// Letters on paper: printed together for one place, carried there, and each signed for or brought back.

enum LetterRefusal: String, Contracts.Refusal {
    /// Nothing waits to be printed there.
    case noneWaiting = "notification.no-letter-waiting"
    /// Nothing of it is left to be printed: it was brought back and printed again, or its household was purged.
    case nothingLeft = "notification.no-letter-left"
}

/// One way through one place: the letters that were printed for it, and what became of them.
struct LetterRound: Codable, Sendable {
    let round: UUID
    let division: DivisionCode
    let printedBy: String
    let printedAt: Instant
    let letters: Int
    /// Nobody has said yet what became of these.
    let open: Int
    let delivered: Int
    let returned: Int

    init(_ row: Row) throws {
        round = try row["id"]
        division = try row["division"]
        printedBy = try row["printed_by"]
        printedAt = try row["printed_at"]
        letters = try row["letters"]
        open = try row["open"]
        delivered = try row["delivered"]
        returned = try row["returned"]
    }
}

/// A letter of a round, by its number on the receipt.
struct NumberedLetter: Sendable {
    let number: Int
    let notice: PersonalNotice
}

extension Work {
    /// How many letters wait to be printed, by residents' group.
    func waitingLetters() throws -> [(division: DivisionCode, letters: Int)] {
        try query(
            """
            SELECT division, count(*) AS n FROM notices WHERE channel = 'letter' AND status = 'planned' AND division IS NOT NULL
            GROUP BY division ORDER BY division
            """
        ).map { (try $0["division"], try $0["n"]) }
    }

    /// Takes what waits for a place, and all that lies in it, into one round.
    func printLetters(for division: DivisionCode, atMost limit: Int = 200) throws -> UUID {
        let waiting: [NoticeID] = try query(
            """
            SELECT id FROM notices WHERE channel = 'letter' AND status = 'planned' AND division ^@ \(division) AND body <> ''
            ORDER BY division, addressee, recipient, id LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """
        ).map { try $0["id"] }
        guard !waiting.isEmpty else { throw LetterRefusal.noneWaiting }
        let round = newID()
        try execute(
            """
            INSERT INTO rounds (id, division, letters, printed_by, printed_at)
            VALUES (\(round), \(division), \(waiting.count), \(deed.actor.description), \(now))
            """)
        try settle(waiting.map { ($0, .send) })
        try execute(
            """
            UPDATE notices n SET round = \(round), number = u.number
            FROM unnest(\(waiting), \(Array(1...waiting.count))) AS u(id, number) WHERE n.id = u.id
            """)
        return round
    }

    /// The newest first.
    func rounds(_ only: UUID? = nil, after: UUID? = nil, limit: Int) throws -> [LetterRound] {
        try query(
            """
            SELECT r.*, count(*) FILTER (WHERE n.status = 'sending') AS open, count(*) FILTER (WHERE n.status = 'delivered') AS delivered,
                   count(*) FILTER (WHERE n.status = 'failed') AS returned
            FROM rounds r LEFT JOIN notices n ON n.round = r.id
            WHERE (\(only)::uuid IS NULL OR r.id = \(only)) AND (\(after)::uuid IS NULL OR r.id < \(after))
            GROUP BY r.id ORDER BY r.id DESC LIMIT \(limit)
            """
        ).map(LetterRound.init)
    }

    func round(_ id: UUID) throws -> LetterRound {
        guard let round = try rounds(id, limit: 1).first else { throw NotFound("letter round") }
        return round
    }

    func letters(of round: UUID) throws -> [NumberedLetter] {
        let numbers = try query("SELECT id, number FROM notices WHERE round = \(round) ORDER BY number").map { (try $0["id"] as NoticeID, try $0["number"] as Int) }
        try prefetch(PersonalNotice.self, numbers.map(\.0))
        return try numbers.map { NumberedLetter(number: $1, notice: try get(PersonalNotice.self, $0)) }
    }

    /// Notes what became of letters, by their numbers on the receipt.
    func noteReceipts(_ command: PersonalNotice.Command, _ numbers: [Int], at pointer: String, of letters: [NumberedLetter]) throws {
        let byNumber = Dictionary(letters.map { ($0.number, $0.notice.id) }, uniquingKeysWith: { first, _ in first })
        for (place, number) in numbers.enumerated() {
            guard let id = byNumber[number] else { throw Invalid("\(pointer)/\(place)", "unknown-number", "no letter of this round has the number \(number)") }
            try settle(id, command)
        }
    }
}
