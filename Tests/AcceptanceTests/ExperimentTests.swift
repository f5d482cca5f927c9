import Foundation
import ProgramHarness
import Testing

/// The scripts of `experiments/`, by the built program, from a folder that is not the project's.
@Suite("Experiments", .serialized)
struct ExperimentTests {
    /// An experiment and how it is run within a test's time.
    struct Experiment: CustomTestStringConvertible, Sendable {
        var name: String
        var arguments: [String] = []

        var path: String { Project.path("experiments/\(name).nnx") }
        var testDescription: String { name }
    }

    /// Those that end with status 0 in seconds.
    static let quick = [
        Experiment(name: "01_gradient_descent"), Experiment(name: "02_optimizer_race"),
        Experiment(name: "03_regularized_least_squares"), Experiment(name: "04_decision_boundaries"),
        Experiment(name: "05_convolution_arithmetic"),
        Experiment(name: "08_architectures"),
    ]
    static let fashion = Experiment(name: "06_fashion_lenet")
    /// Those that take the images of clothes and end with status 0 in seconds.
    static let withFashion = [Experiment(name: "07_declare_your_own"), Experiment(name: "10_transfer")]

    @Test("runs from any folder", arguments: quick)
    func runs(experiment: Experiment) throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let outcome = try program.run(["run", experiment.path] + experiment.arguments)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(!outcome.errors.contains("error"))
    }

    @Test("runs with the images of clothes", .enabled(if: Project.hasFashionMNIST), arguments: withFashion)
    func runsWithFashion(experiment: Experiment) throws { try runs(experiment: experiment) }

    /// One epoch of six: already better than chance by far, not yet what the script expects of five.
    @Test("LeNet learns in an epoch, and a failed expectation is exit status 1", .enabled(if: Project.hasFashionMNIST))
    func lenet() throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let outcome = try program.run(["run", Self.fashion.path, "--set", "epochs=1", "--json"])
        let events = try outcome.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        let last = try #require(events.last { $0["kind"] as? String == "epoch" })
        let accuracy = try #require(last["val_accuracy"] as? Double)
        #expect(accuracy > 0.75)
        if accuracy > 0.88 {
            #expect(outcome.status == 0)
        } else {
            #expect(outcome.status == 1)
            #expect((outcome.output + outcome.errors).contains("expectation failed: run.test_accuracy > 0.88"))
        }
    }

    @Test("an experiment is checked without a false alarm", arguments: quick + withFashion + [fashion])
    func checks(experiment: Experiment) throws {
        let needsData = ([Self.fashion] + Self.withFashion).contains { $0.name == experiment.name }
        guard !needsData || Project.hasFashionMNIST else { return }
        let program = try BuiltProgram()
        defer { program.remove() }
        let outcome = try program.run(["check", experiment.path])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(!outcome.output.contains("epoch"))
    }

    @Test("no experiment is left out")
    func everyExperiment() throws {
        let found = try FileManager.default.contentsOfDirectory(atPath: Project.path("experiments"))
            .filter { $0.hasSuffix(".nnx") }.map { String($0.dropLast(4)) }
        #expect(Set(found).subtracting((Self.quick + Self.withFashion + [Self.fashion]).map(\.name)).isEmpty)
        #expect(found.count >= 7)
    }

    /// What the demonstration's data needs; without it the message says how to get it.
    @Test("without the data the message says how to install it")
    func absentData() throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let outcome = try program.run(
            ["-e", "fashion_mnist().train.size"], environment: ["NNX_DATA": program.folder])
        guard !Project.hasFashionMNIST else {
            #expect(outcome.output == "60000\n" || outcome.output == "60_000\n", "\(outcome.errors)")
            return
        }
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("apt-get install dataset-fashion-mnist"))
    }
}
