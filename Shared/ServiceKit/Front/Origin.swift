import Foundation

/// Where a form was sent from, as browsers say it that do not say `Sec-Fetch-Site`.
enum Origin {
    /// `scheme://host` or `scheme://host:port` and nothing more.
    static func isPlain(_ text: String) -> Bool {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty, parts.scheme == "https" || parts.scheme == "http" else { return false }
        return parts.path.isEmpty && parts.query == nil && parts.fragment == nil && parts.user == nil && parts.password == nil
    }

    /// TLS may end at a proxy in front, so either scheme of the name that the request came with is ours.
    static func isOurs(_ origin: String, host: String?, home: String?) -> Bool {
        let origin = origin.lowercased()
        if let home, origin == home.lowercased() { return true }
        guard let host = host?.lowercased() else { return false }
        return origin == "https://\(host)" || origin == "http://\(host)"
    }
}
