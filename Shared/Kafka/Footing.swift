/// How a member of a group knows that the log in which it reads on is the one in which it left off.
///
/// A broker may come back without the end of what it had told, and write other records where those were. Or its log ends
/// before the offset that the group committed: then Kafka starts over, but Tansu answers nothing at all, until the log has
/// grown past what the group has never seen. So after an assignment and after a loss of contact the member takes up one
/// record earlier than where it stood, the last one that it has done:
///
///     … 41 42 [43] 44 …      43 comes again, as it was: go on with 44
///     … 41 42 [xx] 44 …      another comes in its place: the log was written anew from somewhere before
///     … 41 42]               the log ends before it: it was cut, or emptied
///
/// In the last two cases the partition is read from its start. Whoever reads it knows what it has seen.
struct Footing {
    enum Judgement {
        /// Has not been handed out before.
        case new
        /// The record looked for; it is done already.
        case done
        /// In the place of the record looked for stands another one.
        case stranger
    }

    /// A record that was done. Of what the group committed only the place is known.
    private struct Landmark {
        let offset: Int64
        var fingerprint: Int?
    }

    /// The last record of each partition held that was handed out; none where reading began at the start.
    private var held: [TopicPartition: Landmark?] = [:]
    /// The same of partitions held before.
    private var known: [TopicPartition: Landmark] = [:]
    /// The records that were asked for again, and since when.
    private var doubted: [TopicPartition: Landmark] = [:]
    private var doubtedSince = ContinuousClock.now
    private var losses = 0

    /// The end of a partition is the one of the last answer, which may be older than the question.
    private static let patience = Duration.seconds(2)

    var holds: Bool { !held.isEmpty }
    var isDoubted: Bool { !doubted.isEmpty }

    /// The group has given these partitions to this member. Where reading starts in each.
    mutating func begin(_ partitions: [TopicPartition], committed: [TopicPartition: Int64], losses: Int) -> [TopicPartition: Start] {
        self.losses = losses
        end()
        for partition in partitions {
            let last = committed[partition].flatMap { $0 > 0 ? $0 - 1 : nil }
            held[partition] = .some(last.map { last in known[partition].flatMap { $0.offset == last ? $0 : nil } ?? Landmark(offset: last) })
        }
        return doubtAll()
    }

    /// The group has taken everything back.
    mutating func end() {
        for case (let partition, let landmark?) in held { known[partition] = landmark }
        (held, doubted) = ([:], [:])
    }

    /// Where to read on after a loss of contact; nothing if there was none since.
    mutating func retreat(losses: Int) -> [TopicPartition: Start]? {
        if losses == self.losses { return nil }
        self.losses = losses
        return doubtAll()
    }

    /// Where to read on, with these partitions from their start.
    mutating func startAnew(_ partitions: Set<TopicPartition>) -> [TopicPartition: Start] {
        for partition in partitions { held[partition] = .some(nil) }
        return doubtAll()
    }

    private mutating func doubtAll() -> [TopicPartition: Start] {
        doubted = held.compactMapValues { $0 }
        doubtedSince = .now
        return held.mapValues { landmark in landmark.map { .offset($0.offset) } ?? .earliest }
    }

    mutating func judge(_ record: Record) -> Judgement {
        guard let landmark = doubted[record.source] else { return .new }
        guard record.offset == landmark.offset, landmark.fingerprint ?? record.fingerprint == record.fingerprint else { return .stranger }
        doubted[record.source] = nil
        held[record.source] = Landmark(offset: record.offset, fingerprint: record.fingerprint)
        return .done
    }

    /// Partitions that end before the record looked for.
    func beyond(_ end: (TopicPartition) -> Int64?) -> Set<TopicPartition> {
        guard ContinuousClock.now - doubtedSince > Self.patience else { return [] }
        return Set(doubted.filter { partition, landmark in end(partition).map { $0 <= landmark.offset } ?? false }.keys)
    }

    /// These records are handed out.
    mutating func stand(behind records: [Record]) -> [Record] {
        if held.isEmpty { return records }
        for (index, record) in records.enumerated() {
            // The last of each run of one partition is enough.
            if index + 1 < records.count, records[index + 1].partition == record.partition, records[index + 1].topic == record.topic { continue }
            held[record.source] = Landmark(offset: record.offset, fingerprint: record.fingerprint)
        }
        return records
    }
}

extension Record {
    /// Tells this record from any other that may stand in its place. Sent again, it has another timestamp.
    fileprivate var fingerprint: Int {
        var hasher = Hasher()
        hasher.combine(timestamp)
        hasher.combine(key)
        hasher.combine(value)
        return hasher.finalize()
    }
}
