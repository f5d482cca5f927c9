import Figures
import Language

/// `panels`, which puts figures side by side.
enum PanelBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "panels", ["draw", "columns:", "title:"],
            "One figure of all that the block draws: panels row by row, columns of them side by side.",
            example: "type(panels(columns: 2) { plot([1, 2]); plot([2, 1]) })   # -> \"figure\"",
            acceptsUnknown: true
        ) { arguments in
            let block = try arguments.function(0)
            let columns = arguments.has(1) ? try arguments.integer(1) : nil
            if let columns, columns < 1 { throw arguments.wrong(1, expected: "a whole number over 0") }
            let title = arguments.has(2) ? try arguments.text(2) : ""
            let session = arguments.machine.session
            let outer = session.collectedFigures
            session.collectedFigures = []
            defer { session.collectedFigures = outer }
            _ = try arguments.call(block)
            if arguments.machine.isChecking { return .none }
            let panels = (session.collectedFigures ?? []).flatMap(\.panels)
            guard !panels.isEmpty else {
                throw Diagnostic(
                    "nothing is drawn in this block", at: arguments.span,
                    hint: "panels(columns: 2) { plot(sin, x in 0...6); plot(cos, x in 0...6) }")
            }
            session.collectedFigures = outer
            return arguments.show(Figure(title: title, panelColumns: columns, panels: panels))
        }
    ]
}
