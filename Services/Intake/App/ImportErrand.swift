import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import ServiceLifecycle
import Sheets

let importingName = "imports.take"

/// Takes sheets into the books, one of a campaign after the other, each in pieces.
func importing(vault: Vault, _ settings: ImportSettings) -> Errand {
    Errand(
        importingName,
        claim: { work in try work.claimImport().map { [$0] } ?? [] },
        perform: { jobs, store in
            for job in jobs { try await ImportRun(job: job, vault: vault, settings: settings, store: store).perform() }
        },
        // Each piece was recorded with its effect.
        record: { _, _ in })
}

/// One import from where it stands to its end, or until this instance stops or loses it.
struct ImportRun {
    let job: ImportJob
    let vault: Vault
    let settings: ImportSettings
    let store: Store

    private static let heartbeat = Duration.seconds(5)

    private enum End { case through, lost, stopped }

    func perform() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Reading through a large sheet takes longer than the lease.
                while true {
                    try await Task.sleep(for: Self.heartbeat)
                    _ = try await store.work { try $0.hold(job) }
                }
            }
            do {
                let importer = job.kind.importer(job.campaign, vault)
                if try await run(importer) == .stopped { try await store.work { try $0.release(job) } }
            } catch let refusal as SheetRefusal {
                try await refuse([SheetFault(Int(refusal.place.filter(\.isNumber)) ?? 1, nil, refusal.code, refusal.reason)])
            } catch let invalid as Invalid {
                try await refuse(invalid.faults.map { fault in
                    let place = fault.pointer.split(separator: "/", maxSplits: 1)
                    return SheetFault(place.first.flatMap { Int($0) } ?? 1, place.count > 1 ? String(place[1]) : nil, fault.code, fault.reason)
                })
            }
            group.cancelAll()
            // The heart ends by being cancelled.
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    private func refuse(_ faults: [SheetFault]) async throws {
        try await store.work { work in
            if try work.hold(job) { try end(refusing: faults, in: work) }
        }
    }

    private func end(refusing faults: [SheetFault] = [], in work: Work) throws {
        try work.end(job, refusing: faults)
        try work.schedule(Uploads.timer, job.upload, at: work.now + Double(settings.keptDays) * 86_400)
    }

    private func run<Importer: SheetImport>(_ importer: Importer) async throws -> End {
        let (store, vault, job) = (store, vault, job)
        @Sendable func piece(_ number: Int) async throws -> [UInt8]? { try await store.work { try $0.piece(number, of: job.upload, vault) } }
        let outline: SheetOutline
        if let known = job.outline { outline = known } else {
            outline = try await UploadReader.outline(job.format, sheet: job.sheet, declared: job.declared, settings.limits, piece: piece)
            try await store.work { try $0.note(outline, of: job) }
        }
        let pieces = PieceReader(
            try await UploadReader(job.format, sheet: job.sheet, outline, settings.limits, piece: piece), importer.form, after: job.line
        ) { ignored in try await store.work { try $0.note(ignored: ignored, of: job) } }
        var line = job.line
        var next = try await pieces.next()
        while true {
            let piece = next
            if piece.isLast { return try await take(piece, importer, from: line) ? .through : .lost }
            if Task.isShuttingDownGracefully { return .stopped }
            // The next one is read and checked while PostgreSQL takes this one.
            async let following = pieces.next()
            guard try await take(piece, importer, from: line) else { return .lost }
            line = piece.last
            next = try await following
        }
    }

    /// What a dry run comes to; thrown, so that its effects are rolled back.
    private struct Rehearsed: Error {
        let piece: ImportPiece
    }

    /// One transaction: the piece's effect, its faults and the place in the sheet. False if the import is another's by now.
    private func take<Importer: SheetImport>(
        _ piece: PieceReader<Importer.Form>.Piece, _ importer: Importer, from line: Int
    ) async throws -> Bool {
        guard job.isDry else {
            let isTaken = try await store.work(deed: job.deed) { work in
                guard try work.hold(job, at: line) else { return false }
                try keep(effect(of: piece.items, importer, in: work), upTo: piece.last, piece.isLast, in: work)
                return true
            }
            Failpoint.intakeAfterPiece.hit()
            return isTaken
        }
        do {
            try await store.work(deed: job.deed) { work in throw Rehearsed(piece: try effect(of: piece.items, importer, in: work)) }
        } catch let rehearsed as Rehearsed {
            return try await store.work { work in
                guard try work.hold(job, at: line) else { return false }
                try keep(rehearsed.piece, upTo: piece.last, piece.isLast, in: work)
                return true
            }
        }
        return false
    }

    private func effect<Importer: SheetImport>(
        of items: [SheetItem<Importer.Form.Entry>], _ importer: Importer, in work: Work
    ) throws -> ImportPiece {
        // Two at once would give one household two identities.
        _ = try work.campaignAlone(job.campaign.id)
        try work.stay(within: job.reach)
        var piece = ImportPiece(job.id)
        try importer.take(items, into: &piece, in: work)
        piece.sort()
        return piece
    }

    private func keep(_ piece: ImportPiece, upTo last: Int, _ isLast: Bool, in work: Work) throws {
        try work.note(piece, of: job, upTo: last)
        if isLast { try end(in: work) }
    }
}

/// Reads and checks a sheet piece by piece.
private actor PieceReader<Form: SheetForm> {
    struct Piece: Sendable {
        let items: [SheetItem<Form.Entry>]
        /// The line that it reaches to.
        let last: Int
        let isLast: Bool
    }

    /// Rows of a piece, households whole: some hundreds of them, so that a transaction stays short.
    private static var rows: Int { 1_000 }

    private let form: Form
    /// The line up to which pieces were given; what is before it was taken.
    private var reached: Int
    /// Hears which columns mean nothing here.
    private let ignoring: @Sendable ([String]) async throws -> Void
    private var reader: UploadReader
    private var stream: SheetStream<Form>?
    private var unread: ArraySlice<SheetRow> = []

    init(_ reader: sending UploadReader, _ form: Form, after: Int, ignoring: @escaping @Sendable ([String]) async throws -> Void) {
        (self.reader, self.form, reached, self.ignoring) = (reader, form, after, ignoring)
    }

    /// Not to be called again after the last.
    func next() async throws -> Piece {
        var groups: [SheetGroup] = []
        var waiting = 0
        while let row = try await nextRow() {
            guard stream != nil else {
                let begun = try SheetStream(form, headings: row)
                stream = begun
                try await ignoring(begun.header.ignored)
                continue
            }
            guard let group = stream?.take(row), let last = group.lines.last, last > reached else { continue }
            groups.append(group)
            waiting += group.rows.count
            if waiting >= Self.rows { return piece(groups, isLast: false) }
        }
        guard stream != nil else { throw SheetRefusal("sheet.empty", at: "1", "the file has no rows") }
        if let group = stream?.finish(), group.lines.last ?? 0 > reached { groups.append(group) }
        return piece(groups, isLast: true)
    }

    private func nextRow() async throws -> SheetRow? {
        while unread.isEmpty {
            var reader = reader
            guard let rows = try await reader.next() else { return nil }
            (self.reader, unread) = (reader, rows[...])
        }
        return unread.removeFirst()
    }

    private func piece(_ groups: [SheetGroup], isLast: Bool) -> Piece {
        reached = groups.last?.lines.last ?? reached
        return Piece(items: stream.map { groups.map($0.item) } ?? [], last: reached, isLast: isLast)
    }
}
