import Contracts
@testable import TestKit
import Testing

/// What holds a service against its `openapi.yaml` finds what is otherwise.
@Suite struct OpenAPITests {
    private let openAPI = try! OpenAPI(
        document: [
            "paths": [
                "/v1/things": ["post": ["requestBody": ["content": ["application/json": ["schema": thing]]], "responses": ["204": [:]]]],
                "/v1/things/{thing}": [
                    "parameters": [["name": "thing", "in": "path", "required": true, "schema": ["type": "string", "format": "uuid"]]],
                    "get": [
                        "parameters": [["name": "limit", "in": "query", "required": true, "schema": ["type": "integer", "maximum": 9]]],
                        "responses": [
                            "200": [
                                "headers": ["ETag": ["required": true, "schema": ["type": "string"]]],
                                "content": ["application/json": ["schema": ["allOf": [["$ref": "#/components/schemas/Thing"], ["required": ["name"]]]]]],
                            ]
                        ],
                    ],
                ],
            ], "components": ["schemas": ["Thing": thing]],
        ])

    private static let thing: JSONValue = ["type": "object", "properties": ["name": ["type": "string"], "size": ["type": ["integer", "null"]]]]
    private static let path = "/v1/things/5c8f2e0e-58d4-4f1c-9b1e-0a5b6f1f8a11"

    private func failures(
        _ method: String = "GET", _ address: String = path + "?limit=3", _ body: String = "", status: Int = 200, _ answer: String = #"{"name":"x"}"#,
        _ headers: [String: String] = ["content-type": "application/json; charset=utf-8", "etag": "\"1\""]
    ) -> [String] {
        openAPI.failures(of: .init(
            method: method, address: address, headers: [:], body: Array(body.utf8),
            answer: .init(status: status, body: Array(answer.utf8), headers: headers)
        )).map { $0.split(separator: " ").dropFirst(3).joined(separator: " ") }
    }

    @Test func `what is as described is no failure`() {
        #expect(failures() == [])
        #expect(failures("GET", Self.path + "?limit=3", "{}", #"{"name":"x","size":null}"#) == [])
        #expect(failures("POST", "/v1/things", #"{"name":"x","size":1}"#, status: 204, "", [:]) == [])
        #expect(failures("GET", "/things") == [], "pages are not described")
    }

    @Test func `an answer's unnamed, missing and wrong fields are failures`() {
        #expect(failures(#"{"name":"x","colour":1}"#) == ["/colour: unnamed"])
        #expect(failures(#"{"size":"large"}"#) == ["/size: type", ": required"])
        #expect(failures("{") == [": no JSON"])
    }

    private func failures(_ answer: String) -> [String] { failures("GET", Self.path + "?limit=3", "", answer) }

    @Test func `a status, a kind of body and a header that are not described are failures`() {
        #expect(failures("GET", Self.path + "?limit=3", status: 404) == ["not described"])
        #expect(failures("GET", Self.path + "?limit=3", "", "x", ["content-type": "text/csv", "etag": "1"]) == ["text/csv is not described"])
        let told = ["content-type": "application/json", "link": "<?after=1>; rel=\"next\""]
        #expect(failures("GET", Self.path + "?limit=3", "", #"{"name":"x"}"#, told) == ["ETag: required", "Link: not described"])
        #expect(failures("POST", "/v1/things", "{}", status: 204, "x") == ["ETag: not described", "a body that is not described"])
    }

    @Test func `a request that was taken is as described, and one that was refused need not be`() {
        #expect(failures("GET", Self.path) == ["?limit: required"])
        #expect(failures("GET", Self.path + "?limit=10&other=1") == ["?limit: maximum", "?other: unnamed"])
        #expect(failures("GET", "/v1/things/seven?limit=3") == ["?thing: format"])
        #expect(failures("POST", "/v1/things", #"{"nmae":"x"}"#, status: 204, "", [:]) == ["body/nmae: unnamed"])
        #expect(failures("POST", "/v1/things", #"{"nmae":"x"}"#, status: 422, "", [:]) == ["not described"])
    }

    @Test func `routes that only one of the two has are named`() {
        #expect(openAPI.differences(from: [("GET", "/v1/things/:thing"), ("POST", "/v1/things"), ("GET", "/things")]) == [])
        #expect(openAPI.differences(from: [("GET", "/v1/things/:id"), ("POST", "/v1/things")]) == [
            "not described: GET /v1/things/{id}", "no such route: GET /v1/things/{thing}",
        ])
    }
}
