import Foundation

/// Bytes on a socket, for what no HTTP client would send.
package struct RawHTTP: Sendable {
    package let port: Int

    package init(_ port: Int) { self.port = port }

    package struct Answer: Sendable {
        /// 0 for none.
        package let status: Int
        package let head: String
        package let body: String
        /// Whether the other end closed the connection within the time that was given.
        package let isClosed: Bool
    }

    /// Sends these bytes, then `more` again and again as long as they are taken, and reads the first answer.
    ///
    /// - Parameter closing: How many seconds the connection is watched after the answer for its end.
    package func send(_ bytes: [UInt8], then more: [UInt8] = [], every pause: Double = 0, closing: Double = 0) async -> Answer {
        await withCheckedContinuation { done in
            Thread.detachNewThread { done.resume(returning: exchange(bytes, more, pause, closing)) }
        }
    }

    package func send(_ text: String) async -> Answer { await send(Array(text.utf8)) }

    private func exchange(_ bytes: [UInt8], _ more: [UInt8], _ pause: Double, _ closing: Double) -> Answer {
        let socket = Self.connect(port)
        guard socket >= 0 else { return Answer(status: 0, head: "", body: "", isClosed: true) }
        defer { close(socket) }
        var wait = timeval(tv_sec: 0, tv_usec: 100_000)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] { setsockopt(socket, SOL_SOCKET, option, &wait, socklen_t(MemoryLayout<timeval>.size)) }
        Self.write(bytes, to: socket)
        var (read, isClosed, sentAt) = ([UInt8](), false, Date())
        var giveUp = Date() + 20
        var answer: (head: String, body: String)?
        while Date() < giveUp, !isClosed {
            if !more.isEmpty, Date().timeIntervalSince(sentAt) >= pause {
                Self.write(more, to: socket)
                sentAt = Date()
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(socket, &buffer, buffer.count, more.isEmpty || pause > 0 ? 0 : Int32(MSG_DONTWAIT))
            if count > 0 { read += buffer.prefix(count) } else if count == 0 || errno != EAGAIN { isClosed = true }
            if answer == nil, let whole = Self.whole(read) {
                answer = whole
                giveUp = Date() + closing
            }
        }
        let (head, body) = answer ?? (String(decoding: read, as: UTF8.self), "")
        return Answer(status: head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, head: head.lowercased(), body: body, isClosed: isClosed)
    }

    /// Once all of it is there.
    private static func whole(_ bytes: [UInt8]) -> (head: String, body: String)? {
        guard let blank = Data(bytes).range(of: Data("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<blank.lowerBound], as: UTF8.self)
        let body = bytes[blank.upperBound...]
        let length = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
        return body.count >= length ? (head, String(decoding: body, as: UTF8.self)) : nil
    }

    private static func write(_ bytes: [UInt8], to socket: Int32) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            sent += count
        }
    }

    static func connect(_ port: Int) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        if code != 0 {
            close(descriptor)
            return -1
        }
        return descriptor
    }
}
