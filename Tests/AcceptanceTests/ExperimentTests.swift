import Foundation
import ProgramHarness
import Testing

/// The scripts of `experiments/`, by the built program, from a folder that is not the project's.
@Suite("Experiments", .serialized)
struct ExperimentTests {
    /// A script of the folder.
    struct Experiment: CustomTestStringConvertible, Sendable {
        var name: String

        var path: String { Project.path("experiments/\(name).nnx") }
        var source: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        var testDescription: String { name }
        /// Whether it can run on this machine.
        var hasItsData: Bool { Project.hasFashionMNIST || !source.contains("fashion_mnist") }
    }

    static let all: [Experiment] = {
        let files = try? FileManager.default.contentsOfDirectory(atPath: Project.path("experiments"))
        return (files ?? []).filter { $0.hasSuffix(".nnx") }.sorted().map { Experiment(name: String($0.dropLast(4))) }
    }()
    /// Takes a minute; a test of its own runs a part of it.
    static let fashion = Experiment(name: "06_fashion_lenet")

    /// How the longer ones are run within a test's time.
    static let quickForms: [String: [String]] = [
        "09_regularizing": ["--set", "epochs=4", "--set", "seeds=1"],
        "30_plain_and_residual": ["--set", "epochs=3"],
    ]
    /// The acceptance scripts that show numbers and tables only.
    static let withoutFigure = [
        "05_convolution_arithmetic", "07_declare_your_own", "08_architectures", "10_transfer",
    ]

    @Test("runs from any folder and draws", arguments: all.filter { $0.name != fashion.name && $0.hasItsData })
    func runs(experiment: Experiment) throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let outcome = try program.run(
            ["run", experiment.path, "--quiet", "--figures", "figures"] + (Self.quickForms[experiment.name] ?? []))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(!outcome.errors.contains("error"))
        let figures = try? FileManager.default.contentsOfDirectory(atPath: program.folder + "/figures")
        if !Self.withoutFigure.contains(experiment.name) {
            #expect(figures?.contains("\(experiment.name)-1.svg") == true)
        }
    }

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

    @Test("an experiment is checked without a false alarm", arguments: all.filter(\.hasItsData))
    func checks(experiment: Experiment) throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let outcome = try program.run(["check", experiment.path])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(!outcome.output.contains("epoch"))
    }

    @Test("experiments are found, and what is said of one is said of one that is there")
    func everyExperiment() throws {
        let names = Self.all.map(\.name)
        #expect(names.count >= 18)
        for name in Self.quickForms.keys + Self.withoutFigure { #expect(names.contains(name), "\(name)") }
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
