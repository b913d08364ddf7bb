import Foundation
import Logging
import Registry

/// One JSON object a line on standard output: constant message, values as metadata, nothing personal.
struct JSONLog: LogHandler {
    let service: String
    let instance: String
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        // Losing the log must not stop Lika.
        _ = line(event).utf8CString.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count - 1) }
    }

    func line(_ event: LogEvent) -> String {
        var line = #"{"ts":"\#(Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)))","level":"\#(event.level)""#
        line += #","service":"\#(service)","instance":\#(Self.quoted(instance)),"msg":\#(Self.quoted(event.message.description))"#
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }) {
            line += ",\(Self.quoted(key)):\(Self.quoted("\(value)"))"
        }
        // Of an error from a library only its type: its text may quote anything.
        if let error = event.error { line += ",\"error_type\":\(Self.quoted("\(type(of: error))"))" }
        return line + "}\n"
    }

    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20: quoted += " "
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
