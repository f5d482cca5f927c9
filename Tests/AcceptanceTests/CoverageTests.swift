import Foundation
import Testing

/// `docs/coverage.md` and `docs/gallery.md` speak of what is there.
@Suite("Coverage and gallery")
struct CoverageTests {
    /// A row of the table: what, where it is declared or made, its test, its experiment.
    struct Row: CustomTestStringConvertible, Sendable {
        var cells: [String]
        var testDescription: String { cells.first ?? "" }

        /// What stands between backquotes in a cell.
        func quoted(_ cell: Int) -> [String] {
            cells[cell].split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element) }
        }
    }

    private static func text(_ path: String) -> String {
        (try? String(contentsOfFile: Project.path(path), encoding: .utf8)) ?? ""
    }

    static let rows: [Row] = text("docs/coverage.md").split(separator: "\n").compactMap { line -> Row? in
        guard line.hasPrefix("| "), !line.hasPrefix("| ---"), !line.hasPrefix("| what ") else { return nil }
        return Row(
            cells: line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) })
    }

    @Test("a row names what is there, and no cell is empty", arguments: rows)
    func isThere(row: Row) throws {
        try #require(row.cells.count == 4)
        for cell in 0..<4 { #expect(!row.quoted(cell).isEmpty, "cell \(cell) of \(row.cells[0])") }
        for path in (1..<4).flatMap(row.quoted) {
            #expect(FileManager.default.fileExists(atPath: Project.path(path)), "\(path)")
        }
        let sources = row.quoted(1).map(Self.text).joined()
        for name in row.quoted(0) { #expect(sources.contains(name), "\(name) in \(row.cells[1])") }
        let scripts = row.quoted(3).map(Self.text).joined()
        #expect(row.quoted(0).contains { scripts.contains($0) }, "\(row.cells[3]) shows nothing of \(row.cells[0])")
        for path in row.quoted(2) { #expect(path.hasPrefix("Tests/"), "\(path)") }
        for path in row.quoted(3) { #expect(path.hasPrefix("experiments/"), "\(path)") }
    }

    @Test("the table is about everything that the library declares")
    func everyDeclaration() {
        #expect(Self.rows.count >= 60)
        let named = Set(Self.rows.flatMap { $0.quoted(0) })
        let library = LibraryTests.declarations.filter {
            $0.kind != "fn" && !$0.module.contains(".") && $0.module != "workloads"
        }
        for declared in library { #expect(named.contains(declared.name), "\(declared.kind) \(declared.name)") }
    }

    @Test("each figure is small, is shown, and belongs to an experiment")
    func gallery() throws {
        let page = Self.text("docs/gallery.md")
        let figures = try FileManager.default.contentsOfDirectory(atPath: Project.path("docs/gallery"))
        #expect(figures.count >= 20)
        for figure in figures {
            let size = try FileManager.default.attributesOfItem(atPath: Project.path("docs/gallery/\(figure)"))[.size]
            #expect((size as? Int ?? .max) < 100_000, "\(figure)")
            #expect(page.contains("(gallery/\(figure))"), "\(figure)")
            let name = figure.prefix { $0 != "-" }
            #expect(ExperimentTests.all.contains { $0.name == name }, "\(figure)")
        }
        for line in page.split(separator: "\n") where line.hasPrefix("![") {
            let path = line.drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }
            #expect(FileManager.default.fileExists(atPath: Project.path("docs/\(path)")), "\(path)")
        }
    }

    @Test("each experiment has a line in the list")
    func listed() {
        let list = Self.text("experiments/README.md")
        for experiment in ExperimentTests.all {
            #expect(list.contains("(\(experiment.name).nnx)"), "\(experiment.name)")
        }
    }
}
