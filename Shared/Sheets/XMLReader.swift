import CXML
import Foundation

/// What a part of a workbook tells while it is read: elements as they begin and end, and the text between.
protocol XMLHandler: AnyObject {
    func begin(_ name: XMLName, _ attributes: XMLAttributes)
    func end(_ name: XMLName)
    func text(_ bytes: UnsafeBufferPointer<UInt8>)
    /// Set when nothing further is of use: reading stops.
    var refusal: SheetRefusal? { get }
}

/// An element's name without its namespace. Lives as long as the call that brings it.
struct XMLName {
    fileprivate let pointer: UnsafePointer<UInt8>

    @inline(__always)
    static func ~= (text: StaticString, name: XMLName) -> Bool { strcmp(UnsafeRawPointer(name.pointer).assumingMemoryBound(to: CChar.self), UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)) == 0 }
}

/// An element's attributes, by their names without namespace. Lives as long as the call that brings it.
struct XMLAttributes {
    /// Name, prefix, namespace, begin and end of the value, one after the other.
    fileprivate let fields: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
    fileprivate let count: Int

    func bytes(_ name: StaticString) -> UnsafeBufferPointer<UInt8>? {
        guard let fields else { return nil }
        for place in 0..<count {
            guard let found = fields[5 * place], let start = fields[5 * place + 3], let end = fields[5 * place + 4] else { continue }
            if name ~= XMLName(pointer: found) { return UnsafeBufferPointer(start: start, count: end - start) }
        }
        return nil
    }

    subscript(_ name: StaticString) -> String? { bytes(name).map { String(decoding: $0, as: UTF8.self) } }
}

/// Reads XML as it comes (libxml2's SAX), without document types, entities of its own, or the network. The only holder of
/// libxml2's pointers.
final class XMLReader {
    private let context: xmlParserCtxtPtr
    private let handler: any XMLHandler
    private var refusal: SheetRefusal?

    init(_ handler: any XMLHandler) throws(SheetRefusal) {
        self.handler = handler
        var sax = xmlSAXHandler()
        sax.initialized = 0xDEED_BEAF
        sax.startElementNs = { user, name, _, _, _, _, count, _, attributes in
            guard let name else { return }
            XMLReader.of(user).handle { $0.begin(XMLName(pointer: name), XMLAttributes(fields: attributes, count: Int(count))) }
        }
        sax.endElementNs = { user, name, _, _ in
            guard let name else { return }
            XMLReader.of(user).handle { $0.end(XMLName(pointer: name)) }
        }
        sax.characters = { user, text, length in
            XMLReader.of(user).handle { $0.text(UnsafeBufferPointer(start: text, count: Int(length))) }
        }
        sax.cdataBlock = sax.characters
        sax.internalSubset = { user, _, _, _ in XMLReader.of(user).stop(XMLReader.documentType) }
        sax.entityDecl = { user, _, _, _, _, _ in XMLReader.of(user).stop(XMLReader.documentType) }
        // libxml2 would print on standard error.
        sax.serror = { _, _ in }
        guard let created = xmlCreatePushParserCtxt(&sax, nil, nil, 0, nil) else { throw Archive.damaged }
        context = created
        // Predefined entities in attributes are replaced; there are no others, since a document type is refused.
        xmlCtxtUseOptions(context, Int32(XML_PARSE_NONET.rawValue | XML_PARSE_NOENT.rawValue))
        context.pointee.userData = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit { xmlFreeParserCtxt(context) }

    func read(_ bytes: ArraySlice<UInt8>, isLast: Bool) throws(SheetRefusal) {
        let code = bytes.withUnsafeBytes { bytes in
            xmlParseChunk(context, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), isLast ? 1 : 0)
        }
        if let refusal { throw refusal }
        guard code == 0 else { throw Archive.damaged }
    }

    /// Reads a part of a workbook to its end.
    static func read(_ part: String, of archive: Archive, _ handler: any XMLHandler) throws(SheetRefusal) {
        let reader = try XMLReader(handler)
        let source = try archive.open(part)
        while true {
            let bytes = try source.read()
            try reader.read(bytes, isLast: bytes.isEmpty)
            if bytes.isEmpty { return }
        }
    }

    private static func of(_ user: UnsafeMutableRawPointer?) -> XMLReader {
        guard let user else { preconditionFailure("libxml2 lost its user data") }
        return Unmanaged<XMLReader>.fromOpaque(user).takeUnretainedValue()
    }

    @inline(__always)
    private func handle(_ tell: (any XMLHandler) -> Void) {
        if refusal != nil { return }
        tell(handler)
        if let refused = handler.refusal { stop(refused) }
    }

    private func stop(_ why: SheetRefusal) {
        if refusal == nil { refusal = why }
        xmlStopParser(context)
    }

    private static let documentType = SheetRefusal("sheet.document-type", "the file declares a document type or entities, which no spreadsheet program writes; save it as XLSX again")
}
