import HTTPTypes
import Hummingbird
import NIOCore

/// How much a body may hold, and how long it may take to come.
package enum Bodies {
    /// What programs say in JSON.
    package static let json = 1 << 20
    /// What people fill in.
    package static let form = 256 << 10
    /// With a sheet, or many records at once.
    package static let large = 10 << 20

    /// For one that is put down piece by piece.
    static let patienceForSpooled = Duration.seconds(900)

    static func read(_ request: Request, upTo limit: Int, within patience: Duration) async throws -> [UInt8] {
        let length = request.headers[.contentLength].map { Int($0) ?? .max }
        if let length, length > limit { throw Rejected.tooLarge(limit) }
        if length == 0 || length == nil && request.headers[.transferEncoding] == nil && request.method == .get { return [] }
        return try await within(limit > json ? patience * 6 : patience) {
            var request = request
            do { return Array(try await request.collectBody(upTo: limit).readableBytesView) } catch is NIOTooManyBytesError {
                throw Rejected.tooLarge(limit)
            }
        }
    }

    private static func within<Value: Sendable>(_ time: Duration, _ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: time)
                throw Rejected.tooSlow
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}

extension Rejected {
    static let tooSlow = Rejected(slug: "too-slow", title: "The body did not come in time", status: .requestTimeout)
}
