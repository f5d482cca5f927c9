import Graphs
import Language
import Networks
import Tensors

/// A layer or block within a net whose input shape is known: `net.conv1`, `net["stage1.conv2"]`.
final class LayerValue: ObjectValue {
    let network: NetworkValue
    let record: LayerRecord
    let sampleShape: Shape

    init(_ network: NetworkValue, _ record: LayerRecord, sampleShape: Shape) {
        self.network = network
        self.record = record
        self.sampleShape = sampleShape
    }

    var typeName: String { "layer" }
    func preview() -> String { "layer \(record.path) of \(network.name), output \(record.outputShape.namingBatch)" }

    var fieldNames: [String] { ["name", "output", "parameters"] + weightNames }

    private var weightNames: [String] {
        (network.weights?.entries ?? []).map(\.name).filter { $0.hasPrefix(record.path + ".") }
            .map { String($0.dropFirst(record.path.count + 1)) }
    }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        switch name {
        case "name": return .string(record.path)
        case "output": return .list(record.outputShape.dimensions.dropFirst().map { .number(Double($0)) })
        case "parameters":
            let inside = (network.weights?.entries ?? []).filter {
                $0.isTrainable && $0.name.hasPrefix(record.path + ".")
            }
            return .number(Double(inside.reduce(0) { $0 + $1.tensor.count }))
        default:
            let path = "\(record.path).\(name)"
            if let tensor = network.weights?[path] { return Value(machine.builder.constant(tensor)) }
            if let layer = try network.layer(named: path, machine) { return layer }
            return machine.isChecking && network.weights == nil ? .unknown : nil
        }
    }

    func element(_ subscripts: [SubscriptValue], _ machine: Machine) throws -> Value? {
        guard subscripts.count == 1, case .index(.string(let name), let span) = subscripts[0] else { return nil }
        guard let value = try field(name, machine) else {
            throw machine.unknownField(name, of: .object(self), at: span)
        }
        return value
    }

    /// How the extents of the layer's output follow from those of its input: what `why` prints.
    func sizes(_ machine: Machine) throws -> String {
        let traced = try network.trace(for: sampleShape, machine)
        let own = nodes(of: record.path, from: traced.output)
        let inside = Set(own.map(\.id))
        let inputs = own.flatMap(\.inputs).filter { !inside.contains($0.id) && $0.name.map(isData) ?? true }
            .filter { $0.isSymbolic }
        var lines = ["\(record.path) of \(network.name)"]
        if let input = inputs.min(by: { $0.id < $1.id }) { lines.append("input: \(input.shape.namingBatch)") }
        for node in own.sorted(by: { $0.id < $1.id }) where node.scope == record.path {
            lines += SizeArithmetic.lines(of: node)
        }
        lines.append("output: \(record.outputShape.namingBatch)")
        let weights = traced.specifications.filter { $0.name.hasPrefix(record.path + ".") && $0.isTrainable }
        if !weights.isEmpty {
            let parts = weights.map {
                $0.shape.dimensions.map(String.init).joined(separator: "*") + " for "
                    + $0.name.dropFirst(record.path.count + 1)
            }
            lines.append(
                "parameters: \(parts.joined(separator: " + ")) = \(grouped(weights.reduce(0) { $0 + $1.shape.count }))")
        }
        return lines.joined(separator: "\n")
    }

    /// A placeholder that is the net's input and no weight.
    private func isData(_ name: String) -> Bool { name == "x" }

    private func nodes(of path: String, from output: Node) -> [Node] {
        var (seen, found, pending) = (Set<Int>(), [Node](), [output])
        while let node = pending.popLast() {
            guard seen.insert(node.id).inserted else { continue }
            pending += node.inputs
            guard let scope = node.scope, node.name == nil, node.isSymbolic else { continue }
            if scope == path || scope.hasPrefix(path + ".") { found.append(node) }
        }
        return found
    }
}

/// The arithmetic of an operation's output size, in words.
enum SizeArithmetic {
    static func lines(of node: Node) -> [String] {
        switch node.operation.name {
        case "conv2d":
            let (image, kernel) = (node.inputs[0].shape, node.inputs[1].shape)
            return windows(node, image: image, window: [kernel[0], kernel[1]], fallback: [1, 1])
                + ["channels: \(kernel[3]), one for each filter"]
        case "max_pool2d", "avg_pool2d":
            guard let window = node.attributes.perAxis("window", count: 2) else { return [] }
            return windows(node, image: node.inputs[0].shape, window: window, fallback: window)
        case "matmul":
            return ["units: the \(node.inputs[1].shape) matrix gives \(node.shape.dimensions.last ?? 1)"]
        case "reshape":
            let sizes = node.inputs[0].shape.dimensions.dropFirst()
            guard node.shape.rank == 2, sizes.count > 1 else { return [] }
            return ["features: " + sizes.map(String.init).joined(separator: " * ") + " = \(node.shape[1])"]
        default: return []
        }
    }

    /// `height: (28 + 2 + 2 - 1*(5 - 1) - 1) / 1 + 1 = 28`
    private static func windows(_ node: Node, image: Shape, window: [Int], fallback: [Int]) -> [String] {
        let size = [image[1], image[2]]
        guard
            let windows = try? ImageWindows(
                node.attributes, image: size, window: window, stride: fallback, for: node.operation.name)
        else { return [] }
        return ["height", "width"].enumerated().map { axis, name in
            let (before, after) = (windows.pads[2 * axis], windows.pads[2 * axis + 1])
            let (stride, dilation) = (windows.stride[axis], windows.dilation[axis])
            let room = size[axis] + before + after - dilation * (window[axis] - 1) - 1
            let fraction = "(\(size[axis]) + \(before) + \(after) - \(dilation)*(\(window[axis]) - 1) - 1) / \(stride)"
            let rounded = room % stride == 0 ? fraction : "floor(\(fraction))"
            return "\(name): \(rounded) + 1 = \(windows.extents[axis])"
        }
    }
}
