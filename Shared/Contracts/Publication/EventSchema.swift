/// What is published about one event: its schema, with an example in it.
struct EventSchema {
    let name: String
    let document: JSONValue
    let example: JSONValue
    let summary: String

    init<E: Event>(_ event: E.Type, _ documentation: Documentation) throws {
        let (value, shape) = try Sampler(documentation).sample(event)
        example = try JSON.decode(JSONValue.self, from: JSON.encode(value))
        name = event.name
        summary = documentation[Sampler.path(event)] ?? event.name
        var schema: JSONObject = [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": .string(Self.id(of: event.name)),
            "title": .string(event.name), "description": .string(summary),
        ]
        for (keyword, content) in shape.members { schema[keyword] = content }
        schema["examples"] = [example]
        document = .object(schema)
    }

    /// Also the CloudEvents `dataschema`.
    static func id(of event: String) -> String { "urn:lika:schema:\(event)" }
}
