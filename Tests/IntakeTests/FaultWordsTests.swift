import Foundation
import IntakeDomain
import Testing

@Suite struct FaultWordsTests {
    /// Codes stand where the faults are found; whoever adds one must say it in Chinese too.
    @Test func `every code that a sheet can be refused with is said in Chinese`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let area = #/"((cell|row|sheet|household|person|change|measure|division|date|money|number|code|income|exit|resident-id|bank-card|bank|phone|certificate|insurance|work|health|document|survey|import|causes|relation|name)\.[a-z0-9-]+)"/#
        var codes: Set<String> = []
        for folder in ["Services/Intake/Domain", "Shared/Sheets"] {
            for file in try FileManager.default.contentsOfDirectory(at: root.appending(path: folder), includingPropertiesForKeys: nil) where file.pathExtension == "swift" && file.lastPathComponent != "FaultWords.swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                // Other files have codes of other things, such as signs of poverty.
                guard text.contains(#/Sheet|RowReader|DataRule/#) else { continue }
                codes.formUnion(text.matches(of: area).map { String($0.1) })
            }
        }
        #expect(codes.count > 60)
        #expect(codes.filter { FaultWords.zh($0) == nil }.sorted() == [])
    }
}
