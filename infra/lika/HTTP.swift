import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Plain requests of tools.
enum HTTP {
    static func get(_ url: String, within timeout: TimeAmount = .seconds(5)) async throws -> (status: Int, body: String) {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: timeout)
        let body = try await response.body.collect(upTo: 10 << 20)
        return (Int(response.status.code), String(buffer: body))
    }
}
