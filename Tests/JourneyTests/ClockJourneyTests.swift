import Foundation
import TestKit
import Testing

/// Clocks that leap under the running suite (F19, F20), by libfaketime: windows end by the database's clock, and not at all while
/// that cannot be believed.
@Suite(.serialized) struct ClockJourneyTests {
    @Test func `no leap of a clock closes a window before an operator has looked`() async throws {
        try await RunningSuite.with(speed: 1, clocks: ["postgres", "review"]) { suite in
            // Runs for five days of real time.
            try await suite.asOwner(
                """
                WITH c AS (INSERT INTO review.campaigns (id, year, subdistrict, publicity_days, count_first_day, data_freeze_on, issued_at)
                        VALUES (gen_random_uuid(), 2018, '530427001', 5, true, '2018-11-10', now()) RETURNING id),
                    w AS (INSERT INTO review.windows (id, campaign, level, division, publicity_days, count_first_day, stage, cases, opens_on, closes_at, version)
                        SELECT gen_random_uuid(), id, 'community', '530427001001', 5, true, 'running', 0, '2018-09-30', '2018-10-04T16:00:00Z', 1
                        FROM c RETURNING id, closes_at),
                    p AS (INSERT INTO review.window_places (window_id, place, position, posted_at) SELECT id, '公示栏', 0, '2018-09-30T00:00:00Z' FROM w)
                INSERT INTO review.timers (timer, subject, due) SELECT 'window.close', id, closes_at FROM w
                """)
            func stage() async throws -> String { try await suite.read("SELECT stage FROM review.windows") }
            func isOpen() async throws -> Bool { try await suite.health("review", "/readyz").contains("ok clock gate") }
            /// Longer than a scheduler sleeps.
            func aWhile() async throws { try await Task.sleep(for: .seconds(5)) }

            for leap in ["+5d", "-2d", "+16h", "+0d"] {
                try await suite.succeed("clock", "review", leap)
                try await aWhile()
                #expect(try await stage() == "running", "the service's own clock closes nothing: \(leap)")
                #expect(try await isOpen())
            }
            try await suite.succeed("clock", "postgres", "+5d")
            _ = try await eventually(within: .seconds(20)) { try await isOpen() ? nil : true }
            try await aWhile()
            #expect(try await stage() == "running", "the database says that the window is over")
            // An operator sees that nothing of this is true, and sets the clock right.
            try await suite.succeed("clock", "postgres", "+0d")
            _ = try await suite.health("review", "/clock/resume", post: true)
            // The gate must have seen the right time, or there is no leap to see.
            try await aWhile()
            #expect(try await isOpen())
            try await suite.succeed("clock", "postgres", "-2d")
            _ = try await eventually(within: .seconds(20)) { try await isOpen() ? nil : true }
            #expect(try await stage() == "running")
            // A service that starts after the leap has seen none, and compares with its machine's clock.
            try await suite.succeed("stop", "review")
            try await suite.succeed("clock", "postgres", "+5d")
            // Not ready before it is resumed.
            async let started = suite.succeed("start", "review")
            _ = try await eventually(within: .seconds(20)) { try await suite.health("review", "/readyz").contains("NOT clock gate") ? true : nil }
            try await aWhile()
            #expect(try await stage() == "running")
            // This time an operator says that the days have really passed.
            _ = try await suite.health("review", "/clock/resume", post: true)
            _ = try await started
            _ = try await eventually(within: .seconds(20)) { try await stage() == "settled" ? true : nil }
            #expect(try await suite.read("SELECT count(*) FROM review.outbox WHERE type = 'lika.review.window.expired.v1'") == "1")
        }
    }
}
