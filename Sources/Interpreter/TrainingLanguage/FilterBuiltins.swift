import Datasets
import Figures
import Graphs
import Language
import Networks
import Tensors
import Training

/// `filters` and `feature_maps`: what convolutions hold and what they give, as images.
enum FilterBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "filters", ["layer", "channel:", "shared: false", "count: 64", "columns:"],
            "Draws the kernels of a convolution as images, 0 in the middle of the scale: in colour where the input has 3 "
                + "channels, in gray where it has 1, and else the mean over the channels or the one that channel names. "
                + "Each kernel has its own scale up to its largest size; shared: true takes one for all.",
            example: "filters(initialize(conv(6, 5), input: [28, 28, 1]).conv1)"
        ) { arguments in
            let channel = arguments.has(1) ? try arguments.integer(1) : nil
            let isShared = try arguments.flag(2, default: false)
            let count = try arguments.positive(3, default: 64)
            let columns = try arguments.positive(4)
            let (name, type) = try kernel(arguments)
            if let channel, !(0..<type[2]).contains(channel) {
                throw arguments.wrong(1, expected: "a channel of \(name), 0...\(type[2] - 1)")
            }
            guard let tensor = try kernelNumbers(arguments, name: name) else { return .unknown }
            let images = KernelImages(tensor, channel: channel, isShared: isShared)
            let shown = min(count, images.count)
            var title = "\(name): \(images.count) kernels \(extents(Array(tensor.shape.dimensions.dropLast())))"
            if let channel {
                title += ", channel \(channel)"
            } else if images.isMean {
                title += ", mean of the channels"
            }
            if shown < images.count { title += ", the first \(shown)" }
            return arguments.show(
                Figure(
                    panels: [
                        .images(
                            ImageGrid(
                                title: title, tiles: (0..<shown).map { images.tile($0, captioned: shown <= 16) },
                                columns: columns, scale: images.scale))
                    ]))
        },
        Builtin(
            "feature_maps", ["net", "image", "layer:", "count: 64", "columns:"],
            "Draws what layers give for an image, a map for each of their channels, dark for the lowest value of the layer "
                + "and bright for its highest. net is a net, or one of its layers such as net.conv1; layer is a selector "
                + "such as \"conv*\", and without one up to six convolutions from the first to the last are shown.",
            example: "feature_maps(initialize(conv(6, 5), input: [28, 28, 1]), ones([28, 28, 1]))"
        ) { arguments in
            let machine = arguments.machine
            let layer = arguments[0].layer
            let network = try layer?.network ?? arguments.network(0)
            let image = try arguments.image(1)
            let count = try arguments.positive(3, default: 64)
            let columns = try arguments.positive(4)
            let shape = image.shape.removing(axis: 0)
            try arguments.require(shape, of: network, at: 1)
            let paths = try spatialLayers(of: network, layer: layer, shape, arguments)
            guard let tensor = image.value, !machine.isChecking else { return .unknown }
            let outputs = try LayerOutputs(
                arguments.definition(network), weights: arguments.weights(of: network, for: shape), sampleShape: shape,
                batch: 1, layers: { paths.contains($0.path) }, pool: machine.builder.pool)
            let panels = zip(outputs.layers, try outputs(tensor)).map { record, output in
                Figure.Panel.images(maps(of: output, path: record.path, count: count, columns: columns))
            }
            return arguments.show(
                Figure(title: panels.count > 1 ? "feature maps of \(network.name)" : "", panels: panels))
        },
    ]

    // MARK: Kernels

    /// Name and shape of the kernel that an argument stands for.
    private static func kernel(_ arguments: Arguments) throws -> (name: String, shape: Shape) {
        if case .tensor(let node) = arguments[0] {
            guard node.shape.rank == 4 else {
                throw arguments.wrong(0, expected: "kernels [height, width, channels, filters]")
            }
            return ("kernels", node.shape)
        }
        guard let layer = arguments[0].layer else {
            guard case .object(let object) = arguments[0], object is NetworkValue || object is RunValue else {
                throw arguments.wrong(0, expected: "a convolution of a net, such as net.conv1")
            }
            let network = try arguments.network(0)
            let names = (network.weights?.entries ?? []).filter { $0.tensor.shape.rank == 4 }.map {
                $0.name.split(separator: ".").dropLast().joined(separator: ".")
            }
            throw Diagnostic(
                "filters are those of one layer, and this is \(network.typeName.withArticle)", at: arguments.span(0),
                expected: names.isEmpty
                    ? "a convolution of a net, such as net.conv1" : "one of \(WeightMismatch.list(names))",
                found: network.name, hint: names.first.map { "filters(net.\($0)), filters(net[\"\($0)\"])" })
        }
        let shapes = try layer.weightShapes(arguments.machine)
        guard let kernel = shapes.first(where: { $0.shape.rank == 4 }) else {
            throw Diagnostic(
                "\(layer.record.path) has no kernels that could be shown", at: arguments.span(0),
                expected: "a convolution, with a weight [height, width, channels, filters]",
                found: shapes.isEmpty
                    ? "a layer without weights" : shapes.map { "\($0.name) \($0.shape)" }.joined(separator: ", "),
                hint: "histogram(net[\"…\"]) shows the numbers of any weight")
        }
        return (layer.record.path, kernel.shape)
    }

    private static func kernelNumbers(_ arguments: Arguments, name: String) throws -> Tensor? {
        if case .tensor(let node) = arguments[0] { return arguments.machine.isChecking ? nil : node.value }
        guard let layer = arguments[0].layer, let weights = layer.network.weights else { return nil }
        return weights.entries.first { entry in
            entry.tensor.shape.rank == 4 && entry.name.hasPrefix(name + ".")
                && !entry.name.dropFirst(name.count + 1).contains(".")
        }?.tensor
    }

    // MARK: Feature maps

    /// Paths of the layers that are to be shown: their outputs have positions.
    private static func spatialLayers(
        of network: NetworkValue, layer: LayerValue?, _ shape: Shape, _ arguments: Arguments
    ) throws -> Set<String> {
        let records = try NetworkSummary(
            arguments.definition(network), sampleShape: shape, pool: arguments.machine.builder.pool
        ).layers
        let chosen: [LayerRecord]
        if let layer {
            chosen = records.filter { $0.path == layer.record.path }
        } else if arguments.has(2) {
            chosen = try arguments.layers(2, among: records)
        } else {
            let spatial = records.filter { !$0.isBlock && $0.outputShape.rank == 4 }
            let convolutions = spatial.filter { $0.multiplyAdds > 0 }
            let all = convolutions.isEmpty ? spatial : convolutions
            let shown = min(all.count, mostPanels)
            chosen = (0..<shown).map { all[shown > 1 ? $0 * (all.count - 1) / (shown - 1) : 0] }
        }
        let spatial = chosen.filter { $0.outputShape.rank == 4 }
        guard !spatial.isEmpty else {
            throw Diagnostic(
                layer == nil && !arguments.has(2)
                    ? "\(network.name) has no layer whose output has positions"
                    : "there is no map to show of this layer",
                at: arguments.span(layer == nil && arguments.has(2) ? 2 : 0),
                expected: "an output of the shape [batch, height, width, channels]",
                found: chosen.first.map { "\($0.path) gives \($0.outputShape.namingBatch)" },
                hint: "activations(net, data) describes the outputs of any layer")
        }
        guard spatial.count <= mostSelected else {
            throw Diagnostic(
                "\(spatial.count) layers are too many for one figure", at: arguments.span(2),
                expected: "at most \(mostSelected)", hint: "a narrower selector, such as \"conv1\"")
        }
        return Set(spatial.map(\.path))
    }

    private static let mostPanels = 6
    private static let mostSelected = 36

    private static func maps(of output: Tensor, path: String, count: Int, columns: Int?) -> ImageGrid {
        let (height, width, channels) = (output.shape[1], output.shape[2], output.shape[3])
        let numbers = output.doubles
        let shown = min(count, channels)
        let range = numbers.filter(\.isFinite)
        let (low, high) = (range.min() ?? 0, range.max() ?? 0)
        let tiles = (0..<shown).map { channel in
            let values = (0..<height * width).map { numbers[$0 * channels + channel] }
            return ImageGrid.Tile(
                Raster(
                    width: width, height: height, channels: 1, values: values, limits: low...high, colors: .viridis),
                caption: shown <= 16 && shown > 1 ? "\(channel)" : "")
        }
        var title = "\(path): \(extents([height, width, channels]))"
        if shown < channels { title += ", the first \(shown)" }
        return ImageGrid(title: title, tiles: tiles, columns: columns, scale: ColorScale(low...high, colors: .viridis))
    }
}

