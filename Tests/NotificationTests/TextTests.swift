import Contracts
import Foundation
import HTTPTypes
import NotificationDomain
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Notification

/// The texts of letters: data, with a check of what they name.
@Suite struct TextTests {
    func fault(_ envelope: String = "有信", _ body: String, for template: Letter.Template = .caseConfirmed) throws -> TextTemplate.Fault? {
        do {
            try LetterTexts.builtIn.check(.init(template: template, language: .chinese, version: 2, envelope: envelope, body: body))
            return nil
        } catch let misfit as LetterTexts.Misfit { return misfit.fault }
    }

    @Test func `a text is filled with what it names, and what a value says is no template`() throws {
        #expect(try TextTemplate("甲{{a}}乙{{b}}").filled(with: ["a": "{{b}}", "b": "2"]) == "甲{{b}}乙2")
    }

    @Test func `every built-in text reads in both languages without a place left empty`() throws {
        for template in Letter.Template.allCases {
            for language in Letter.Language.allCases {
                let letter = try LetterTexts.builtIn.letter(.sample(template), in: language)
                #expect(!letter.body.contains("{{") && !letter.body.isEmpty)
                #expect(Set(Tiding.sample(template).values(in: language).keys) == template.fields)
            }
        }
    }

    @Test(arguments: [
        ("", TextTemplate.Fault.Code.blank, 0), ("您{{kind", .unclosed, 1), ("您{{#kind}}", .noField, 1), ("您{{{kind}}}", .noField, 1),
        ("您{{>other}}", .noField, 1), ("您{{headName}}", .unknownField, 1), ("{{kind}}，{{reason}}", .unknownField, 9),
    ])
    func `a text that names what it may not is refused with the place`(body: String, code: TextTemplate.Fault.Code, at: Int) throws {
        let found = try fault("有信", body)
        let fault = try #require(found)
        #expect(fault.code == code && fault.at == at)
    }

    @Test func `an envelope names nothing`() throws {
        #expect(try fault("您的{{kind}}", "正文", for: .caseConfirmed)?.code == .tellingEnvelope)
    }

    @Test func `an audience's list counts beside what an event says`() throws {
        let narrow = #"{"fields":{"household":[]},"texts":[]}"#
        #expect(throws: LetterTexts.Missing.self) { try LetterTexts(json: Array(narrow.utf8)) }
        let bare = String(decoding: PackageResources.texts_json, as: UTF8.self).replacingOccurrences(of: #"["day", "finding"]"#, with: #"["day"]"#)
        #expect { try LetterTexts(json: Array(bare.utf8)) } throws: { ($0 as? LetterTexts.Misfit)?.fault.code == .hiddenField }
    }

    @Test func `a text is looked at, changed, and counts from then on with a new version`() async throws {
        try await withNotification { service in
            let wanted = TextRoutes.Wanted(envelope: "有信", body: "您户的{{kind}}已确定")
            let preview = try await service.call(.post, "/v1/texts/case_confirmed/zh-CN/preview", JSON.encode(wanted), [:])
            #expect(try preview.json(TextRoutes.Preview.self).body == "您户的\(CaseKind.exit.label.zh)已确定")
            for _ in 1...2 {
                let changed = try await service.call(.put, "/v1/texts/case_confirmed/zh-CN", JSON.encode(wanted), [:])
                #expect(try changed.json(LetterTexts.Text.self).version == 2)
            }
            let bad = try await service.call(
                .put, "/v1/texts/case_confirmed/zh-CN", JSON.encode(TextRoutes.Wanted(envelope: "有信", body: "{{phone}}")), [:])
            #expect(bad.status == 422 && bad.text.contains("template.unknown-field") && bad.text.contains("/body"))
            let all = try await service.get("/v1/texts").json([LetterTexts.Text].self)
            #expect(all.first { $0.template == .caseConfirmed && $0.language == .chinese }?.body == wanted.body)
            #expect(all.count == Letter.Template.allCases.count * 2)
            let household = HouseholdID(UUID())
            try await service.deliver(
                CaseConfirmed(
                    case: CaseID(UUID()), household: household, campaign: CampaignID(UUID()), kind: .exit, division: try #require(DivisionCode("530427001002-03")),
                    headName: "李三", memberCount: 4, confirmedAt: Instant(milliseconds: 1_541_203_200_000)))
            let notice = try await service.get("/v1/notices?household=\(household)").json([NoticeRoutes.Envelope].self)[0].notice
            #expect(try await service.get("/v1/notices/\(notice)").json(NoticeRoutes.Opened.self).body == "您户的\(CaseKind.exit.label.zh)已确定")
        }
    }
}
