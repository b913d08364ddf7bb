/// How values with a written form travel: as one string, refused without being quoted, since it may be personal data.
extension Decoder {
    func parsed<Value>(_ expected: String, _ parse: (String) -> Value?) throws -> Value {
        let text = try singleValueContainer().decode(String.self)
        guard let value = parse(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: "expected \(expected)"))
        }
        return value
    }
}

extension Encoder {
    func write(_ text: String) throws {
        var container = singleValueContainer()
        try container.encode(text)
    }
}