/// Kernels `[height, width, channels, filters]` as images, 0 in the middle of the scale.
private struct KernelImages {
    private let numbers: [Double]
    private let height: Int
    private let width: Int
    private let channels: Int
    let count: Int
    /// Nil for all three as colours, the only one, or the mean.
    private let channel: Int?
    /// The value at the ends of a common scale; nil where each has its own.
    private var limit: Double?

    var isMean: Bool { channel == nil && channels != 1 && channels != 3 }

    init(_ kernels: Tensor, channel: Int?, isShared: Bool) {
        numbers = kernels.doubles
        (height, width, channels, count) = (kernels.shape[0], kernels.shape[1], kernels.shape[2], kernels.shape[3])
        self.channel = channel
        if isShared { limit = (0..<count).map { Self.size(values($0)) }.max() ?? 0 }
    }

    private static func size(_ values: [Double]) -> Double {
        values.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
    }

    /// What is shown of a kernel: `[height, width]`, or `[height, width, 3]`.
    private func values(_ filter: Int) -> [Double] {
        func value(_ position: Int, _ channel: Int) -> Double {
            numbers[(position * channels + channel) * count + filter]
        }
        let positions = 0..<height * width
        if let channel { return positions.map { value($0, channel) } }
        if !isMean { return positions.flatMap { position in (0..<channels).map { value(position, $0) } } }
        return positions.map { position in (0..<channels).reduce(0) { $0 + value(position, $1) } / Double(channels) }
    }

