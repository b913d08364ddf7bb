import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The public's own pages (R3): leave a tip, with or without a name, and ask by the receipt code what became of it.
struct TipFormPages {
    let desk: TipDesk
    let gate: TipGate

    private static let pages = Pages(
        ["form": PackageResources.tipform_mustache, "receipt": PackageResources.tipreceipt_mustache, "follow": PackageResources.tipfollow_mustache],
        links: [.init("/tip", "我要举报", "Give a tip"), .init("/tip-receipt", "查询结果", "Follow up")],
        footer: .init("贫困对象动态管理举报", "Tips on the yearly review"))

    func add(to api: API) {
        api.page("/tip", of: Self.pages) { call, work in try showForm(Filled(objectingTo: call.query("objects-to")), for: call, work) }
        // As questions are, so that no reply is kept: it holds the receipt code.
        api.search("/tip", of: Self.pages, receive)
        api.page("/tip-receipt", of: Self.pages) { call, _ in try Self.pages.show("follow", Followed(), for: call) }
        api.search("/tip-receipt", of: Self.pages, follow)
    }

    // MARK: The form

    /// What somebody has filled in, so that it stands there again whatever went wrong.
    private struct Filled {
        var key = UUID().lowercased
        var place: String?
        /// The case on a posted list against which somebody objects.
        var objectsTo: CaseID?
        var concerns: String?
        var text = ""
        var name: String?
        var contact: String?
        /// A field that no person sees; programs that fill every field fill it too.
        var isTrapped = false

        /// - Parameter text: The case, from the link on the posted list.
        init(objectingTo text: String?) { objectsTo = text.flatMap(UUID.init(uuidString:)).map { CaseID($0) } }

        init(_ form: Form) throws {
            key = try OnceKey.of(form)
            (place, concerns, text) = (form.text("place"), form.text("concerns"), form.text("text") ?? "")
            objectsTo = form.text("objects-to").flatMap(UUID.init(uuidString:)).map { CaseID($0) }
            (name, contact, isTrapped) = (form.text("name"), form.text("contact"), form.text("website") != nil)
        }
    }

    private struct Shown {
        let key: String
        let places: [Pages.Choice]
        let levels: [Pages.Choice]
        let text: String
        let name: String
        let contact: String
        let objection: Objection?
        let offices: Offices?
        let isLimited: Bool
        let minutes: Int
        let faults: Faults?

        struct Faults { let rows: [Invalid.Fault] }
        /// Which list it is about; whom it names there stays there.
        struct Objection {
            let `case`: String
            let kind: Pages.Words
        }
        struct Offices { let rows: [Office] }
        struct Office {
            let name: String
            let telephone: String
            let box: String
        }
    }

    private func showForm(_ filled: Filled, faults: [Invalid.Fault] = [], wait: Int? = nil, for call: Call, _ work: Work) throws -> Reply {
        guard let campaign = try work.latestCampaign() else { throw NotFound("campaign") }
        let offices = try work.tipOffices(of: campaign)
        // The subdistrict always takes tips, also before its telephone is entered here.
        let places = [campaign.plan.subdistrict] + offices.map(\.division).filter { $0 != campaign.plan.subdistrict }
        let names = try work.names(of: places)
        func name(_ place: DivisionCode) -> String { names[place] ?? place.code }
        let page = Shown(
            key: filled.key, places: places.map { Pages.Choice($0.code, .init(name($0), ""), chosen: filled.place) },
            levels: Pages.Choice.all(TipLevel.self, TipWords.of, chosen: filled.concerns), text: filled.text, name: filled.name ?? "",
            contact: filled.contact ?? "", objection: try objection(filled, in: campaign, work),
            offices: offices.isEmpty ? nil : .init(rows: offices.map { .init(name: name($0.division), telephone: $0.telephone, box: $0.box) }),
            isLimited: wait != nil, minutes: ((wait ?? 0) + 59) / 60, faults: faults.isEmpty ? nil : .init(rows: faults))
        let reply = try Self.pages.show("form", page, for: call, status: faults.isEmpty ? .ok : .unprocessableContent)
        return wait.map(reply.later) ?? reply
    }

    /// A case that nobody knows is none: then it is a tip like any other.
    private func objection(_ filled: Filled, in campaign: IssuedCampaign, _ work: Work) throws -> Shown.Objection? {
        guard let id = filled.objectsTo else { return nil }
        return try work.first("SELECT kind FROM cases WHERE id = \(id) AND campaign_id = \(campaign.id)").map { row in
            let kind: CaseKind = try row["kind"]
            return Shown.Objection(case: id.description, kind: .init(kind.label.zh, kind.label.en))
        }
    }

    private struct Receipt {
        let number: String
        let code: String
        let dueOn: String
    }

    /// Over the limit, or caught in the trap, the same form comes back with all that was written, and the telephones.
    private func receive(_ call: Call, _ work: Work) throws -> Reply {
        let filled = try Filled(call.form())
        guard let campaign = try work.latestCampaign() else { throw NotFound("campaign") }
        let (text, place) = (TipText(filled.text), filled.place.flatMap(DivisionCode.init(_:)))
        let tipster = Tipster(name: filled.name, contact: filled.contact)
        var faults = tipster?.faults ?? []
        if text == nil { faults.append(.init("/text", "text.length", "请写明举报内容，不超过4000字")) }
        if place == nil { faults.append(.init("/place", "missing", "请选择受理单位")) }
        guard let text, let place, faults.isEmpty else { return try showForm(filled, faults: faults, for: call, work) }
        if let wait = filled.isTrapped ? 60 : try gate.wait(at: .tip, call, work) { return try showForm(filled, wait: wait, for: call, work) }
        let receipt = try desk.receive(
            NewTip(
                campaign: campaign.id, place: place, channel: .form, text: text, objectsTo: filled.objectsTo, concerns: filled.concerns.flatMap(TipLevel.init(rawValue:)),
                tipster: tipster),
            key: filled.key, work)
        return try Self.pages.show(
            "receipt", Receipt(number: receipt.number, code: receipt.code, dueOn: receipt.dueOn.description), for: call, status: .created)
    }

    // MARK: What became of it

    private struct Followed {
        var standing: Told?
        var isUnknown = false
        var isLimited = false

        struct Told {
            let number: String
            let state: Pages.Words
            let dueOn: String?
            let outcome: Pages.Words?
            let manner: Pages.Words?
            let answeredOn: String?
            let answer: String?
            let transferredTo: String?
        }
    }

    private func follow(_ call: Call, _ work: Work) throws -> Reply {
        let code = try call.form().required("code")
        if let wait = try gate.wait(at: .receipt, call, work) {
            return try Self.pages.show("follow", Followed(isLimited: true), for: call).later(wait)
        }
        guard let standing = try desk.standing(code, work) else {
            return try Self.pages.show("follow", Followed(isUnknown: true), for: call, status: .notFound)
        }
        let told = Followed.Told(
            number: standing.number, state: TipWords.told(standing.state), dueOn: standing.state.isOpen ? standing.dueOn.description : nil,
            outcome: standing.outcome.map(TipWords.of), manner: standing.manner.map(TipWords.of),
            answeredOn: standing.answeredOn?.description, answer: standing.answer, transferredTo: standing.transferredTo)
        return try Self.pages.show("follow", Followed(standing: told), for: call)
    }
}
