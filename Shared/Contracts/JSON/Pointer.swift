/// Finds the RFC 6901 pointer of a node by walking down from the root. Only failures need it.
struct Pointer {
    private let nodes: UnsafeMutableBufferPointer<Node>
    private let count: Int
    private let text: UnsafeBufferPointer<UInt8>

    init(_ nodes: UnsafeMutableBufferPointer<Node>, count: Int, _ text: UnsafeBufferPointer<UInt8>) {
        (self.nodes, self.count, self.text) = (nodes, count, text)
    }

    /// Where a scan stopped: the container that is open, and the key in it whose value did not come.
    var last: String { count == 0 ? "" : pointer(to: count - 1) }

    func pointer(to target: Int) -> String {
        var path = ""
        var container = 0
        while container < target {
            let isArray = nodes[container].kind == .array
            guard let (step, child) = isArray ? element(of: container, around: target) : member(of: container, around: target) else { break }
            path += "/" + step
            container = child
        }
        return path
    }

    private func element(of array: Int, around target: Int) -> (String, Int)? {
        var (position, node) = (0, array + 1)
        while let next = after(node), next <= target { (position, node) = (position + 1, next) }
        return node <= target ? (String(position), node) : nil
    }

    private func member(of object: Int, around target: Int) -> (String, Int)? {
        var key = object + 1
        while key + 1 < count, let next = after(key + 1), next <= target { key = next }
        return key <= target ? (Self.name(nodes[key].unescaped(in: text)), key + 1) : nil
    }

    private func after(_ node: Int) -> Int? { nodes[node].next == 0 ? nil : Int(nodes[node].next) }

    /// A key as it may be shown: what could be a field's name, and nothing that could be a number, a name or a text.
    static func name(_ key: String) -> String {
        let looksLikeField =
            key.utf8.count <= 40 && key.utf8.first.map { $0.isLetter } == true
            && key.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
            && key.utf8.count(where: \.isDigit) <= 2
        return looksLikeField ? key : "?"
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }
}
