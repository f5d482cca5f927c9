import Figures
import Foundation
import Interpreter
import Language
import Testing

/// The augmentations of the library against other programs, formulas and counts.
@Suite("Augmentations")
struct AugmentationTests {
    /// What Tests/Reference/augmentations.py wrote.
    struct Reference: Decodable {
        struct Case: Decodable, Sendable, CustomTestStringConvertible {
            let call: String
            let values: [Double]
            var testDescription: String { call }
        }

        let shape: [Int]
        let image: [Double]
        let cases: [Case]

        static func read() throws -> Reference { try ReferenceRuns.read("augmentations") }
    }

    /// torchvision's weights of grey sum to 0.9999, hence the tolerance.
    @Test("an augmentation gives the numbers of PyTorch and torchvision", arguments: try Reference.read().cases)
    func reference(one: Reference.Case) throws {
        let reference = try Reference.read()
        try NetworkScripts.run(
            """
            use augment
            let image = reshape(\(reference.image), \(reference.shape))
            expect close(image |> \(one.call), reshape(\(one.values), \(reference.shape)), tol: 3e-4)
            """)
    }

    @Test("a crop of a ramp is a ramp of its share of the slope, inside of the image")
    func crop() throws {
        try NetworkScripts.run(
            """
            use augment
            let ramp = reshape(0..<40, [1, 40, 1]) * ones([40, 1, 1])
            fn slopes(y) = (y[:, 1..<40, :] - y[:, 0..<39, :])[20, 8..<30, :]
            for i in 1...20 {
                let y = ramp |> crop(25 %...100 %, ratio: 1.3333)
                expect max(slopes(y)) - min(slopes(y)) < 1e-4
                expect mean(slopes(y)) > 0.42 and mean(slopes(y)) < 1.00001
                expect min(y) >= 0 and max(y) < 39.0001
            }
            expect close(ramp |> crop(100 %, ratio: 1), ramp, tol: 1e-5)
            """)
    }

    @Test("noise has its deviation and stays between 0 and 1")
    func noise() throws {
        try NetworkScripts.run(
            """
            use augment
            let y = (0.5 * ones([100, 100, 1])) |> gaussian_noise(0.05)
            expect abs(mean(y) - 0.5) < 0.002
            expect abs(std(y) - 0.05) < 0.001
            let white = ones([50, 50, 1]) |> gaussian_noise(0.5)
            expect max(white) == 1 and min(white) >= 0 and mean(white) < 0.9
            """)
    }

    @Test("cutout fills a square that may stick out")
    func cutout() throws {
        try NetworkScripts.run(
            """
            use augment
            fn hole(y) {
                expect sum(equal(y, 1)) + sum(equal(y, 0.25)) == 128
                expect sum(equal(y[:, :, 0], y[:, :, 1])) == 64
                sum(equal(y, 0.25)) / 2
            }
            let counts = map(1...30, i -> hole(ones([8, 8, 2]) |> cutout(4 px, fill: 0.25)))
            expect max(counts) == 16 and min(counts) >= 4
            """)
    }

    @Test("p is how often an augmentation is applied")
    func probability() throws {
        try NetworkScripts.run(
            """
            augment negative(p: 0.5) { 1 - x }
            augment twice { negative(p: 0.25); negative(p: 1) }
            let black = zeros([1, 1, 1])
            fn share(f) = mean(map(1...400, i -> sum(f(black))))
            expect abs(share(image -> image |> negative) - 0.5) < 0.1
            expect abs(share(image -> image |> twice) - 0.75) < 0.1
            expect share(image -> image |> negative(p: 0)) == 0
            expect share(image -> image |> negative(p: 1)) == 1
            """)
    }

    @Test("a body knows the running image and its sizes, a setting x stands before the image")
    func body() throws {
        try NetworkScripts.run(
            """
            augment sizes { here + height; here * width; here + channels }
            expect close(zeros([2, 3, 4]) |> sizes, 10 * ones([2, 3, 4]))
            augment plus(x) { here + x }
            expect close(ones([2, 3, 4]) |> plus(0.5), 1.5 * ones([2, 3, 4]))
            augment halved = x / 2
            fn brighter(image) = image + 1
            augment steps { halved; brighter; if channels == 1 { halved } }
            expect close(ones([2, 3, 1]) |> steps, 0.75 * ones([2, 3, 1]))
            augment between(low, high) { 0 * x + uniform(low...high) }
            let values = map(1...50, i -> mean(ones([1, 1, 1]) |> between(2, 3)))
            expect min(values) >= 2 and max(values) < 3 and max(values) - min(values) > 0.5
            """)
    }

    @Test("units: pixels and shares of the extent, degrees, percent")
    func units() throws {
        try NetworkScripts.run(
            """
            expect interval(10 %, around: 1) == 0.9...1.1
            expect interval(5...10 deg, unit: "deg") == 5...10
            expect interval(25 %, around: 0, unit: "px", of: 8) == -2...2
            expect interval(10...50 %, unit: "px", of: 8) == 0.8...4
            expect interval(-1...2 px, unit: "px", of: 8) == -1...2
            """)
    }

