import HTTPTypes
import Hummingbird
import NIOCore

/// Refuses what no honest client sends, before any route sees it: addresses that hide something, headers that say two things.
struct RequestCheck: RouterMiddleware {
    static let longestAddress = 8 << 10
    static let mostParameters = 100
    static let longestCookies = 8 << 10
    /// Two of these, and whoever stands in front may have believed the other one.
    private static let single = [
        "Authorization", "Content-Type", "Content-Length", "Transfer-Encoding", "Origin", "Sec-Fetch-Site", "Idempotency-Key", "If-Match",
        "Lika-Actor",
    ].compactMap { HTTPField.Name($0) }

    @concurrent func handle(
        _ request: Request, context: PeerContext, next: @concurrent (Request, PeerContext) async throws -> Response
    ) async throws -> Response {
        do { try Self.check(request.uri.string, request.head.authority, request.headers) } catch {
            let reply = try Problem(error, trace: TraceContext(parent: nil)).reply
            return Response(status: reply.status, headers: reply.headers, body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
        }
        return try await next(request, context)
    }

    static func check(_ address: String, _ host: String?, _ headers: HTTPFields) throws(Rejected) {
        guard address.utf8.count <= longestAddress else { throw .addressTooLong }
        let parts = address.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].hasPrefix("/"), let path = plain(parts[0]), isHonest(path: path, written: parts[0]) else { throw .addressUnreadable }
        if parts.count > 1 {
            guard parts[1].utf8.count(where: { $0 == UInt8(ascii: "&") }) < mostParameters else { throw .tooManyParameters }
            guard plain(parts[1]) != nil else { throw .addressUnreadable }
        }
        guard host?.isEmpty == false else { throw .hostMissing }
        // The first has become the authority.
        guard HTTPField.Name("Host").map({ headers[values: $0].isEmpty }) != false else { throw .headerRepeated }
        for name in single where headers[values: name].count > 1 { throw .headerRepeated }
        guard headers[values: .cookie].reduce(0, { $0 + $1.utf8.count }) <= longestCookies else { throw .headersTooLarge }
    }

    /// A path that leads upwards, or that another program would cut in other places.
    private static func isHonest(path: String, written: Substring) -> Bool {
        !path.contains("\\") && !path.contains("//") && path.utf8.count(where: { $0 == UInt8(ascii: "/") }) == written.utf8.count { $0 == UInt8(ascii: "/") }
            && !path.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }

    /// Without its percent signs; nothing where they stand for no UTF-8 text or for something that is no letter.
    private static func plain(_ written: Substring) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(written.utf8.count)
        var rest = written.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst()?.hexadecimalValue, let low = rest.popFirst()?.hexadecimalValue else { return nil }
            bytes.append(high << 4 | low)
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Rejected {
    static let addressTooLong = Rejected(slug: "address-too-long", title: "The address is longer than 8 kB", status: .uriTooLong)
    static let addressUnreadable = Rejected(
        slug: "address-unreadable", title: "The address is no path of this service in UTF-8, or holds what no address needs", status: .badRequest)
    static let tooManyParameters = Rejected(slug: "too-many-parameters", title: "The query has more than 100 parameters", status: .badRequest)
    static let hostMissing = Rejected(slug: "host-missing", title: "A request needs the header Host", status: .badRequest)
    static let headerRepeated = Rejected(slug: "header-repeated", title: "A header that may stand once stands twice", status: .badRequest)
    static let headersTooLarge = Rejected(slug: "headers-too-large", title: "The cookies are larger than 8 kB", status: .requestHeaderFieldsTooLarge)
}
