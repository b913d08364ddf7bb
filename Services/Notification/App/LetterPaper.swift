import Contracts
import Foundation
import NotificationDomain
import Paper
import Registry

/// A round on paper: one page for each household, to be folded, and the receipt on which they sign.
struct LetterPaper {
    let round: LetterRound
    let letters: [NumberedLetter]
    let names: DivisionNames
    let today: LocalDate

    private var office: String {
        round.division.enclosing(.subdistrict).map { names[$0] ?? $0.code } ?? round.division.code
    }

    /// The one who unfolds a page reads of nobody else.
    func pages() throws -> [UInt8] {
        let canvas = try PDFCanvas(.a4)
        let (width, margin) = (canvas.paper.size.width, 64.0)
        let (text, small) = (PDFCanvas.Font(size: 14), PDFCanvas.Font(size: 10))
        for letter in letters {
            let (body, recipient) = (letter.notice.letter, letter.notice.recipient)
            let isChinese = body.language == .chinese
            var y = 90.0
            func write(_ line: String, _ font: PDFCanvas.Font, gap: Double, isCentred: Bool = false) {
                y += canvas.write(line, font, x: margin, y: y, width: width - 2 * margin, isCentred: isCentred) + gap
            }
            write(isChinese ? "告知书" : "Letter", .init(size: 24, isBold: true), gap: 36, isCentred: true)
            write("\(recipient.name ?? "")：", .init(size: 16, isBold: true), gap: 18)
            write(body.body, text, gap: 30)
            write(isChinese ? "本告知书仅供本户知悉，请妥善保管。" : "This letter is for your household alone; please keep it safe.", text, gap: 48)
            write("\(office)　\(today)", text, gap: 0)
            canvas.line(x: margin, y: canvas.paper.size.height - 84, width: width - 2 * margin)
            canvas.write(
                "第 \(letter.number) 号　\(recipient.division.map(names.full) ?? "")　批次 \(round.round.lowercased.prefix(8))", small, x: margin,
                y: canvas.paper.size.height - 76, width: width - 2 * margin)
            canvas.endPage()
        }
        return try canvas.finish()
    }

    /// Who was handed which letter, without what is in it.
    func receipt() throws -> [UInt8] {
        try PaperReport(
            title: "送达回执", subtitle: "\(names.full(round.division))　批次 \(round.round.lowercased.prefix(8))　\(today)",
            introduction: "送交本人或成年家属，由收件人签名；未能送达的注明原因，随告知书一并带回。",
            tables: [
                .init(
                    "告知书 \(letters.count) 份", headings: ["号", "收件人", "小组", "签收人", "日期", "未送达原因"], columns: [0.07, 0.17, 0.24, 0.2, 0.14, 0.18],
                    rows: letters.map { letter in
                        let recipient = letter.notice.recipient
                        return ["\(letter.number)", recipient.name ?? "", recipient.division.map { names[$0] ?? $0.code } ?? "", "", "", ""]
                    })
            ],
            footer: ["送达人签名：", "带回后逐号登记，送达凭证由社区保存。"]
        ).write(on: .a4)
    }
}
