import Foundation
import Language
import Testing

/// SplitMix64 (Steele, Lea and Flood, 2014), so that a failure can be had again from its seed.
private struct Random {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        word ^= word >> 31
        return Int(word % UInt64(max(1, bound)))
    }
}

/// Makes broken scripts out of good ones.
private struct Mutator {
    static let pieces: [[UInt8]] = [
        "(", ")", "[", "]", "{", "}", "\"", "\\(", "\\", "\n", ";", ",", ":", "|>", "->", "=", "==", "+", "-", "^", "@",
        "%",
        "..<", "...", ".", " in ", " on ", " do ", "let ", "fn ", "net ", "fit ", "if ", " then ", " else ", "match ",
        "not ",
        "compare {", "#", "# %%", "θ", "日", "\u{FEFF}", "\0", "\t", "1e", "1.", "9999999999999999999", " epochs",
        "\r\n", "'",
        "expect ", "param x = ", "state ", "use ", "repeat ", " if ", "{a: ", "x -> ", "\\u{", "“", "&&",
    ].map { Array($0.utf8) }

    var random: Random
    let corpus: [[UInt8]]

    mutating func next() -> [UInt8] {
        var bytes = corpus[random.next(below: corpus.count)]
        for _ in 0...random.next(below: 4) {
            let place = random.next(below: bytes.count + 1)
            let end = min(bytes.count, place + random.next(below: 24))
            switch random.next(below: 8) {
            case 0: bytes.removeSubrange(place..<end)
            case 1: bytes.insert(contentsOf: bytes[place..<end], at: random.next(below: bytes.count + 1))
            case 2: bytes.replaceSubrange(place..<end, with: bytes[place..<end].reversed())
            case 3: bytes.insert(UInt8(random.next(below: 256)), at: place)
            case 4 where !bytes.isEmpty: bytes[min(place, bytes.count - 1)] ^= 1 << UInt8(random.next(below: 8))
            case 5:
                let other = corpus[random.next(below: corpus.count)]
                let start = random.next(below: other.count)
                bytes.insert(contentsOf: other[start..<min(other.count, start + 60)], at: place)
            case 6 where bytes.count > 1: bytes.removeSubrange(max(1, place)...)
            default: bytes.insert(contentsOf: Self.pieces[random.next(below: Self.pieces.count)], at: place)
            }
        }
        return bytes
    }
}

@Suite("Mutated scripts")
struct FuzzTests {
    @Test("200 000 of them each end in a tree or in errors that have their place in the text")
    func mutations() throws {
        let scripts = try TestFiles.scripts(in: "Corpus") + TestFiles.scripts(in: "Golden")
        let corpus = try scripts.map { try TestFiles.source($0).bytes }.filter { (1..<2_000).contains($0.count) }
        var mutator = Mutator(random: Random(state: 2), corpus: corpus)
        let renderer = DiagnosticRenderer()
        var correct = 0
        var wrong = 0
        for number in 0..<200_000 {
            let bytes = mutator.next()
            let file = SourceFile(name: "mutation \(number)", bytes: bytes)
            let result = parseWithRecovery(file)
            if result.diagnostics.isEmpty { correct += 1 } else { wrong += 1 }
            for diagnostic in result.diagnostics {
                guard let span = diagnostic.span, span.lower >= 0, span.upper <= file.bytes.count,
                    span.lower <= span.upper, span.line <= file.lineStarts.count, span.column >= 1
                else {
                    Issue.record(
                        "\(file.name): '\(diagnostic.message)' has no place in \(String(reflecting: file.text))")
                    continue
                }
            }
            // Rendering is slower than reading: a share of them is enough.
            if number % 16 == 0, let first = result.diagnostics.first, renderer.render(first).isEmpty {
                Issue.record("\(file.name) renders as nothing")
            }
            guard number % 16 == 8, result.diagnostics.isEmpty else { continue }
            let formatted = try format(file)
            if try format(SourceFile(name: "again", text: formatted)) != formatted {
                Issue.record("\(file.name) is not stable: \(String(reflecting: file.text))")
            }
            if try dump(formatted) != result.program.dump
                || cells(of: file).isEmpty && !result.program.statements.isEmpty
            {
                Issue.record("\(file.name) is formatted wrongly: \(String(reflecting: file.text))")
            }
        }
        #expect(correct > 1_000)
        #expect(wrong > 100_000)
    }
}
