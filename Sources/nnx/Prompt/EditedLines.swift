import CLibEdit
import Notebook

/// Lines that a person types at a terminal, edited by libedit.
final class EditedLines: LineSource {
    private let editor: OpaquePointer
    private let engine: any NotebookEngine
    private let front: TextFront
    private let style = TerminalStyle.detect(isTerminal: StandardOutput.isTerminal)
    private var history: History?
    /// The lines of the cell before the one that is being edited, for completion.
    private var pending = ""

    /// Opens the editor and reads the history; `nil` where the terminal cannot be edited on.
    init?(engine: any NotebookEngine, front: TextFront) {
        guard let editor = nnx_editor_open() else { return nil }
        self.editor = editor
        self.engine = engine
        self.front = front
        history = History.standardPath.map(History.init(path:))
        history?.entries.forEach { nnx_editor_add_history(editor, $0) }
        // The editor is closed in deinit, so it never calls back into an object that is gone.
        nnx_editor_set_completion(
            editor,
            { editor, text, cursor, context in
                guard let editor, let text, let context else { return }
                Unmanaged<EditedLines>.fromOpaque(context).takeUnretainedValue()
                    .complete(editor, String(cString: text), cursor)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { nnx_editor_close(editor) }

    /// Prints a line of the prompt's own, faintly.
    func tell(_ text: String) {
        StandardOutput.write(style.render(text.trimmingWhitespace(), 2) + "\n")
    }

    func read(number: Int, pending: String) -> LineInput {
        self.pending = pending
        let first = "[\(number)]>"
        let label = pending.isEmpty ? first : "..>".leftPadded(to: first.count)
        var line: UnsafePointer<CChar>?
        switch nnx_editor_read(editor, promptText(label), &line) {
        case nnx_read_line:
            return .line(line.map { String(cString: $0) } ?? "")
        case nnx_read_interrupted:
            StandardOutput.write("^C\n")
            return .interrupted
        default:
            StandardOutput.write("\n")
            return .end
        }
    }

    /// A cell is run when its last line is entered; a `|>` must stand at the end of a line or inside of brackets.
    func nextContinues() -> Bool { false }

    func remember(_ entry: String) {
        nnx_editor_add_history(editor, entry)
        do {
            try history?.add(entry)
        } catch {
            front.show(.diagnostic(error))
        }
    }

    /// The prompt with its colour between the marks that tell the editor what takes no room.
    private func promptText(_ label: String) -> String {
        style.usesColor ? "\u{1}\u{1B}[1;34m\u{1}\(label)\u{1}\u{1B}[0m\u{1} " : label + " "
    }

    private func complete(_ editor: OpaquePointer, _ text: String, _ cursor: Int) {
        let completion = Completion(input: text, cursor: cursor, pending: pending, engine: engine)
        if completion.alternatives.isEmpty {
            nnx_editor_replace_before_cursor(editor, cursor - completion.replaceFrom, completion.replacement)
        } else {
            nnx_editor_show_below(editor, columnLayout(completion.alternatives, width: windowSize().columns))
        }
    }
}
