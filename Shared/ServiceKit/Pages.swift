import Contracts
import Foundation
import HTTPTypes
import Mustache

/// The pages of one service, rendered on the server: the layout that all services share around templates of its own.
///
/// A template says what stands where and fills the layout's blocks:
///
///     {{<layout}}{{$title}}住户{{/title}}{{$content}} … {{#rows}}<td>{{name}}</td>{{/rows}} … {{/content}}{{/layout}}
///
/// Every value is escaped. Chinese comes first and English beside it; nothing is loaded from elsewhere; no page needs script.
package struct Pages: Sendable {
    /// Words in both languages of the suite.
    package struct Words: Sendable {
        package let zh: String
        package let en: String
        package init(_ zh: String, _ en: String) { (self.zh, self.en) = (zh, en) }
    }

    /// What a form offers to choose from.
    package struct Choice: Sendable {
        package let code: String
        let zh: String
        let en: String
        let isChosen: Bool

        package init(_ code: String, _ words: Words, chosen: String? = nil) {
            (self.code, zh, en, isChosen) = (code, words.zh, words.en, code == chosen)
        }

        /// Every value of a kind, in its order.
        package static func all<Value: RawRepresentable<String> & CaseIterable>(
            _ type: Value.Type, _ words: (Value) -> Words, chosen: String? = nil
        ) -> [Choice] {
            Value.allCases.map { Choice($0.rawValue, words($0), chosen: chosen) }
        }
    }

    /// A link of the main navigation.
    package struct Link: Sendable {
        let path: String
        let words: Words
        package init(_ path: String, _ zh: String, _ en: String) { (self.path, words) = (path, Words(zh, en)) }
    }

    /// A template that the program does not have, or that cannot be read: a mistake of the program.
    struct Unusable: Error, CustomStringConvertible {
        let template: String
        var description: String { "the template \(template) cannot be used" }
    }

    /// To where things wait that take two people.
    package static let countersignings = Link(CountersigningPage.path, "双人确认", "Second person")

    private let library: MustacheLibrary
    private let links: [Link]
    private let footer: Words

    /// - Parameters:
    ///   - templates: The text of each template under its name.
    ///   - footer: Whose pages these are.
    package init(_ templates: [String: [UInt8]], links: [Link], footer: Words) {
        var library = MustacheLibrary()
        let shared = [
            "layout": PackageResources.layout_mustache, "problem": PackageResources.problem_mustache, "sign-in": PackageResources.sign_in_mustache,
            "signed-out": PackageResources.signed_out_mustache, "countersignings": PackageResources.countersignings_mustache,
        ]
        for (name, text) in shared.merging(templates, uniquingKeysWith: { $1 }) {
            do { try library.register(String(decoding: text, as: UTF8.self), named: name) } catch { preconditionFailure("\(Unusable(template: name))") }
        }
        (self.library, self.links, self.footer) = (library, links, footer)
    }

    /// A page; `content` is any value whose properties the template names.
    ///
    /// `key` is to be the hidden field `key` of every form of the page, so that sending a form twice does it once.
    package func show(_ template: String, _ content: Any, for call: Call, status: HTTPResponse.Status = .ok) throws -> Reply {
        guard let text = library.render(root(content, call), withTemplate: template) else { throw Unusable(template: template) }
        return Reply(status: status, contentType: "text/html; charset=utf-8", body: Array(text.utf8))
    }

    private struct Root {
        let style = Style.path
        let key: String
        let links: [Shown]
        let footer: Words
        let who: Who?
        let it: Any

        /// Whoever has signed in.
        struct Who {
            let account: String
            /// Where they sign out; nothing where a proxy signs people in.
            let out: String?
        }

        struct Shown {
            let path: String
            let zh: String
            let en: String
            let here: Bool
        }
    }

    private func root(_ content: Any, _ call: Call) -> Root {
        let here = links.last { call.address == $0.path || call.address.hasPrefix($0.path + "/") }?.path
        return Root(
            key: call.formKey?.make() ?? UUID().lowercased, links: links.map { .init(path: $0.path, zh: $0.words.zh, en: $0.words.en, here: $0.path == here) }, footer: footer,
            who: call.principal.map { .init(account: $0.account, out: call.mustSignIn ? SignIn.outPath : nil) }, it: content)
    }

    // MARK: What goes wrong

    private struct Trouble {
        let zh: String
        let title: String
        let detail: String?
        let code: String
        let instance: String
        let faults: Faults?

        struct Faults { let rows: [Invalid.Fault] }
    }

    /// The problem that a program would read as JSON, for a person.
    func trouble(_ problem: Problem, for call: Call) throws -> Reply {
        let content = Trouble(
            zh: Self.zh[problem.type] ?? "出现问题", title: problem.title, detail: problem.detail, code: problem.code, instance: problem.instance,
            faults: problem.errors.map { .init(rows: $0) })
        var reply = try show("problem", content, for: call, status: .init(code: problem.status))
        problem.addRetry(to: &reply)
        return reply
    }

    private static let zh = [
        "/problems/refused": "当前状态不允许此操作", "/problems/invalid": "内容有误，未保存", "/problems/not-found": "没有找到",
        "/problems/unavailable": "数据库暂时无法连接，请稍后再试", "/problems/outcome-unknown": "结果未知，请重新提交同一表单",
        "/problems/failed": "系统出错", "/problems/denied": "请先登录", "/problems/forbidden": "此账号没有这项权限", "/problems/too-large": "文件过大", "/problems/cross-site": "此表单不是从本系统提交的",
        "/problems/too-many-requests": "请求过于频繁，请稍后再试", "/problems/too-slow": "提交超时，请重试",
        "/problems/other-session": "此表单不属于当前登录，请重新打开页面", "/problems/provider-away": "统一身份认证暂时无法连接，请稍后再试；已登录的不受影响",
        "/problems/provider-unfit": "统一身份认证的设置有误，请联系管理员", "/problems/sign-in-stale": "登录已过期，请重新登录",
        "/problems/idempotency-key-missing": "表单不完整，请重新打开页面", "/problems/idempotency-key-reused": "此表单已提交过，请重新打开页面",
    ]
}

/// The style sheet of all pages, under an address that changes with its content.
enum Style {
    static let bytes = PackageResources.lika_css
    static let path = "/assets/lika-\(Digest.sha256(bytes).prefix(12)).css"
}
