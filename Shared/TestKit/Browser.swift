import AsyncHTTPClient
import Contracts
import Foundation
import NIOCore
import NIOHTTP1

/// A headless Chromium, driven as a person would through W3C WebDriver. `infra/setup --test` installs it with its driver.
package actor Browser {
    package struct Failed: Error, CustomStringConvertible {
        let command: String
        let answer: String
        package var description: String { "\(command): \(answer)" }
    }

    private let http: HTTPClient
    private let session: String

    private init(http: HTTPClient, session: String) { (self.http, self.session) = (http, session) }

    /// Opens a window of this size, in CSS pixels, and closes it whatever happens.
    package static func with<T: Sendable>(width: Int = 1100, height: Int = 900, _ body: (Browser) async throws -> T) async throws -> T {
        let driver = try Driver()
        defer { driver.stop() }
        let http = HTTPClient(eventLoopGroupProvider: .singleton)
        let result: Result<T, any Error>
        do { result = .success(try await session(http, "http://127.0.0.1:\(driver.port)/session", width, height, body)) } catch { result = .failure(error) }
        try await http.shutdown()
        return try result.get()
    }

    private static func session<T: Sendable>(
        _ http: HTTPClient, _ base: String, _ width: Int, _ height: Int, _ body: (Browser) async throws -> T
    ) async throws -> T {
        let options: JSONValue = [
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=zh-CN", .string("--window-size=\(width),\(height)")]
        ]
        let wanted: JSONValue = ["capabilities": ["alwaysMatch": ["browserName": "chrome", "goog:chromeOptions": options]]]
        let opened = try await eventually { try await send(http, .POST, base, wanted) }
        guard case .object(let fields) = opened, case .string(let id)? = fields["sessionId"] else { throw Failed(command: "session", answer: "\(opened)") }
        let result: Result<T, any Error>
        do { result = .success(try await body(Browser(http: http, session: "\(base)/\(id)"))) } catch { result = .failure(error) }
        _ = try await send(http, .DELETE, "\(base)/\(id)", nil)
        return try result.get()
    }

    // MARK: What a person does

    package func open(_ address: String) async throws { try await command("url", ["url": .string(address)]) }

    /// Clicks, and where the click leads to another page (a link, a form that the page's own script leaves alone), waits for
    /// that page: WebDriver itself only waits for a page whose loading has begun.
    package func click(_ selector: String) async throws {
        let element = try await find(selector)
        let leads = try await evaluateValue(Self.watch, [Self.reference(element)])
        try await command("element/\(element)/click", [:])
        guard leads == true else { return }
        try await eventually(within: .seconds(30)) { try await evaluateValue(Self.arrived, []) == true ? () : nil }
    }

    /// Marks the page that is there and notes whether its script takes the event for itself; tells whether a click leads away.
    private static let watch = """
        const control = arguments[0], link = control.closest('a[href]'), button = control.closest('button, input[type=submit]')
        const submits = button?.type === 'submit' && button.form?.checkValidity()
        window.clicked = { kept: false }
        for (const event of ['click', 'submit'])
            window.addEventListener(event, e => { window.clicked.kept ||= e.defaultPrevented }, { once: true })
        return Boolean(submits || (link && link.pathname + link.search !== location.pathname + location.search))
        """

    private static let arrived = "return window.clicked ? window.clicked.kept : document.readyState === 'complete'"

    /// Types into a field, or chooses a file by its path.
    package func type(_ text: String, into selector: String) async throws {
        try await command("element/\(try await find(selector))/value", ["text": .string(text)])
    }

    /// Sets fields of a form by name, as a day or a number that the browser would show in its own language.
    package func fill(_ values: [String: String], in form: String) async throws {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            let field = try await find("\(form) [name='\(name)']")
            _ = try await evaluateValue("arguments[0].value = arguments[1]", [Self.reference(field), .string(value)])
        }
    }

    package func clear(_ selector: String) async throws { try await command("element/\(try await find(selector))/clear", [:]) }

    /// Presses Tab and tells what has the focus then: a page must be usable without a mouse.
    package func tab() async throws -> String {
        let key: JSONValue = "\u{E004}"
        try await command("actions", ["actions": [["type": "key", "id": "keyboard", "actions": [["type": "keyDown", "value": key], ["type": "keyUp", "value": key]]]]])
        return try await evaluate("return document.activeElement.outerHTML.slice(0, 200)")
    }

    // MARK: What a person sees

    /// Waits for it to be there; found and read in one go, since the page may be another a moment later.
    package func text(_ selector: String = "main") async throws -> String {
        try await eventually(within: .seconds(10)) { try await texts(selector).first }
    }

    package func texts(_ selector: String) async throws -> [String] {
        guard case .array(let found) = try await evaluateValue("return [...document.querySelectorAll(arguments[0])].map(e => e.innerText ?? e.textContent)", [.string(selector)])
        else { return [] }
        return found.map { if case .string(let text) = $0 { text } else { "" } }
    }

    package func count(_ selector: String) async throws -> Int { try await texts(selector).count }

    package var address: String { get async throws { try await string("url") } }

    /// A picture of the whole page for a person to look at, in the folder `pictures` of the tests' state; without one, nowhere.
    package func picture(_ name: String) async throws {
        guard let state = ProcessInfo.processInfo.environment["LIKA_TEST_STATE"] else { return }
        let size = try await evaluate("return `${document.documentElement.scrollWidth}x${document.documentElement.scrollHeight}`").split(separator: "x").compactMap { Int($0) }
        if size.count == 2 { try await command("window/rect", ["width": .integer(Int64(size[0])), "height": .integer(Int64(min(size[1] + 140, 6_000)))]) }
        guard let bytes = Data(base64Encoded: try await string("screenshot")) else { throw Failed(command: "screenshot", answer: "no picture") }
        let folder = URL(filePath: state).appending(path: "pictures")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try bytes.write(to: folder.appending(path: "\(name).png"))
    }

    package func evaluate(_ script: String) async throws -> String {
        if case .string(let text) = try await evaluateValue(script, []) { return text }
        return ""
    }

    private func evaluateValue(_ script: String, _ arguments: [JSONValue]) async throws -> JSONValue {
        try await command("execute/sync", ["script": .string(script), "args": .array(arguments)])
    }

    // MARK: The protocol

    private func find(_ selector: String) async throws -> String {
        try await eventually(within: .seconds(10)) {
            Self.element(try await command("element", ["using": "css selector", "value": .string(selector)]))
        }
    }

    /// W3C's name for a reference to an element.
    private static let elementKey = "element-6066-11e4-a52e-4f735466cecf"

    private static func element(_ value: JSONValue) -> String? {
        guard case .object(let fields) = value, case .string(let id)? = fields[elementKey] else { return nil }
        return id
    }

    private static func reference(_ element: String) -> JSONValue { .object([elementKey: .string(element)]) }

    private func string(_ path: String) async throws -> String {
        guard case .string(let text) = try await Self.send(http, .GET, "\(session)/\(path)", nil) else { throw Failed(command: path, answer: "no text") }
        return text
    }

    @discardableResult
    private func command(_ path: String, _ body: JSONValue) async throws -> JSONValue { try await Self.send(http, .POST, "\(session)/\(path)", body) }

    private static func send(_ http: HTTPClient, _ method: HTTPMethod, _ url: String, _ body: JSONValue?) async throws -> JSONValue {
        var request = HTTPClientRequest(url: url)
        request.method = method
        if let body { request.body = .bytes(ByteBuffer(bytes: try JSON.encode(body))) }
        let response = try await http.execute(request, timeout: .seconds(60))
        let bytes = Array(try await response.body.collect(upTo: 64 << 20).readableBytesView)
        guard case .object(let fields) = try JSON.decode(JSONValue.self, from: bytes), let value = fields["value"], response.status == .ok
        else { throw Failed(command: url, answer: String(decoding: bytes.prefix(600), as: UTF8.self)) }
        return value
    }
}

/// chromedriver on a free port, in a process group of its own, since Chromium leaves children behind.
private struct Driver {
    let port: Int
    private let process: pid_t

    init() throws {
        port = try freePort()
        process = try Command(URL(filePath: "/usr/bin/chromedriver")).spawn(["--port=\(port)", "--log-level=SEVERE"], writingTo: "/dev/null", ownGroup: true)
    }

    func stop() {
        kill(-process, SIGTERM)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }
}
