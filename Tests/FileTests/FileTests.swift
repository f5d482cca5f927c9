import Files
import Foundation
import Testing

@Suite struct FileTests {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "nnx-files-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func message(_ body: () throws -> Void) -> String {
        (#expect(throws: FileError.self) { try body() })?.message ?? ""
    }

    @Test func writesAndReads() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        try writeAtomically(bytes, to: folder + "/a/b/c.bin")
        #expect(try readFile(folder + "/a/b/c.bin") == bytes)
        try writeAtomically([], to: folder + "/a/b/c.bin")
        #expect(try readFile(folder + "/a/b/c.bin") == [])
        try append("one\n", toFile: folder + "/new/log")
        try append("two\n", toFile: folder + "/new/log")
        #expect(try readFile(folder + "/new/log") == Array("one\ntwo\n".utf8))
        #expect(try entries(of: folder) == ["a/", "new/"])
        #expect(files(below: folder, depth: 3) == ["a/b/c.bin", "new/log"])
        #expect(files(below: folder, depth: 2) == ["new/log"])
    }

    @Test func namesPathAndReason() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(message { _ = try readFile("/nowhere/x") } == "cannot read '/nowhere/x': No such file or directory")
        #expect(message { _ = try readFile(folder) } == "cannot read '\(folder)': it is a folder")
        #expect(message { _ = try readFile("/dev/zero") } == "cannot read '/dev/zero': it is no file")
        #expect(message { _ = try entries(of: "/nowhere") } == "cannot read '/nowhere': No such file or directory")
        #expect(message { try writeAtomically([1], to: folder + "/") } == "cannot write to '\(folder)/'")
        try writeAtomically([1], to: folder + "/file")
        #expect(
            message { try writeAtomically([1], to: folder + "/file/x") }
                == "cannot write '\(folder)/file/x': Not a directory")
        try FileManager.default.createDirectory(atPath: folder + "/taken", withIntermediateDirectories: true)
        #expect(message { try writeAtomically([1], to: folder + "/taken") }.hasPrefix("cannot write '\(folder)/taken'"))
        // Nothing half-written stays.
        #expect(try entries(of: folder) == ["file", "taken/"])
    }

    @Test func pipesDoNotHang() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let pipe = folder + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(message { _ = try readFile(pipe) } == "cannot read '\(pipe)': it is no file")
    }

    @Test func refusesWhatDoesNotFitIntoMemory() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/sparse"
        try writeAtomically([1], to: path)
        // 1 PiB of nothing; a file system that has no such files cannot be asked.
        guard truncate(path, 1 << 50) == 0 else { return }
        #expect(message { _ = try readFile(path) }.contains("more than the machine's memory"))
    }

    @Test func homeFolder() {
        #expect(expandingHome("~/x") == (environment("HOME") ?? "~") + "/x")
        #expect(expandingHome("/~/x") == "/~/x")
        #expect(absolutePath("/a") == "/a")
        #expect(absolutePath("a").hasSuffix("/a"))
    }
}
