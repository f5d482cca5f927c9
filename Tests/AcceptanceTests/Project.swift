import Foundation

/// The source tree and what the machine has.
enum Project {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func path(_ relative: String) -> String { root.appendingPathComponent(relative).path }

    /// Whether Fashion-MNIST is installed where the tests' clean environment finds it.
    static let hasFashionMNIST: Bool = {
        let own = ProcessInfo.processInfo.environment["NNX_DATA"].map { [$0, $0 + "/fashion-mnist"] } ?? []
        return (own + ["/usr/share/datasets/fashion-mnist"]).contains {
            FileManager.default.fileExists(atPath: $0 + "/train-images-idx3-ubyte.gz")
        }
    }()
}
