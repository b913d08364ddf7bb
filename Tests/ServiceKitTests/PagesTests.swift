import Contracts
import Foundation
import HTTPTypes
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// Pages for people: what a form does, once; what goes wrong, in words; and that a real browser can live with them.
@Suite struct PagesTests {
    private static let account = UUID()

    private static let templates: [String: [UInt8]] = [
        "account": Array(
            """
            {{<layout}}{{$title}}账户{{/title}}{{$content}}<h1>账户 <span lang="en">Account</span></h1><p id="note">{{note}}</p><p id="balance">{{balance}}</p>
            <form method="post" action="/accounts" enctype="multipart/form-data"><input type="hidden" name="key" value="{{key}}">
            <label><span>金额 <span lang="en">Amount</span></span><input name="amount"></label>
            <label><span>文件 <span lang="en">File</span></span><input type="file" name="paper"></label><button>提交</button></form>
            {{/content}}{{/layout}}
            """.utf8)
    ]

    private struct Shown {
        let note = "<b>&\"不可信\"</b>"
        let balance: Int
    }

    private func serving(_ body: (TestService) async throws -> Void) async throws {
        let pages = Pages(Self.templates, links: [.init("/accounts", "账户", "Accounts")], footer: .init("测试", "Test"))
        let parts = Parts(reactions: ledgerReactions, permissions: .everybody) { api in
            api.page("/accounts", of: pages) { call, work in
                try pages.show("account", Shown(balance: work.find(Ledger.self, AccountID(Self.account))?.balance ?? 0), for: call)
            }
            api.form("/accounts", of: pages) { call, work in
                let form = try call.form()
                guard let amount = Int(try form.required("amount")) else { throw Invalid("/amount", "number", "a whole number") }
                if try work.find(Ledger.self, AccountID(Self.account)) == nil { try work.insert(Ledger(id: AccountID(Self.account), household: UUID(), balance: 0)) }
                try work.decide(Ledger.self, AccountID(Self.account)) { try $0.adding(amount) }
                return .see("/accounts?paper=\(try form.file("paper").bytes.count)")
            }
        }
        try await TestService.with(Ledger.migrations, parts: parts, body)
    }

    private func send(_ service: TestService, _ fields: String, headers: [String: String] = [:]) async throws -> TestService.Answer {
        try await service.call(
            .post, "/accounts", Array(fields.utf8), headers.merging(["Content-Type": "multipart/form-data; boundary=xX"]) { a, _ in a })
    }

    private func parts(amount: String, key: String, boundary: String = "xX") -> String {
        """
        --\(boundary)\r\nContent-Disposition: form-data; name="key"\r\n\r\n\(key)\r\n--\(boundary)\r\nContent-Disposition: form-data; name="amount"\r\n\r\n\(amount)\r
        --\(boundary)\r\nContent-Disposition: form-data; name="paper"; filename="一.csv"\r\nContent-Type: text/csv\r\n\r\na,b\r\n1,2\r\n--\(boundary)--\r\n
        """
    }

    @Test func `a page is whole, escaped, and asks nobody else for anything`() async throws {
        try await serving { service in
            let page = try await service.get("/accounts")
            #expect(page.status == 200)
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.text.contains("&lt;b&gt;&amp;&quot;不可信&quot;&lt;/b&gt;"))
            #expect(page.text.contains("<title>账户 · 立卡 Lika</title>"))
            #expect(page.text.contains(#"<a href="/accounts" aria-current="page">"#))
            #expect(!page.text.contains("http://") && !page.text.contains("https://") && !page.text.contains("<script"))
            #expect(page.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
            #expect(page.headers["referrer-policy"] == "no-referrer" && page.headers["x-content-type-options"] == "nosniff")
            let style = try await service.get(Style.path)
            #expect(style.status == 200 && style.headers["cache-control"]?.contains("immutable") == true)
        }
    }

    @Test func `a form takes effect once, however often and however divided it is sent`() async throws {
        try await serving { service in
            let first = try await send(service, parts(amount: "5", key: "k1"))
            #expect(first.status == 303)
            #expect(first.headers["location"] == "/accounts?paper=8")
            let again = try await service.call(
                .post, "/accounts", Array(parts(amount: "5", key: "k1", boundary: "anew").utf8), ["Content-Type": "multipart/form-data; boundary=\"anew\""])
            #expect((again.status, again.headers["location"]) == (303, "/accounts?paper=8"))
            #expect(try await service.get("/accounts").text.contains(#"<p id="balance">5</p>"#))
            let other = try await send(service, parts(amount: "6", key: "k1"))
            #expect(other.status == 422 && other.text.contains("此表单已提交过"))
        }
    }

    @Test func `what goes wrong is told as a page, with its place and code`() async throws {
        try await serving { service in
            let wrong = try await send(service, parts(amount: "五", key: "k"))
            #expect(wrong.status == 422)
            #expect(wrong.text.contains("内容有误") && wrong.text.contains("/amount") && wrong.text.contains("<code>number</code>"))
            let refused = try await send(service, parts(amount: "-1", key: "k2"))
            #expect(refused.status == 409 && refused.text.contains("ledger.overdrawn"))
            #expect(try await send(service, parts(amount: "1", key: "")).status == 400)
            #expect(try await send(service, "--xX\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk3").status == 422)
            #expect(try await service.call(.post, "/accounts", [], ["Content-Type": "text/plain"]).status == 422)
        }
    }

    @Test func `a form that another site sends is refused`() async throws {
        try await serving { service in
            for site in ["cross-site", "same-site"] {
                let answer = try await send(service, parts(amount: "5", key: "k"), headers: ["Sec-Fetch-Site": site])
                #expect(answer.status == 403)
            }
            #expect(try await send(service, parts(amount: "5", key: "k"), headers: ["Sec-Fetch-Site": "same-origin"]).status == 303)
        }
    }

    @Test func `a browser sends a form with a file, and every control can be reached without a mouse`() async throws {
        let paper = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).csv")
        try Data("一,二\n".utf8).write(to: paper)
        defer { try? FileManager.default.removeItem(at: paper) }
        try await serving { service in
            try await service.serving { address in
                try await Browser.with { browser in
                    try await browser.open("\(address)/accounts")
                    #expect(try await browser.texts("main h1") == ["账户 Account"])
                    #expect(try await browser.text("#note") == "<b>&\"不可信\"</b>")
                    #expect(try await browser.evaluate("return getComputedStyle(document.querySelector('.top')).display") == "flex")
                    try await browser.type("7", into: "input[name=amount]")
                    #expect(try await browser.tab().contains("type=\"file\""))
                    #expect(try await browser.tab().contains("<button"))
                    try await browser.type(paper.path, into: "input[name=paper]")
                    try await browser.click("button")
                    #expect(try await browser.text("#balance") == "7")
                    #expect(try await browser.address.hasSuffix("/accounts?paper=8"))
                }
            }
        }
    }

    @Test(arguments: [
        ("a=1&b=%E4%BA%8C+%26&a=3", "a", ["1", "3"]), ("a=1&b=%E4%BA%8C+%26", "b", ["二 &"]), ("a", "a", [""]), ("a=%zz", "a", ["%zz"]), ("", "a", []),
    ]) func `the fields of an address-encoded form are read as they were written`(body: String, name: String, values: [String]) throws {
        #expect(try Form(Array(body.utf8), contentType: "application/x-www-form-urlencoded; charset=utf-8").all(name) == values)
    }
}
