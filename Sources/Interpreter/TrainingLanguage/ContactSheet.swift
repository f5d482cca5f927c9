import Datasets
import Figures
import Graphs
import Language
import Tensors
import Training

/// The figure of `show(jitter, on: image)`: a row with the images as they are, then for each step a row after it and rows
/// with the ends of its ranges.
struct ContactSheet {
    /// Images side by side.
    static let columns = 6

    private let arguments: Arguments
    private let augmentation: AugmentationValue
    /// One that is changed in several ways, or several.
    private let images: [Tensor]

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        guard let augmentation = try arguments.machine.augmentation(arguments[0], at: arguments.span(0)) else {
            throw arguments.wrong(0, expected: "an augmentation where there is 'on:'")
        }
        self.augmentation = augmentation
        images = try Self.images(arguments)
    }

    private static func images(_ arguments: Arguments) throws -> [Tensor] {
        let machine = arguments.machine
        switch arguments[1] {
        case .object(let object as DatasetValue):
            let data = object.dataset.normalized(by: nil)
            let shape = try image(Shape(data.sampleShape), arguments)
            return try (0..<min(columns, data.size)).map { index in
                let sample = try machine.located(arguments.span(1)) { try data.sample(index) }
                return try Tensor(sample.values.map(Double.init), shape: shape, elementType: .float32)
            }
        case .record(let record):
            guard case .tensor(let node)? = record["x"], let tensor = node.value else { break }
            _ = try image(tensor.shape, arguments)
            return [tensor]
        case .tensor(let node):
            _ = try image(node.shape, arguments)
            guard let tensor = node.value else { return [] }
            return [tensor]
        case .unknown: return []
        default: break
        }
        throw arguments.wrong(1, expected: "an image [height, width, channels], data.train[0] or data.train[0..<6]")
    }

    private static func image(_ shape: Shape, _ arguments: Arguments) throws -> Shape {
        guard shape.rank == 3, shape.count > 0 else {
            throw Diagnostic(
                "an augmentation is shown on images", at: arguments.span(1), expected: "[height, width, channels]",
                found: "\(shape)")
        }
        return shape
    }

    func show() throws -> Value {
        guard !images.isEmpty else { return .none }
        let drawn = try (0..<Self.columns).map { try run(on: images[$0 % images.count], sample: $0) }
        if drawn[0].trace.mixing != nil, images.count < 2 {
            throw AugmentationApplication.mixesBatches(augmentation.name, at: arguments.span(1))
        }
        if arguments.machine.isChecking { return .none }
        var panels = row(images.enumerated().map { panel($1, $0 == 0 ? "as it is" : "") })
        for (index, step) in drawn[0].steps.enumerated() {
            panels += row(
                drawn.enumerated().map { place, one in
                    panel(one.steps[index].output.value, place == 0 ? "\(index + 1). \(step.text)" : "")
                })
            for start in stride(from: 0, to: step.ranges.count, by: Self.columns / 2) {
                let part = step.ranges.dropFirst(start).prefix(Self.columns / 2)
                panels += row(try part.flatMap { try ends(of: $0, step: index, drawn[0].trace.ranges[$0]) })
            }
        }
        if drawn[0].trace.mixing != nil { panels += row(mixed(drawn)) }
        return arguments.show(
            Figure(title: augmentation.preview(), panelColumns: Self.columns, panels: panels.map { $0 ?? blank }))
    }

    private func run(
        on image: Tensor, sample: Int, choice: AugmentationTrace.Choice = .random
    ) throws -> (steps: [AugmentationApplication.Step], trace: AugmentationTrace) {
        let machine = arguments.machine
        let key = try machine.builder.scalar(AugmentationTrace.key(epoch: 0, sample: sample))
        let trace = AugmentationTrace(
            builder: machine.builder, key: key, seed: machine.session.random.seed, choice: choice)
        let node = machine.builder.constant(try image.converted(to: .float32))
        let application = AugmentationApplication(machine, trace, image: node)
        _ = try application.apply(augmentation, to: node, at: arguments.span(0))
        return (application.steps, trace)
    }

    /// What both ends of a range give, all else in its middle; nothing where they are the same.
    private func ends(of draw: Int, step: Int, _ range: ClosedRange<Double>) throws -> [Figure.Panel?] {
        guard range.lowerBound < range.upperBound else { return [] }
        return try [(false, range.lowerBound), (true, range.upperBound)].map { isHigh, end in
            let result = try run(on: images[0], sample: 0, choice: .extreme(draw: draw, isHigh: isHigh))
            return panel(
                result.steps[step].output.value, (isHigh ? "highest " : "lowest ") + shortNumberText(end, digits: 3))
        }
    }

    /// Each image mixed with the one before it, as `BatchMixing` does.
    private func mixed(
        _ drawn: [(steps: [AugmentationApplication.Step], trace: AugmentationTrace)]
    ) -> [Figure.Panel?] {
        let last = images.enumerated().map { index, image in drawn[index].steps.last?.output.value ?? image }
        return images.indices.map { index in
            let share = drawn[index].trace.mixing?.value?[flat: 0] ?? 1
            let other = last[(index + last.count - 1) % last.count].doubles
            let numbers = zip(last[index].doubles, other).map { share * $0 + (1 - share) * $1 }
            let tensor = try? Tensor(numbers, shape: last[index].shape)
            return panel(tensor, "mixed \(shortNumberText(share, digits: 2))")
        }
    }

    private func panel(_ image: Tensor?, _ title: String) -> Figure.Panel? {
        guard let image, image.shape.rank == 3 else { return nil }
        return .image(
            Raster(
                width: image.shape[1], height: image.shape[0], channels: image.shape[2], values: image.doubles),
            title: title)
    }

    private var blank: Figure.Panel {
        .image(Raster(width: 1, height: 1, pixels: [Color(red: 255, green: 255, blue: 255)]), title: "")
    }

    /// Panels filled up to whole rows.
    private func row(_ panels: [Figure.Panel?]) -> [Figure.Panel?] {
        let missing = (Self.columns - panels.count % Self.columns) % Self.columns
        return panels + [Figure.Panel?](repeating: nil, count: missing)
    }
}
