import Foundation
import Synchronization

/// A TCP proxy that loses what a test wants lost. Connections through it live until either side ends or `cut()`.
package final class Proxy: Sendable {
    package enum Fault: Sendable {
        /// Carries everything both ways.
        case none
        /// Once the client has sent this text, the server's further bytes are thrown away and the connection is cut.
        case swallowReply(to: String)
    }

    package let port: Int
    private let target: Int
    private let listener: Int32
    private let fault = Mutex(Fault.none)
    private let open = Mutex<Set<Int32>>([])
    private let isStopped = Atomic(false)

    /// Forwards a port of the loopback, any free one unless given, to another.
    package init(to target: Int, at wanted: Int = 0) throws {
        self.target = target
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(wanted)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0 }
        }
        guard bound, listen(listener, 64) == 0 else { throw POSIXError(.EADDRINUSE) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in accept() }
    }

    package func lose(_ fault: Fault) { self.fault.withLock { $0 = fault } }

    /// Ends every connection now under way; new ones are accepted.
    package func cut() { open.withLock { $0.forEach { _ = shutdown($0, Int32(SHUT_RDWR)) } } }

    package func stop() {
        // The number of a closed descriptor may belong to someone else already.
        if isStopped.exchange(true, ordering: .relaxed) { return }
        shutdown(listener, Int32(SHUT_RDWR))
        cut()
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            if client < 0 { break }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = Self.loopback(target)
            let connected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
            guard connected == 0 else {
                close(client)
                close(server)
                continue
            }
            open.withLock { $0.formUnion([client, server]) }
            let link = Link()
            Thread.detachNewThread { [self] in carry(client, server, link, isReply: false) }
            Thread.detachNewThread { [self] in carry(server, client, link, isReply: true) }
        }
        close(listener)
    }

    /// What both directions of one connection know of each other.
    private final class Link: Sendable {
        let swallows = Atomic(false)
        let ended = Atomic(0)
    }

    private func carry(_ from: Int32, _ to: Int32, _ link: Link, isReply: Bool) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(from, &buffer, buffer.count, 0)
            if count <= 0 { break }
            if isReply, link.swallows.load(ordering: .relaxed) { break }
            if !isReply, case .swallowReply(let text) = fault.withLock({ $0 }), Data(buffer[..<count]).range(of: Data(text.utf8)) != nil {
                link.swallows.store(true, ordering: .relaxed)
            }
            var sent = 0
            while sent < count {
                let next = buffer.withUnsafeBytes { send(to, $0.baseAddress.map { $0 + sent }, count - sent, Int32(MSG_NOSIGNAL)) }
                if next <= 0 { break }
                sent += next
            }
        }
        shutdown(from, Int32(SHUT_RDWR))
        shutdown(to, Int32(SHUT_RDWR))
        // The second of the two directions to end closes both.
        if link.ended.add(1, ordering: .acquiringAndReleasing).newValue == 2 {
            open.withLock { $0.subtract([from, to]) }
            close(from)
            close(to)
        }
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

/// Runs `body` with a proxy and ends it afterwards.
@discardableResult
package func withProxy<T: Sendable>(to port: Int, _ body: (Proxy) async throws -> T) async throws -> T {
    let proxy = try Proxy(to: port)
    defer { proxy.stop() }
    return try await body(proxy)
}
