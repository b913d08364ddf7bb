import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// Sends by a channel that leads out of the suite: as many as its pace allows, evenly, and none twice.
///
/// The intent is committed before the channel hears of a notice. What a crash leaves is `unknown` after a while and asked for,
/// where the channel can be asked; else it waits for a person.
func dispatch(by carrier: some Carrier, quiet: QuietHours) -> [Errand] {
    [
        Errand(
            deliveryName(carrier.channel),
            claim: { work in try carrier.rings && quiet.contains(work.now) ? [] : work.parcels(for: carrier) },
            perform: { (parcels: [Parcel]) in
                Failpoint.notifyAfterIntentBeforeSend.hit()
                let carried = await carry(parcels, by: carrier)
                Failpoint.notifyAfterSendBeforeRecord.hit()
                return carried
            },
            record: { (carried: [Delivered], work) in
                let settled = carried.flatMap { delivered in delivered.parcel.items.map { (item: $0, outcome: delivered.outcome) } }
                try work.settle(settled.map { ($0.item.notice, $0.outcome.command(send: $0.item.send)) })
                try work.execute(
                    """
                    UPDATE notices n SET answer = u.answer
                    FROM unnest(\(settled.map(\.item.notice)), \(settled.map(\.outcome.code))) AS u(id, answer) WHERE n.id = u.id
                    """)
            }),
        Errand(
            "notices.inquire.\(carrier.channel.rawValue)",
            claim: { work -> [NoticeID] in
                if carrier.canLookUp { return try work.unsettled(by: carrier.channel, limit: 50) }
                try work.lapseSilent(by: carrier.channel, limit: 50)
                return []
            },
            perform: { notices in await find(notices, by: carrier) },
            record: { answers, work in
                try work.settle(answers)
                if !answers.isEmpty { work.wake(deliveryName(carrier.channel)) }
            }),
    ]
}

private struct Delivered: Sendable {
    let parcel: Parcel
    let outcome: Carried
}

/// All of them at once, but each begun in its turn, so that a second's worth does not meet the other side in one moment.
private func carry(_ parcels: [Parcel], by carrier: some Carrier) async -> [Delivered] {
    let found: [NoticeID: String]
    do { found = try await carrier.addresses(of: parcels.filter { $0.address == nil }) } catch {
        return parcels.map { Delivered(parcel: $0, outcome: .notTaken("addresses-unavailable")) }
    }
    let began = ContinuousClock.now
    return await withTaskGroup(of: Delivered.self) { group in
        for (place, parcel) in parcels.enumerated() {
            guard let address = parcel.address ?? found[parcel.head.notice] else {
                group.addTask { Delivered(parcel: parcel, outcome: .refused("no-address")) }
                continue
            }
            group.addTask {
                do { try await Task.sleep(until: began + .seconds(Double(place) / Double(carrier.perSecond))) } catch {
                    return Delivered(parcel: parcel, outcome: .notTaken("stopping"))
                }
                return Delivered(parcel: parcel, outcome: await carrier.carry(parcel, to: address))
            }
        }
        var all: [Delivered] = []
        for await one in group { all.append(one) }
        return all
    }
}

private func find(_ notices: [NoticeID], by carrier: some Carrier) async -> [(notice: NoticeID, command: PersonalNotice.Command)] {
    await withTaskGroup(of: (NoticeID, PersonalNotice.Command?).self) { group in
        for notice in notices {
            group.addTask {
                switch await carrier.find(notice) {
                case .there: (notice, .delivered)
                case .missing: (notice, .missing)
                case .cannotTell: (notice, nil)
                }
            }
        }
        var answers: [(notice: NoticeID, command: PersonalNotice.Command)] = []
        for await (notice, command) in group { if let command { answers.append((notice, command)) } }
        return answers
    }
}

extension Work {
    /// Takes what the channel's pace allows just now, records the intent to send it, and gives the sender time.
    fileprivate func parcels(for carrier: some Carrier) throws -> [Parcel] {
        let channel = carrier.channel
        let granted = try tokens(of: channel, perSecond: carrier.perSecond)
        if granted == 0 { return [] }
        let planned = try idleNotices(.planned, by: channel, limit: carrier.gathers ? max(granted, 200) : granted)
        if planned.isEmpty { return [] }
        try prefetch(PersonalNotice.self, planned)
        let ways = try Dictionary(uniqueKeysWithValues: query(
            """
            SELECT n.id, w.address, w.is_on FROM notices n JOIN ways w ON w.audience = n.audience AND w.recipient = n.recipient AND w.channel = n.channel
            WHERE n.id = ANY(\(planned))
            """
        ).map { row in (try row["id"] as NoticeID, (address: try row["address"] as String?, isOn: try row["is_on"] as Bool)) })
        var parcels: [Parcel] = []
        for bundle in try bundles(of: planned.map { try get(PersonalNotice.self, $0) }, gathering: carrier.gathers).prefix(granted) {
            // Whoever has asked since not to be told in this way is not.
            if let way = ways[bundle[0].id], !way.isOn {
                for notice in bundle { try settle(notice.id, .refused) }
                continue
            }
            let items = try bundle.map { notice in Parcel.Item(notice: notice.id, send: try settle(notice.id, .send).sends, letter: notice.letter) }
            parcels.append(Parcel(items: items, recipient: bundle[0].recipient, address: ways[bundle[0].id]?.address))
        }
        try lease(parcels.flatMap { $0.items.map(\.notice) }, seconds: patience)
        try execute("UPDATE channel_pace SET tokens = tokens - \(Double(parcels.count)) WHERE channel = \(channel)")
        return parcels
    }

    /// What goes out as one message: where the channel gathers, all that can wait of one recipient, and the rest each alone.
    private func bundles(of notices: [PersonalNotice], gathering: Bool) -> [[PersonalNotice]] {
        guard gathering else { return notices.map { [$0] } }
        var (bundles, places): ([[PersonalNotice]], [Recipient: Int]) = ([], [:])
        for notice in notices {
            if notice.letter.template.canWait, let place = places[notice.recipient] {
                bundles[place].append(notice)
            } else {
                if notice.letter.template.canWait { places[notice.recipient] = bundles.count }
                bundles.append([notice])
            }
        }
        return bundles
    }

    /// How many a channel may be given now: it gains `perSecond` a second and holds a second's worth at most. Whoever asks holds the
    /// bucket until their transaction ends.
    private func tokens(of channel: PersonalNotice.Channel, perSecond: Int) throws -> Int {
        let pace = Double(perSecond)
        let row = try first(
            """
            INSERT INTO channel_pace AS p (channel, tokens, filled_at) VALUES (\(channel), \(pace), clock_timestamp())
            ON CONFLICT (channel) DO UPDATE
            SET tokens = least(\(pace), p.tokens + \(pace) * greatest(0, extract(epoch FROM clock_timestamp() - p.filled_at)::float8)),
                filled_at = clock_timestamp()
            RETURNING tokens
            """)
        return Int(try row?["tokens", as: Double.self] ?? 0)
    }
}
