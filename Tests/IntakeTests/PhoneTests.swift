import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Intake

/// What notification is given of a household when it sends a message there.
@Suite struct PhoneTests {
    private struct Phones: Decodable {
        let households: [Phone]

        struct Phone: Decodable, Equatable {
            let household: HouseholdID
            let phone: String
        }
    }

    @Test func `a telephone is given with its purpose noted, and a household without one, or whose key is gone, is left out`() async throws {
        try await IntakeBench.with { bench in
            var (first, third) = (entry("1"), entry("3", from: 20))
            first.phone = PhoneNumber("14012341234")
            third.phone = PhoneNumber("14012341235")
            _ = try await bench.register(first, entry("2", from: 10), third)
            let told = try await bench.service.told(HouseholdRegistered.self).map(\.household)
            let all = told.map { "\"\($0)\"" }.joined(separator: ",")
            let kept = try await bench.service.store.work { work in try told.filter { try work.entry(of: $0, IntakeBench.vault).phone != nil } }
            #expect(kept.count == 2)
            try await bench.service.store.work { try $0.shredKey(of: kept[1]) }

            let body = #"{"households":[\#(all)],"purpose":"notification"}"#
            let answer = try await bench.service.call(.post, "/v1/phones", Array(body.utf8), [:])
            let phones = try answer.json(Phones.self).households
            #expect(phones.map(\.household) == [kept[0]])
            let noted = try await bench.service.store.work {
                try $0.query("SELECT household_id, purpose FROM disclosures WHERE kind = 'notification'").map { (try $0["household_id"] as HouseholdID, try $0["purpose"] as String) }
            }
            #expect(noted.map(\.0) == [kept[0]] && noted.map(\.1) == ["notification"])
            #expect(try await bench.service.call(.post, "/v1/phones", Array(#"{"households":[],"purpose":"notification"}"#.utf8), [:]).status == 422)
        }
    }
}