    /// A set of 20 images of 6 × 6 pixels.
    private func images(_ script: String) throws -> [String] {
        let folder = try DamagedFiles()
        defer { folder.remove() }
        let recorder = EventRecorder()
        let session = try Interpreter(configuration: MessageScripts.configuration(folder.path), host: recorder)
        let head = """
            use augment
            let data = mnist("digits")
            net Small { flatten; dense(10) }
            augment jitter { shift(x: 1 px, y: 1 px); rotate(15 deg); gaussian_noise(0.05); flip(horizontal) }

            """
        let result = try session.run(SourceFile(name: "augment.nnx", text: head + script), mode: .script)
        #expect(result.failedExpectations == 0, "\(recorder.text)")
        return recorder.text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("(") }
    }

    @Test("a run with augmentations can be had again, cut and resumed; each kind changes it")
    func training() throws {
        let found = try images(
            """
            fn train(augment, epochs) = fit Small() on data.train { augment: augment, epochs: epochs, batch: 8, seed: 2 }
            let whole = train(jitter, 4)
            let resumed = resume train(jitter, 1) { epochs: 3 }
            print(fingerprint(whole.net))
            print(fingerprint(resumed.net))
            print(fingerprint(train(jitter, 4).net))
            print(fingerprint(train(none, 4).net))
            print(fingerprint(train([jitter], 4).net))
            print(fingerprint(train(mixup(0.4), 4).net))
            print(fingerprint((resume train(mixup(0.4), 1) { epochs: 3 }).net))
            expect whole.history.loss == resumed.history.loss
            expect whole.train_accuracy == evaluate(whole.net, data.train).accuracy
            """)
        try #require(found.count == 7)
        #expect(found[1] == found[0])
        #expect(found[2] == found[0])
        #expect(found[3] != found[0])
        #expect(found[4] == found[0])
        #expect(found[5] != found[3])
        #expect(found[6] == found[5])
    }

    @Test("what is evaluated is never changed")
    func evaluation() throws {
        _ = try images(
            """
            augment nothing { 0 * x }
            let run = fit Small() on data.train { augment: nothing, validate: data.test, epochs: 1, batch: 20, seed: 1 }
            expect sum(abs(run.net["dense1.W"] - initialize(Small(), input: [6, 6, 1], seed: 1)["dense1.W"])) == 0
            expect close(run.history.val_loss[0], evaluate(run.net, data.test).loss, tol: 1e-6)
            expect abs(run.history.loss[0] - log(10)) < 1e-5
            expect abs(run.history.val_loss[0] - log(10)) > 1e-3
            """)
    }

    @Test("the contact sheet has the image, each step, and the ends of each range")
    func contactSheet() throws {
        let folder = try DamagedFiles()
        defer { folder.remove() }
        let session = try Interpreter(
            configuration: MessageScripts.configuration(folder.path), host: EventRecorder())
        func panels(_ text: String) throws -> [(title: String, isBlank: Bool)] {
            let result = try session.run(SourceFile(name: "[1]", text: text), mode: .cell)
            return (result.figure?.panels ?? []).map { panel in
                guard case .image(let raster, let title) = panel else { return ("", true) }
                return (title, raster.width == 1)
            }
        }
        let sheet = try panels(
            """
            use augment
            augment jitter { rotate(10...20 deg); flip(horizontal); gaussian_noise(0.05) }
            let data = mnist("digits")
            show(jitter, on: data.train[0])
            """)
        #expect(sheet.count == 30)
        #expect(sheet[0].title == "as it is")
        #expect(sheet[1].isBlank)
        #expect(sheet[6].title == "1. rotate(angle: 10...20 deg, fill: 0)")
        #expect(sheet[12].title == "lowest 10")
        #expect(sheet[13].title == "highest 20")
        #expect(sheet[14].isBlank)
        #expect(sheet[18].title == "2. flip(direction: \"horizontal\", p: 0.5)")
        #expect(sheet[24].title == "3. gaussian_noise(deviation: 0.05, p: 1)")
        #expect(try panels("augment negative { 1 - x }; show(negative, on: ones([4, 4, 1]))").count == 12)
        let mixed = try panels("show(mixup(2), on: data.train[0..<4])")
        #expect(mixed.count == 18)
        #expect(mixed[12].title.hasPrefix("mixed 0."))
    }

    @Test("show prints the declaration with the numbers in use")
    func shown() throws {
        let said = try NetworkScripts.run("use augment\nshow rotate(5 deg)")
        #expect(said.hasPrefix("augment rotate(angle: 5 deg, fill: 0) {"))
        let own = try NetworkScripts.run("augment invert(p: 0.5) { 1 - x }\nshow(invert(p: 0.25))")
        #expect(own == "augment invert(p: 0.25) { 1 - x }\n")
    }
}
