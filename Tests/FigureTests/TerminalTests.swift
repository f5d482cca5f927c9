import Figures
import Testing

@Suite struct TerminalTests {
    @Test func drawsALineWithAxesAndLegend() {
        expectText(Samples.parabola.terminal(columns: 40, rows: 14, color: false), Golden.parabola)
    }

    @Test func showsGaps() {
        expectText(Samples.gap.terminal(columns: 30, rows: 9, color: false), Golden.gap)
    }

    @Test func drawsContoursAsShades() {
        expectText(Samples.map.terminal(columns: 40, rows: 10, color: false), Golden.map)
    }

    @Test func drawsBars() {
        expectText(Samples.bars.terminal(columns: 30, rows: 9, color: false), Golden.bars)
    }

    @Test func namesVariantsUnderTheAxis() {
        expectText(Samples.variants.terminal(columns: 40, rows: 10, color: false), Golden.variants)
    }

    @Test func alignsAConfusionMatrix() {
        expectText(Samples.confusion.terminal(columns: 50, rows: 10, color: false), Golden.confusion)
    }

    @Test func cutsAWideTableIntoBlocks() {
        expectText(Samples.confusion.terminal(columns: 28, rows: 10, color: false), Golden.narrowConfusion)
    }

    @Test func drawsAnImage() {
        expectText(Samples.image.terminal(columns: 20, rows: 10, color: false), Golden.image)
    }

    @Test func drawsSmallImages() {
        expectText(Samples.filters.terminal(columns: 30, rows: 12, color: false), Golden.filters)
    }

    @Test func drawsNamedBars() {
        expectText(Samples.layers.terminal(columns: 40, rows: 12, color: false), Golden.layers)
        expectText(Samples.signedBars.terminal(columns: 30, rows: 12, color: false), Golden.signedBars)
    }

    @Test func drawsAFlowAsATree() {
        expectText(Samples.flow.terminal(columns: 60, rows: 12, color: false), Golden.flow)
    }

    @Test func putsPanelsSideBySideWhereThereIsRoom() {
        let figure = Figure(title: "two", panels: [Samples.bars.panels[0], Samples.confusion.panels[0]])
        let wide = figure.terminal(columns: 80, rows: 12, color: false).split(separator: "\n")
        #expect(wide.contains { $0.contains("│") && $0.contains("dog") })
        let narrow = figure.terminal(columns: 60, rows: 24, color: false).split(separator: "\n")
        #expect(!narrow.contains { $0.contains("│") && $0.contains("dog") })
        #expect(narrow.contains { $0.contains("dog") })
    }

    @Test func usesColorsOnlyOnRequest() {
        for figure in Samples.all {
            #expect(!figure.terminal(columns: 60, rows: 16, color: false).contains("\u{1B}"))
        }
        let colored = Samples.parabola.terminal(columns: 40, rows: 14, color: true)
        #expect(colored.contains("\u{1B}[38;5;67m"))
        // Every line ends in its own colours, not in those of the line before.
        for line in colored.split(separator: "\n") where line.contains("\u{1B}[") {
            #expect(line.components(after: "\u{1B}[").last?.hasPrefix("0m") == true)
        }
    }

    @Test(arguments: [0, 20, 40, 57, 80, 200]) func fitsAnyWidth(_ columns: Int) {
        for figure in Samples.all {
            for line in figure.terminal(columns: columns, rows: 20, color: false).split(separator: "\n") {
                #expect(line.count <= max(columns, 20))
            }
        }
    }

    @Test func saysWhenThereIsNoData() {
        let empty = Figure(Plot(title: "loss", series: [.line(x: [], y: [])]))
        let text = empty.terminal(columns: 40, rows: 10, color: false)
        #expect(text.contains("loss"))
        #expect(text.contains("no data"))
        #expect(Figure(panels: []).terminal(columns: 40, rows: 10, color: false) == "no data")
    }

    @Test func keepsToTheHeight() {
        for rows in [8, 14, 30] {
            let lines = Samples.parabola.terminal(columns: 60, rows: rows, color: false)
                .split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == max(rows, 9))
        }
    }

    @Test func sparklines() {
        #expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], width: 8) == "▁▂▃▄▅▆▇█")
        #expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], width: 4) == "▁▃▆█")
        #expect(sparkline([1, .nan, 3], width: 10) == "▁ █")
        #expect(sparkline([2, 2], width: 10) == "▁▁")
        #expect(sparkline([.nan, .infinity], width: 10) == "  ")
        #expect(sparkline([1e308, -1e308, 1e308, 1e308], width: 2) == "▁█")
        #expect(sparkline([], width: 10).isEmpty)
        #expect(sparkline([1, 2], width: -1).isEmpty)
    }

    private func expectText(_ found: String, _ golden: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(found == golden, "found:\n\(found)\nexpected:\n\(golden)", sourceLocation: sourceLocation)
    }
}

extension Substring {
    /// What stands after each occurrence of `separator`.
    fileprivate func components(after separator: String) -> [Substring] {
        self.ranges(of: separator).map { self[$0.upperBound...] }
    }
}
