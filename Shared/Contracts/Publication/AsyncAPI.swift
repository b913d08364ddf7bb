import Registry

/// The AsyncAPI 3.1.0 document of the suite: who writes what to which topic, and who reads it.
struct AsyncAPI {
    private let schemas: [EventSchema]

    init(_ schemas: [EventSchema]) { self.schemas = schemas }

    var document: JSONValue {
        [
            "asyncapi": "3.1.0",
            "id": "urn:lika:contracts",
            "info": [
                "title": "Lika events", "version": "1.0.0", "license": ["name": "MIT"],
                "description": """
                    CloudEvents 1.0 in Kafka's binary mode: the value is the event's JSON, its attributes are headers. Within a name only \
                    optional fields are ever added, so readers ignore fields that they do not know. Messages of one subject are numbered \
                    1, 2, 3 in ce_sequence and may arrive more than once with the same ce_id.
                    """,
            ],
            "defaultContentType": "application/json",
            "servers": ["production": .object(server)],
            "channels": .object(JSONObject(Topic.all.map { ($0.name, channel($0)) })),
            "operations": .object(JSONObject(sends + receives)),
            "components": [
                "messages": .object(JSONObject(schemas.map { ($0.name, message($0)) })),
                "schemas": .object(JSONObject(headers + schemas.map { ($0.name, ["$ref": .string("schemas/\($0.name).json")]) })),
                "securitySchemes": ["certificate": ["type": "X509"], "password": ["type": "scramSha512"]],
            ],
        ]
    }

    private var server: JSONObject {
        [
            "host": "{broker}", "protocol": "kafka-secure", "description": "Apache Kafka. A department's principal reaches its own two topics only.",
            "variables": ["broker": ["default": "localhost:9093", "description": "Host and port of any broker of the cluster."]],
            "security": [["$ref": "#/components/securitySchemes/certificate"], ["$ref": "#/components/securitySchemes/password"]],
        ]
    }

    private func channel(_ topic: Topic) -> JSONValue {
        let events = Events.all.filter { $0.channels.contains(topic) }.map { ($0.name, Self.reference("components/messages", $0.name)) }
        return [
            "address": .string(topic.name), "title": .string("From \(topic.publisher.name)"), "messages": .object(JSONObject(events)),
            "bindings": Self.kafka([("topic", .string(topic.name)), ("partitions", .integer(Int64(topic.partitions)))]),
        ]
    }

    private var sends: [(String, JSONValue)] {
        Topic.all.map { ("\($0.publisher.name).sends.\($0.name)", operation("send", $0, by: $0.publisher)) }
    }

    private var receives: [(String, JSONValue)] {
        Subscription.all.flatMap { subscription in
            subscription.topics.map {
                ("\(subscription.subscriber.name).receives.\($0.name)", operation("receive", $0, by: subscription.subscriber))
            }
        }
    }

    private func operation(_ action: String, _ topic: Topic, by party: Topic.Publisher) -> JSONValue {
        var operation: JSONObject = [
            "action": .string(action), "channel": Self.reference("channels", topic.name), "tags": [["name": .string(party.name)]],
        ]
        if action == "receive" {
            let pattern = "^\(party.groupPrefix.replacing(".", with: "\\."))"
            operation["bindings"] = Self.kafka([("groupId", ["type": "string", "pattern": .string(pattern)])])
        }
        return .object(operation)
    }

    private func message(_ schema: EventSchema) -> JSONValue {
        let isFromOutside = Events.all.first { $0.name == schema.name }?.channels.contains { $0.publisher.isDepartment } == true
        let kind = isFromOutside ? "resultHeaders" : "eventHeaders"
        let key: JSONValue = ["type": "string", "format": "uuid", "description": "The household, or the subject where there is none."]
        return [
            "name": .string(schema.name), "title": .string(schema.name), "summary": .string(schema.summary), "contentType": "application/json",
            "headers": [
                "allOf": [
                    Self.reference("components/schemas", kind),
                    ["properties": ["ce_type": ["const": .string(schema.name)], "ce_dataschema": ["const": .string(EventSchema.id(of: schema.name))]]],
                ]
            ],
            "payload": Self.reference("components/schemas", schema.name),
            "bindings": Self.kafka([("key", key)]),
            "examples": [["payload": schema.example]],
        ]
    }

    private static func kafka(_ binding: [(String, JSONValue)]) -> JSONValue {
        ["kafka": .object(JSONObject(binding + [("bindingVersion", "0.5.0")]))]
    }

    private static func reference(_ place: String, _ name: String) -> JSONValue { ["$ref": .string("#/\(place)/\(name)")] }
}

/// The CloudEvents attributes as Kafka headers.
extension AsyncAPI {
    private var headers: [(String, JSONValue)] {
        let attributes: [(String, JSONValue)] = [
            ("ce_specversion", ["type": "string", "const": "1.0"]),
            ("ce_id", ["type": "string", "description": "The same for every delivery of one message: a UUID, version 7 where it is ours."]),
            ("ce_source", ["type": "string", "format": "uri-reference", "description": "/lika/<service> or /departments/<department>."]),
            ("ce_type", ["type": "string", "description": "The name of the event."]),
            ("ce_dataschema", ["type": "string", "description": "The $id of the schema of the value."]),
            ("ce_time", ["type": "string", "format": "date-time"]),
            ("ce_subject", ["type": "string", "format": "uuid", "description": "The aggregate that tells the event."]),
            ("content-type", ["type": "string", "const": "application/json"]),
            ("traceparent", ["type": "string", "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"]),
        ]
        let sequence: (String, JSONValue) = (
            "ce_sequence",
            ["type": "string", "pattern": "^[0-9]{10}$", "description": "Number of the event among those of its subject, from 0000000001."]
        )
        let signature: (String, JSONValue) = (
            "jws", ["type": "string", "pattern": #"^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+$"#, "description": "Detached JWS (RFC 7515 appendix F, Ed25519) over the exact value."]
        )
        let always: [JSONValue] = ["ce_specversion", "ce_id", "ce_source", "ce_type"]
        return [
            ("eventHeaders", schema(attributes + [sequence], required: always + ["ce_dataschema", "ce_time", "ce_subject", "ce_sequence", "content-type"])),
            ("resultHeaders", schema(attributes + [signature], required: always + ["jws"])),
        ]
    }

    private func schema(_ properties: [(String, JSONValue)], required: [JSONValue]) -> JSONValue {
        ["type": "object", "properties": .object(JSONObject(properties)), "required": .array(required), "additionalProperties": true]
    }
}

extension Topic.Publisher {
    /// As in the names of operations.
    fileprivate var name: String {
        switch self {
        case .service(let name): name
        case .department(let department): "department-\(department.slug)"
        }
    }

    fileprivate var groupPrefix: String {
        switch self {
        case .service(let name): "lika.\(name)."
        case .department(let department): "dept-\(department.slug)."
        }
    }

    fileprivate var isDepartment: Bool { if case .department = self { true } else { false } }
}
