import Files
import Language

// What the prompt's commands answer.
extension NotebookSession {
    /// The help text of `topic`. Throws a `Diagnostic` with the nearest known topic.
    public func helpText(_ topic: String) throws(Diagnostic) -> String {
        if let text = engine.help(topic) { return text.hasSuffix("\n") ? text : text + "\n" }
        let known = engine.completions(in: "", cursor: 0).candidates
        let nearest = closestName(to: topic, among: known)
        throw Diagnostic("no help on '\(topic)'", hint: nearest.map { "did you mean '\($0)'?" })
    }

    /// Shows the help text of `topic`, or that there is none.
    @discardableResult
    public func help(on topic: String) -> CellReport.Status {
        do {
            front.show(.output(try helpText(topic)))
            return .succeeded
        } catch {
            front.show(.diagnostic(error))
            return .failed
        }
    }

    /// The names in use and their values in short, cut to `width` columns.
    public func namesText(width: Int) -> String {
        let names = engine.names()
        if names.isEmpty { return "no names yet\n" }
        let longest = min(names.map(\.name.count).max() ?? 0, width / 2)
        return names.map { name, summary in
            let line = "\(name.padded(to: longest))  \(summary)"
            return (line.count > width ? line.prefix(width - 1) + "…" : line[...]) + "\n"
        }.joined()
    }

    /// The times of the last cell and of the session, and which are shown.
    public func timeText(display: PromptCommand.TimeDisplay) -> String {
        let last = lastReport.map { "last cell \(durationText(seconds: $0.seconds)), " } ?? ""
        let shortest = durationText(seconds: PromptCommand.TimeDisplay.shortestShownSeconds)
        let shown =
            switch display {
            case .off: "no times are shown"
            case .on: "shown for cells of \(shortest) and more"
            case .all: "shown for every cell"
            }
        return "\(last)all cells \(durationText(seconds: totalSeconds)); \(shown)\n"
    }

    /// Writes the cells that succeeded to a script, each behind a `# %%`. Throws a `Diagnostic`.
    public func save(to path: String) throws(Diagnostic) {
        let text = succeededCells.map { "# %%\n\($0)\n" }.joined(separator: "\n")
        do { try writeAtomically(Array(text.utf8), to: path) } catch { throw Diagnostic(error) }
    }
}
