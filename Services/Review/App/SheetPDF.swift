import Contracts
import Paper
import Registry
import ReviewDomain

extension NoticeSheet {
    /// The sheet on paper, to be hung out, each page with the serial, the digest and the code that leads to the form for
    /// objections.
    ///
    /// - Parameters:
    ///   - address: Where the code leads.
    ///   - root: How far the audit reached.
    func pdf(on paper: PDFCanvas.Paper, address: String, digest: String, root: String?) throws -> [UInt8] {
        try PaperReport(
            title: title, subtitle: serialText, introduction: introduction,
            tables: tables.map { .init($0.kind.label.zh, headings: Self.headings, columns: [0.12, 0.46, 0.14, 0.28], rows: $0.rows) },
            footer: [signature, "内容摘要 SHA-256 \(digest.prefix(32))" + (root.map { "　审计根 \($0)" } ?? ""), "扫描右侧二维码，核对内容或提出异议"],
            code: QRCode(address)
        ).write(on: paper)
    }
}
