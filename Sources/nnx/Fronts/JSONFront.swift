import Notebook

/// Shows every event as a JSON object on a line of its own on standard output.
final class JSONFront: NotebookFront {
    func show(_ event: NotebookEvent) { StandardOutput.write(event.json.text + "\n") }
}
