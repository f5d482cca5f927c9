import Figures
import Files
import Language
import Notebook

/// Writes each figure to a folder, as NAME-1.svg and NAME-1.png, NAME-2.svg …, and passes all events on.
final class FigureFiles: NotebookFront {
    private let folder: String
    /// The script's name without its ending.
    private let name: String
    private let front: any NotebookFront
    private var count = 0
    /// Whether a figure could not be written.
    private(set) var hasFailed = false

    init(folder: String, script: String, beside front: any NotebookFront) {
        self.folder = folder
        let file = script.split(separator: "/").last.map(String.init) ?? script
        name = file.hasSuffix(".nnx") ? String(file.dropLast(4)) : file
        self.front = front
    }

    func show(_ event: NotebookEvent) {
        if case .figure(let figure) = event { write(figure) }
        front.show(event)
    }

    private func write(_ figure: Figure) {
        count += 1
        let path = "\(folder)/\(name)-\(count)"
        do {
            try writeAtomically(Array(figure.svg().utf8), to: path + ".svg")
            try writeAtomically(figure.png(), to: path + ".png")
        } catch {
            hasFailed = true
            front.show(.diagnostic(Diagnostic("figure \(count) was not saved: \(error)")))
        }
    }
}
