import Foundation
import ProgramHarness
import Testing

/// The README and the pages of `docs/` tell the truth: every block marked `nnx` runs, and prints what a block marked
/// `text` right behind it says.
@Suite(.serialized) struct DocumentationTests {
    /// A block of nnx in a page.
    struct Example: CustomTestStringConvertible, Sendable {
        /// The page and the line at which the block begins.
        var place: String
        var source: String
        /// What it prints, where the page says so.
        var output: String?

        var testDescription: String { place }
    }

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The examples of all pages.
    static let examples: [Example] = {
        let folder = root.appendingPathComponent("docs")
        let pages =
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "md" } ?? []
        return ([root.appendingPathComponent("README.md")] + pages.sorted { $0.path < $1.path }).flatMap { page in
            let name = String(page.path.dropFirst(root.path.count + 1))
            return examples(in: (try? String(contentsOf: page, encoding: .utf8)) ?? "", named: name)
        }
    }()

    /// The blocks of nnx in the Markdown text of a page, each with the block of text behind it.
    static func examples(in page: String, named name: String) -> [Example] {
        var found: [Example] = []
        var block: (kind: String, line: Int, lines: [String])?
        /// Whether only blank lines came since the last block of nnx.
        var followsExample = false
        for (index, line) in page.components(separatedBy: "\n").enumerated() {
            if let open = block {
                guard line == "```" else {
                    block?.lines.append(line)
                    continue
                }
                block = nil
                let text = open.lines.map { $0 + "\n" }.joined()
                if open.kind == "nnx" {
                    found.append(Example(place: "\(name):\(open.line)", source: text))
                } else if open.kind == "text" && followsExample {
                    found[found.count - 1].output = text
                }
                followsExample = open.kind == "nnx"
            } else if line.hasPrefix("```") {
                block = (String(line.dropFirst(3)), index + 1, [])
            } else if !line.isEmpty {
                followsExample = false
            }
        }
        return found
    }

    @Test(arguments: examples)
    func runsAsThePageSays(example: Example) throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let script = try program.write(example.source, to: "example.nnx")
        let outcome = try program.run(["run", script])
        #expect(outcome.status == 0, "\(outcome.errors)")
        if let output = example.output { #expect(outcome.output == output) }
    }

    @Test func theReadmeHasExamples() {
        #expect(Self.examples.contains { $0.place.hasPrefix("README.md") && $0.output != nil })
    }

    @Test func findsBlocksAndTheirOutput() {
        let page =
            "text\n```nnx\nprint(1)\n```\n\n```text\n1\n```\n```sh\nls\n```\n```text\nno\n```\n```nnx\n2\n```\nso\n```text\nx\n```\n"
        let found = Self.examples(in: page, named: "p.md")
        #expect(found.map(\.place) == ["p.md:2", "p.md:15"])
        #expect(found.map(\.source) == ["print(1)\n", "2\n"])
        #expect(found.map(\.output) == ["1\n", nil])
    }
}
