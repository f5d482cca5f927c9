/// A check that a text is well-formed XML of the kind that the figures write: elements, quoted attributes, escaped text.
struct XMLElements {
    struct Malformed: Error {
        let message: String
    }

    /// Names of all elements in the order of their start tags.
    private(set) var names: [String] = []
    /// All values of attributes, cut at spaces, commas and brackets.
    private(set) var numbers: Set<Substring> = []

    init(of text: String) throws {
        var open: [String] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "<") {
            try Self.checkText(rest[..<start])
            guard let end = rest[start...].firstIndex(of: ">") else { throw Malformed(message: "unclosed tag") }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("/") {
                guard open.popLast() == String(tag.dropFirst()) else {
                    throw Malformed(message: "unexpected </\(tag)>")
                }
                continue
            }
            if names.count > 0, open.isEmpty { throw Malformed(message: "a second root \(tag)") }
            let body = tag.hasSuffix("/") ? tag.dropLast() : tag
            let name = String(body.prefix { $0 != " " })
            names.append(name)
            try addAttributes(body.dropFirst(name.count))
            if !tag.hasSuffix("/") { open.append(name) }
        }
        try Self.checkText(rest)
        guard open.isEmpty, !names.isEmpty else { throw Malformed(message: "unclosed \(open)") }
    }

    private mutating func addAttributes(_ text: Substring) throws {
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        guard parts.count % 2 == 1 else { throw Malformed(message: "unclosed quote in \(text)") }
        var seen: Set<Substring> = []
        for index in stride(from: 0, to: parts.count - 1, by: 2) {
            let name = parts[index]
            guard name.hasPrefix(" "), name.hasSuffix("="), seen.insert(name).inserted else {
                throw Malformed(message: "attribute \(name)")
            }
            try Self.checkText(parts[index + 1])
            numbers.formUnion(parts[index + 1].split { " ,()".contains($0) })
        }
    }

    private static func checkText(_ text: Substring) throws {
        for part in text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
            guard ["amp;", "lt;", "gt;", "quot;"].contains(where: { part.hasPrefix($0) }) else {
                throw Malformed(message: "bare & in \(text)")
            }
        }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 || $0 == "\n" }) else {
            throw Malformed(message: "control character in \(text)")
        }
    }
}
