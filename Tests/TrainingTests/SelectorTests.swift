import Networks
import Testing

@Suite struct SelectorTests {
    private static let paths = [
        "conv1.W", "conv1.b", "stage1.block1.conv1.W", "stage1.block2.conv2.W", "stage4.block1.conv1.W",
        "stage4.block1.dense1.b", "dense10.W",
    ]

    /// Selector, and the indices of the paths that it selects.
    @Test(
        arguments: [
            ("*.W", [0, 2, 3, 4, 6]),
            ("W", [0, 2, 3, 4, 6]),
            ("conv*", [0, 1, 2, 3, 4]),
            ("conv1", [0, 1, 2, 4]),
            ("conv1.b", [1]),
            ("stage1/**", [2, 3]),
            ("stage1", [2, 3]),
            ("stage1.*.conv2", [3]),
            ("stage*/**/b", [5]),
            ("**", [0, 1, 2, 3, 4, 5, 6]),
            ("conv*.W except stage4/**", [0, 2, 3]),
            ("** except conv* except dense*", []),
            ("dense1", [5]),
            ("d*s*1*.W", [6]),
            ("nothing", []),
        ] as [(String, [Int])])
    func selects(_ text: String, _ expected: [Int]) throws {
        let selector = try Selector(parsing: text)
        #expect(Self.paths.indices.filter { selector.matches(Self.paths[$0]) } == expected)
    }

    @Test(arguments: [
        ("", "it is empty"), ("  ", "it is empty"), ("conv1..W", "a component is empty"),
        (".W", "a component is empty"), ("conv* except", "a pattern is missing after 'except'"),
        ("except conv1", "'except' is not expected here"), ("conv1 conv2", "'conv2' is not expected here"),
    ])
    func refuses(_ text: String, _ reason: String) {
        #expect(refusal { _ = try Selector(parsing: text) }.contains(reason))
    }

    @Test func longPatternsOfStarsEnd() throws {
        let selector = try Selector(parsing: String(repeating: "*a", count: 200) + "b")
        #expect(!selector.matches(String(repeating: "a", count: 10_000)))
    }
}
