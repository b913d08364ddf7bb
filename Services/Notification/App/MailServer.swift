import AsyncHTTPClient
import CCurl
import Contracts
import Foundation
import NIOCore
import NIOPosix
import NotificationDomain
import Registry

/// E-mail through a mail server (SMTP, RFC 5321), to offices: nobody's private address is kept by this suite.
///
/// The server's word decides what became of a message: 2xx taken, 4xx not now, 5xx never. What broke off after the text began to flow
/// may have been taken.
struct MailServer: Carrier {
    let settings: Config.Mail

    let channel = PersonalNotice.Channel.email
    let rings = false
    let canLookUp = false
    let gathers = true
    var perSecond: Int { settings.perSecond }

    func addresses(of parcels: [Parcel]) async throws -> [NoticeID: String] { [:] }
    func find(_ notice: NoticeID) async -> Found { .cannotTell }

    func carry(_ parcel: Parcel, to address: String) async -> Carried {
        let message = Mail(parcel, to: address, from: settings.from, at: Date())
        let settings = settings
        do { return try await NIOThreadPool.singleton.runIfActive { Self.send(message, settings) } } catch { return .notTaken("stopping") }
    }

    /// Hands a message over and waits for the server's last word.
    private static func send(_ mail: Mail, _ settings: Config.Mail) -> Carried {
        guard let curl = curl_easy_init() else { return .notTaken("no-memory") }
        defer { curl_easy_cleanup(curl) }
        let recipients = curl_slist_append(nil, mail.to)
        defer { curl_slist_free_all(recipients) }
        let exchange = Exchange(mail.text)
        let closure = Unmanaged.passUnretained(exchange).toOpaque()
        let texts: [(CURLoption, String)] = [
            (CURLOPT_URL, settings.url), (CURLOPT_MAIL_FROM, settings.from), (CURLOPT_USERNAME, settings.user), (CURLOPT_PASSWORD, settings.password),
        ]
        for (option, value) in texts where !value.isEmpty { _ = lika_curl_text(curl, option, value) }
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_USE_SSL, settings.needsTLS ? Int(CURLUSESSL_ALL.rawValue) : Int(CURLUSESSL_TRY.rawValue)), (CURLOPT_UPLOAD, 1), (CURLOPT_NOSIGNAL, 1),
            (CURLOPT_TIMEOUT_MS, Int(HTTPClientRequest.timeout.nanoseconds / 1_000_000)),
        ]
        for (option, value) in numbers { _ = lika_curl_number(curl, option, value) }
        _ = lika_curl_list(curl, CURLOPT_MAIL_RCPT, recipients)
        _ = lika_curl_reader(
            curl,
            { buffer, size, count, closure in
                guard let buffer, let closure else { return 0 }
                return Unmanaged<Exchange>.fromOpaque(closure).takeUnretainedValue().read(into: UnsafeMutableRawPointer(buffer), upTo: size * count)
            }, closure)
        _ = lika_curl_listener(
            curl,
            { line, size, count, closure in
                guard let line, let closure else { return 0 }
                Unmanaged<Exchange>.fromOpaque(closure).takeUnretainedValue().hear(UnsafeRawBufferPointer(start: line, count: size * count))
                return size * count
            }, closure)
        let result = curl_easy_perform(curl)
        return withExtendedLifetime(exchange) { carried(result, reply: exchange.reply, hasFlowed: exchange.hasFlowed) }
    }

    private static func carried(_ result: CURLcode, reply: Int, hasFlowed: Bool) -> Carried {
        if result == CURLE_OK { return .taken }
        if result == CURLE_LOGIN_DENIED { return .notTaken("login-denied") }
        return switch reply {
        case 400..<500: .notTaken("smtp-\(reply)")
        case 500..<600: .refused("smtp-\(reply)")
        default: hasFlowed ? .unknown("no-answer") : .notTaken("no-connection")
        }
    }

    /// What is said, fetched by the library piece by piece, and what is heard.
    private final class Exchange {
        private let text: [UInt8]
        private var given = 0
        /// The server's last reply code that was no farewell; 0 before the first.
        private(set) var reply = 0

        init(_ text: String) { self.text = Array(text.utf8) }

        var hasFlowed: Bool { given > 0 }

        func read(into buffer: UnsafeMutableRawPointer, upTo limit: Int) -> Int {
            let piece = text[given..<min(given + limit, text.count)]
            buffer.copyMemory(from: Array(piece), byteCount: piece.count)
            given += piece.count
            return piece.count
        }

        func hear(_ line: UnsafeRawBufferPointer) {
            guard let code = Int(String(decoding: line.prefix(3), as: UTF8.self)), code != 221 else { return }
            reply = code
        }
    }
}

/// A message as it goes over the wire (RFC 5322): plain text in UTF-8, and nothing that an answering machine should answer.
struct Mail: Equatable, Sendable {
    let to: String
    let text: String

    init(_ parcel: Parcel, to address: String, from: String, at moment: Date) {
        to = address
        let letters = parcel.items.map(\.letter)
        let isChinese = parcel.head.letter.language == .chinese
        let many = isChinese ? "您有\(letters.count)项工作提醒" : "\(letters.count) reminders for you"
        let body = letters.count == 1 ? letters[0].body : letters.enumerated().map { "\($0 + 1). \($1.body)" }.joined(separator: "\n\n")
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 8 * 3600)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
        let head = [
            "From: <\(from)>", "To: <\(address)>", "Subject: \(Self.encodedWords(letters.count == 1 ? letters[0].envelope : many))",
            "Date: \(format.string(from: moment))", "Message-ID: <\(parcel.head.notice)@\(from.split(separator: "@").last ?? "lika")>",
            "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "Auto-Submitted: auto-generated",
        ]
        let encoded = Data(body.utf8).base64EncodedString(options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
        text = head.joined(separator: "\r\n") + "\r\n\r\n" + encoded + "\r\n"
    }

    /// RFC 2047: words of at most 75 characters, no character cut in two.
    private static func encodedWords(_ text: String) -> String {
        var (words, word): ([String], String) = ([], "")
        for character in text {
            if word.utf8.count + String(character).utf8.count > 42 {
                words.append(word)
                word = ""
            }
            word.append(character)
        }
        return (words + [word]).map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }
}