    func tile(_ filter: Int, captioned: Bool) -> ImageGrid.Tile {
        let values = values(filter)
        let size = max(limit ?? Self.size(values), .leastNormalMagnitude)
        return ImageGrid.Tile(
            Raster(
                width: width, height: height, channels: values.count == height * width ? 1 : 3, values: values,
                limits: -size...size),
            caption: captioned ? "\(filter)" : "")
    }

    var scale: ColorScale {
        guard let limit, limit > 0 else { return ColorScale(names: ["−max", "0", "max"], colors: .gray) }
        return ColorScale(-limit...limit, colors: .gray)
    }
}

extension Value {
    /// A layer of a net whose input shape is known.
    var layer: LayerValue? {
        switch self {
        case .object(let object): object as? LayerValue
        case .cell(let cell): cell.value.layer
        default: nil
        }
    }
}

extension LayerValue {
    /// The layer's own weights.
    func weightShapes(_ machine: Machine) throws -> [(name: String, shape: Shape)] {
        let prefix = record.path + "."
        return try network.trace(for: sampleShape, machine).specifications.compactMap { weight in
            guard weight.name.hasPrefix(prefix) else { return nil }
            let name = String(weight.name.dropFirst(prefix.count))
            return name.contains(".") ? nil : (name, weight.shape)
        }
    }
}

extension Arguments {
    /// A whole number over 0; nil where it is left out.
    func positive(_ index: Int) throws -> Int? { has(index) ? try positive(index, default: 1) : nil }

    /// A whole number over 0.
    func positive(_ index: Int, default fallback: Int) throws -> Int {
        let number = try integer(index, default: fallback)
        guard number > 0 else { throw wrong(index, expected: "a whole number over 0") }
        return number
    }

    /// The layers that a selector names, blocks only where nothing else is named.
    func layers(_ index: Int, among records: [LayerRecord]) throws -> [LayerRecord] {
        let selector = try machine.selector(self[index], at: span(index))
        let chosen = records.filter { selector.matches($0.path) }
        guard !chosen.isEmpty else {
            let paths = records.map(\.path)
            let near = closestName(to: selector.description, among: paths)
            throw Diagnostic(
                "\"\(selector)\" selects none of the net's layers", at: span(index),
                expected: "one of \(WeightMismatch.list(paths))",
                hint: near.map { "did you mean '\($0)'?" }
                    ?? "* stands for any characters of a component, ** for any components")
        }
        let leaves = chosen.filter { !$0.isBlock }
        return leaves.isEmpty ? chosen : leaves
    }

    /// One image as a batch of one: `[height, width, channels]`, `[height, width]`, a batch of one, or a sample.
    func image(_ index: Int) throws -> Node {
        var value = self[index]
        if case .record(let record) = value, let x = record["x"] { value = x }
        if case .object(let object) = value, object is DatasetValue || object is DatasetPairValue {
            throw wrong(index, expected: "one image", hint: "data.test[0] is a sample of it")
        }
        guard let node = try machine.node(value, at: span(index)) else {
            throw wrong(index, expected: "an image: a tensor [height, width, channels]")
        }
        let extents = node.shape.dimensions
        let shape: [Int]
        switch extents.count {
        case 2: shape = [1] + extents + [1]
        case 3: shape = [1] + extents
        case 4 where extents[0] == 1: shape = extents
        case 4:
            throw wrong(
                index, expected: "one image: a tensor [height, width, channels]",
                hint: "this is a batch of \(extents[0]): x[0] is its first image")
        default:
            throw Diagnostic(
                "this is no image", at: span(index), expected: "[height, width, channels]",
                found: "a tensor of shape \(node.shape)",
                hint: "activations(net, data) describes what layers give for other data")
        }
        return shape == extents ? node : try machine.reshaped(node, to: Shape(shape), at: span(index))
    }
}
