import Figures
import Testing

@Suite struct SVGTests {
    @Test func everyFigureIsWellFormed() throws {
        for figure in Samples.all {
            let elements = try XMLElements(of: figure.svg(width: 480, height: 320))
            #expect(elements.names.first == "svg")
            #expect(!elements.numbers.contains { $0 == "nan" || $0 == "inf" })
        }
    }

    @Test func holdsTheExpectedElements() throws {
        let svg = Samples.parabola.svg(width: 800, height: 500)
        let elements = try XMLElements(of: svg)
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"500\""))
        #expect(svg.contains("<title>square</title>"))
        #expect(svg.contains(">x²</text>"))
        #expect(svg.contains("stroke=\"#0072B2\""))
        #expect(svg.contains("stroke=\"#D55E00\""))
        // The path's start; its end lies outside of the map.
        #expect(elements.names.count { $0 == "circle" } == 1)
        #expect(elements.names.contains("polyline"))
    }

    @Test func namesVariantsUnderTheAxis() throws {
        let svg = Samples.variants.svg(width: 800, height: 500)
        #expect(svg.contains(">plain</text>") && svg.contains(">augmented</text>"))
        #expect(!svg.contains(">0.5</text>") && !svg.contains(">1.5</text>"))
        let elements = try XMLElements(of: svg)
        #expect(elements.names.count { $0 == "polygon" } == 2)
        #expect(svg.components(before: "fill=\"#0072B2\"") == 1 && svg.components(before: "fill=\"#D55E00\"") == 1)
    }

    @Test func escapesTexts() {
        let svg = Samples.confusion.svg()
        #expect(svg.contains(">ant &amp; bee</text>"))
        let wild = Figure(Plot(title: "a < b & \"c\" > d\u{1}\n", series: [.line(x: [0, 1], y: [0, 1])])).svg()
        #expect(wild.contains("<title>a &lt; b &amp; &quot;c&quot; &gt; d  </title>"))
    }

    @Test func aGapSplitsTheLine() throws {
        let whole = Figure(Plot(series: [.line(x: [0, 1, 2, 3, 4], y: [0, 1, 2, 3, 4])]))
        let split = Figure(Plot(series: [.line(x: [0, 1, 2, 3, 4], y: [0, 1, .nan, 3, 4])]))
        func lines(_ figure: Figure) -> Int { figure.svg().components(before: "stroke=\"#0072B2\"") }
        #expect(lines(whole) == 1)
        #expect(lines(split) == 2)
    }

    @Test func sizesThatMakeNoSenseAreMended() throws {
        for size in [-5, 0, Double.nan, .infinity, 1e300] {
            #expect(try XMLElements(of: Samples.parabola.svg(width: size, height: size)).names.count > 5)
        }
    }

    @Test func saysWhenThereIsNoData() {
        #expect(Figure(panels: []).svg().contains(">no data</text>"))
        #expect(Figure(Plot()).svg().contains(">no data</text>"))
    }
}

extension String {
    /// How often `text` occurs.
    fileprivate func components(before text: String) -> Int { ranges(of: text).count }
}
