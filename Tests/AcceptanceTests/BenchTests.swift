import Foundation
import ProgramHarness
import Testing

/// `nnx bench` and `--profile`, as a script that compares programs uses them.
@Suite("Measuring")
struct BenchTests {
    struct Line: Decodable {
        let workload: String
        let step: Double
        let images: Double?
        let least: Double
        let memory: Double
        let gflops: Double

        enum CodingKeys: String, CodingKey {
            case workload, gflops
            case step = "step_s"
            case images = "images_s"
            case least = "min_s"
            case memory = "rss_mb"
        }
    }

    private func lines(_ arguments: [String]) throws -> [Line] {
        let program = try BuiltProgram()
        defer { program.remove() }
        let outcome = try program.run(["bench"] + arguments + ["--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try outcome.output.split(separator: "\n").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
    }

    @Test("a line of JSON holds the time of a step and the peak of memory", arguments: [[], ["--inference"]])
    func json(arguments: [String]) throws {
        let found = try lines(["tiny_mlp", "--steps", "5", "--threads", "2"] + arguments)
        let line = try #require(found.first)
        #expect(found.count == 1)
        #expect(line.workload == "tiny_mlp")
        #expect(line.least > 0 && line.step >= line.least && line.memory > 1 && line.gflops > 0)
        #expect(abs((line.images ?? 0) * line.step - 32) < 1e-6)
    }

    @Test("a workload is trained with another batch, or made by an expression")
    func expression() throws {
        let line = try #require(try lines(["mlp(width: 8, depth: 2)", "--steps", "2", "--batch", "16"]).first)
        #expect(abs((line.images ?? 0) * line.step - 16) < 1e-6)
    }

    @Test("every kernel is timed")
    func kernels() throws {
        let found = try lines(["kernels", "--steps", "1"])
        #expect(found.contains { $0.workload == "matmul_1024" } && found.contains { $0.workload == "sum_16m" })
        #expect(found.allSatisfy { $0.step > 0 && $0.images == nil })
        // Only products are arithmetic that is counted.
        let products = found.filter { $0.workload.hasPrefix("matmul") || $0.workload.hasPrefix("conv") }
        #expect(products.count > 2 && products.allSatisfy { $0.gflops > 0 })
    }

    @Test("the peak of the machine is measured")
    func machine() throws {
        struct Speed: Decodable {
            let gflops: Double
            let bandwidth: Double

            enum CodingKeys: String, CodingKey {
                case gflops
                case bandwidth = "gigabytes_per_second"
            }
        }
        let program = try BuiltProgram()
        defer { program.remove() }
        let outcome = try program.run(["bench", "machine", "--json", "--threads", "1"])
        let speed = try JSONDecoder().decode(Speed.self, from: Data(outcome.output.utf8))
        #expect(speed.gflops > 0 && speed.bandwidth > 0)
    }

    @Test("the choice of kernels is shown")
    func explain() throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let outcome = try program.run(["bench", "lenet", "--steps", "1", "--explain"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let steps = outcome.output.split(separator: "\n")
        #expect(steps.contains { $0.contains("conv1") && $0.contains("backward") && $0.contains("convolution") })
        #expect(steps.contains { $0.contains("update") && $0.contains("elementwise") })
    }

    @Test("what cannot be measured is said")
    func mistakes() throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let unknown = try program.run(["bench", "lenett"])
        #expect(unknown.status == 1)
        #expect(unknown.errors.contains("there is no workload 'lenett'"))
        for arguments in [["bench"], ["bench", "lenet", "--steps", "0"], ["bench", "lenet", "--json", "--explain"]] {
            #expect(try program.run(arguments).status == 2)
        }
    }

    @Test("a profile names the layers, their times and the lines of the script")
    func profile() throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let script = """
            net Small {
                dense(4); tanh
                dense(2)
            }
            let run = fit Small() on moons(n: 64).train { epochs: 2 }
            """
        _ = try program.write(script, to: "small.nnx")
        let outcome = try program.run(["run", "small.nnx", "--profile"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let rows = outcome.output.split(separator: "\n")
        #expect(rows.contains { $0.hasPrefix("dense1") && $0.hasSuffix("small.nnx:2") }, "\(outcome.output)")
        #expect(rows.contains { $0.hasPrefix("dense2") && $0.hasSuffix("small.nnx:3") })
        #expect(rows.contains { $0.hasPrefix("update") } && rows.contains { $0.contains("ms a step over 4 steps") })
    }
}
