import Graphs
import Tensors

/// A net as a flow: layers one after the other, blocks with what is inside of them, branches that part and meet again,
/// with repetitions folded. It follows from what each layer takes its input from, not from the names of blocks.
public struct NetworkDiagram {
    /// What a layer does, by its operations.
    public enum Role: Int, Sendable, CaseIterable {
        case convolution, dense, pooling, elementwise, reshaping, block
    }

    /// A layer, or several of a kind one after the other.
    public struct Layer {
        public var name: String
        /// The declaration's name.
        public var kind: String
        /// "3×3, 64, /2": window, filters, stride.
        public var detail: String
        public var role: Role
        /// Numbers in its weights and those of what is attached.
        public var parameters: Int
        /// Elementwise layers behind it, such as normalisation and activation.
        public var attached: [String] = []
        /// With the batch axis.
        public var output: Shape
    }

    public indirect enum Part {
        case layer(Layer)
        /// `times` says how often it stands there one after the other; without a name it is a run of layers.
        case block(name: String, kind: String, times: Int, [Part], output: Shape)
        /// The longest way first; an empty one passes by the others. `join` names the operation, and what is attached.
        case branches([[Part]], join: String, output: Shape)

        public var output: Shape {
            switch self {
            case .layer(let layer): layer.output
            case .block(_, _, _, _, let output), .branches(_, _, let output): output
            }
        }
    }

    public let name: String
    public let sampleShape: Shape
    public let parameters: Int
    public let parts: [Part]

    /// Traces `definition` for samples of `sampleShape`; allocates no weight.
    ///
    /// - Parameter depth: how many levels of blocks are opened; nil opens all.
    /// - Throws: what the net's body refuses.
    public init(_ definition: any NetworkDefinition, sampleShape: Shape, depth: Int? = nil, builder: GraphBuilder)
        throws
    {
        // As in training, so that dropout is there; two samples, for the statistics of a batch.
        let traced = try TracedNetwork(
            definition, sampleShape: sampleShape, batch: 2, isTraining: true, builder: builder)
        name = traced.name
        self.sampleShape = sampleShape
        parameters = traced.parameterCount
        parts = DiagramBuilder(traced, depth: depth).parts
    }
}

/// Finds the flow in a traced net.
private struct DiagramBuilder {
    typealias Part = NetworkDiagram.Part

    /// Something that stands in a scope: a layer or block of it, or an operation of its own.
    private struct Unit {
        var nodes: [Node] = []
        /// Path of the layer or block; nil for an operation.
        var path: String?
        /// Units whose outputs it takes; `Self.outside` is the scope's input.
        var inputs: [Int] = []
    }

    private static let outside = -1

    private let records: [String: LayerRecord]
    private let depth: Int?
    /// What depends on the input, in the order in which it was made.
    private let nodes: [Node]
    private let isData: Set<Int>
    private let output: Node
    /// Parameters of the layer or block at a path and of all inside of it.
    private let parameters: [String: Int]

    init(_ traced: TracedNetwork, depth: Int?) {
        self.depth = depth
        output = traced.output
        records = Dictionary(traced.trace.layers.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var parameters: [String: Int] = [:]
        for record in traced.trace.layers {
            var path = Substring(record.path)
            while true {
                parameters[String(path), default: 0] += record.parameters
                guard let dot = path.lastIndex(of: ".") else { break }
                path = path[..<dot]
            }
        }
        self.parameters = parameters
        var data: Set<Int> = [traced.input.id]
        var found: [Node] = []
        for node in PlanRoots(outputs: [traced.output]).nodes
        where node.inputs.contains(where: { data.contains($0.id) }) {
            data.insert(node.id)
            found.append(node)
        }
        (nodes, isData) = (found, data)
    }

    var parts: [Part] { parts(in: "", level: 0) }

    // MARK: One scope

    private func parts(in scope: String, level: Int) -> [Part] {
        var units: [Unit] = []
        var unitOfNode: [Int: Int] = [:]
        var unitOfChild: [String: Int] = [:]
        /// Nodes of the scope's own that only pass on what they take.
        var passedOn: [Int: Node] = [:]
        for node in nodes {
            let place = node.scope ?? ""
            if place == scope {
                let inputs = node.inputs.filter { isData.contains($0.id) }
                if inputs.count == 1, Self.passes(node) {
                    passedOn[node.id] = inputs[0]
                } else {
                    unitOfNode[node.id] = units.count
                    units.append(Unit(nodes: [node]))
                }
            } else if let child = Self.child(of: scope, at: place) {
                let index = unitOfChild[child] ?? units.count
                if index == units.count {
                    units.append(Unit(path: child))
                    unitOfChild[child] = index
                }
                unitOfNode[node.id] = index
                units[index].nodes.append(node)
            }
        }
        func unit(of node: Node) -> Int {
            var node = node
            while let before = passedOn[node.id] { node = before }
            return unitOfNode[node.id] ?? Self.outside
        }
        for index in units.indices {
            var inputs: [Int] = []
            for node in units[index].nodes {
                for input in node.inputs where isData.contains(input.id) {
                    let source = unit(of: input)
                    if source < index, !inputs.contains(source) { inputs.append(source) }
                }
            }
            units[index].inputs = inputs
        }
        // The last of the scope's own nodes is its output, or what its last child gives.
        let last = scope.isEmpty ? output : nodes.last { unitOfNode[$0.id] != nil || passedOn[$0.id] != nil }
        guard let last else { return [] }
        var flow = Flow(units: units.map(\.inputs))
        let places = flow.ways(from: Self.outside, to: unit(of: last))
        return folded(parts(of: places, units, level: level))
    }

    /// The name of the layer or block of `scope` that a node at `place` belongs to, as a path.
    private static func child(of scope: String, at place: String) -> String? {
        let rest: Substring
        if scope.isEmpty {
            rest = place[...]
        } else {
            guard place.hasPrefix(scope + ".") else { return nil }
            rest = place.dropFirst(scope.count + 1)
        }
        let name = rest.prefix { $0 != "." }
        return name.isEmpty ? nil : (scope.isEmpty ? "" : scope + ".") + name
    }

    private static func passes(_ node: Node) -> Bool {
        if case .alias = node.operation.kernel { return true }
        return ["broadcast", "convert"].contains(node.operation.name)
    }

    // MARK: Units as parts

    private func parts(of steps: [Flow.Step], _ units: [Unit], level: Int) -> [Part] {
        var parts: [Part] = []
        for step in steps {
            let unit = units[step.unit]
            if !step.ways.isEmpty {
                let ways = step.ways.map { self.parts(of: $0, units, level: level) }
                let isOperation = unit.path == nil
                parts.append(
                    .branches(
                        ways.map(folded), join: isOperation ? Self.sign(of: unit.nodes[0]) : "",
                        output: isOperation ? unit.nodes[0].shape : ways[0].last?.output ?? unit.nodes[0].shape))
                if isOperation { continue }
            }
            append(unit, to: &parts, level: level)
        }
        return parts
    }

    private func append(_ unit: Unit, to parts: inout [Part], level: Int) {
        guard let path = unit.path, let record = records[path] else {
            let node = unit.nodes[0]
            let input = node.inputs.first { isData.contains($0.id) }
            attach(
                NetworkDiagram.Layer(
                    name: node.operation.name, kind: node.operation.name, detail: "",
                    role: input?.shape == node.shape ? .elementwise : .pooling, parameters: 0, output: node.shape),
                to: &parts)
            return
        }
        let name = String(path.split(separator: ".").last ?? "")
        if record.isBlock, depth.map({ level < $0 }) ?? true {
            let inside = self.parts(in: path, level: level + 1)
            guard !inside.isEmpty else { return }
            parts.append(.block(name: name, kind: record.kind, times: 1, inside, output: record.outputShape))
            return
        }
        let (role, detail) = record.isBlock ? (.block, "") : self.role(of: unit, output: record.outputShape)
        attach(
            NetworkDiagram.Layer(
                name: name, kind: record.kind, detail: detail, role: role, parameters: parameters[path] ?? 0,
                output: record.outputShape), to: &parts)
    }

    /// An elementwise layer goes to the one before it, others stand for themselves.
    private func attach(_ layer: NetworkDiagram.Layer, to parts: inout [Part]) {
        guard layer.role == .elementwise, let last = parts.last else {
            parts.append(.layer(layer))
            return
        }
        switch last {
        case .layer(var before):
            before.attached.append(layer.kind)
            before.parameters += layer.parameters
            parts[parts.count - 1] = .layer(before)
        case .branches(let ways, let join, let output) where layer.parameters == 0:
            parts[parts.count - 1] = .branches(ways, join: join + " " + layer.kind, output: output)
        case .block(let name, let kind, let times, let inside, let output):
            guard layer.parameters == 0, times == 1, inside.count == 1,
                case .branches(let ways, let join, let inner) = inside[0]
            else { return parts.append(.layer(layer)) }
            let joined = Part.branches(ways, join: join + " " + layer.kind, output: inner)
            parts[parts.count - 1] = .block(name: name, kind: kind, times: times, [joined], output: output)
        case .branches: parts.append(.layer(layer))
        }
    }

    private func role(of unit: Unit, output: Shape) -> (NetworkDiagram.Role, String) {
        for node in unit.nodes {
            switch node.operation.name {
            case "conv2d":
                let kernel = node.inputs[1].shape
                var detail = "\(kernel[0])×\(kernel[1]), \(kernel[3])" + Self.stride(of: node, fallback: [1, 1])
                let groups = node.attributes.integer("groups", default: 1)
                if groups > 1 { detail += ", groups \(groups)" }
                return (.convolution, detail)
            case "matmul": return (.dense, "\(output.dimensions.last ?? 1)")
            case "max_pool2d", "avg_pool2d":
                let window = node.attributes.perAxis("window", count: 2) ?? [1, 1]
                return (.pooling, "\(window[0])×\(window[1])" + Self.stride(of: node, fallback: window))
            default: continue
            }
        }
        let input = unit.nodes.lazy.flatMap(\.inputs).first { isData.contains($0.id) }
        if input?.shape == output { return (.elementwise, "") }
        let onlyMoves = unit.nodes.allSatisfy { node in
            if case .alias = node.operation.kernel { true } else { false }
        }
        return (onlyMoves ? .reshaping : .pooling, "")
    }

    private static func stride(of node: Node, fallback: [Int]) -> String {
        let stride = node.attributes.perAxis("stride", count: 2) ?? fallback
        if stride == [1, 1] { return "" }
        return stride[0] == stride[1] ? ", /\(stride[0])" : ", /\(stride[0])×\(stride[1])"
    }

    private static func sign(of node: Node) -> String {
        switch node.operation.name {
        case "add": "+"
        case "multiply": "×"
        case "subtract": "−"
        default: node.operation.name
        }
    }

    // MARK: Repetitions

    private func folded(_ parts: [Part]) -> [Part] {
        var result: [Part] = []
        var index = 0
        let patterns = parts.map(\.pattern)
        while index < parts.count {
            let (period, times) = Self.repetition(patterns[index...])
            let run = Array(parts[index..<index + period])
            let last = parts[index + period * times - 1]
            index += period * times
            guard times > 1 else {
                // A block of one part needs no frame.
                if case .block(_, _, 1, let inside, _) = run[0], inside.count == 1 {
                    result += inside
                } else {
                    result += run
                }
                continue
            }
            guard period == 1 else {
                result.append(.block(name: "", kind: "", times: times, folded(run), output: last.output))
                continue
            }
            switch run[0] {
            case .block(let name, let kind, _, let inside, _):
                let end = String(Self.name(of: last).dropFirst(kind.count))
                result.append(
                    .block(name: "\(name)…\(end)", kind: kind, times: times, inside, output: last.output))
            case .layer(var layer):
                layer.name = "\(layer.name)…\(Self.name(of: last).dropFirst(layer.kind.count))"
                layer.output = last.output
                result.append(.block(name: "", kind: "", times: times, [.layer(layer)], output: last.output))
            case .branches:
                result.append(.block(name: "", kind: "", times: times, run, output: last.output))
            }
        }
        return result
    }

    private static func name(of part: Part) -> String {
        switch part {
        case .layer(let layer): layer.name
        case .block(let name, _, _, _, _): name
        case .branches: ""
        }
    }

    /// The shortest run of parts at the beginning that is repeated, and how often it stands there.
    private static func repetition(_ patterns: ArraySlice<String>) -> (period: Int, times: Int) {
        let patterns = Array(patterns)
        var best = (period: 1, times: 1)
        for period in 1...max(1, min(8, patterns.count / 2)) {
            var times = 1
            while (times + 1) * period <= patterns.count,
                patterns[..<period] == patterns[(times * period)..<((times + 1) * period)]
            { times += 1 }
            if times > 1, period * times > best.period * best.times { best = (period, times) }
        }
        return best
    }
}

extension NetworkDiagram.Part {
    /// What makes it the same as another one: kinds and sizes, but not the extents that it works on.
    fileprivate var pattern: String {
        switch self {
        case .layer(let layer): "\(layer.kind) \(layer.detail) \(layer.attached)"
        case .block(_, let kind, let times, let inside, _):
            "\(kind) \(times){\(inside.map(\.pattern).joined(separator: ";"))}"
        case .branches(let ways, let join, _):
            "\(join)(\(ways.map { $0.map(\.pattern).joined(separator: ";") }.joined(separator: "|")))"
        }
    }
}

/// Units with the units that they take their inputs from, as ways that part and meet again.
private struct Flow {
    /// A unit, and the ways that meet in it where there are several.
    struct Step {
        let unit: Int
        let ways: [[Step]]
    }

    private let units: [[Int]]
    /// The unit that all ways to a unit come through last, -1 for the input.
    private var dominators: [Int]
    private var depths: [Int]
    private var placed = Set<Int>()

    /// - Parameter units: for each its inputs, all of which have smaller numbers; -1 is the input of all.
    init(units: [[Int]]) {
        self.units = units
        dominators = Array(repeating: -1, count: units.count)
        depths = Array(repeating: 1, count: units.count)
        for index in units.indices {
            dominators[index] = units[index].dropFirst().reduce(units[index].first ?? -1) { meet($0, $1) }
            depths[index] = (dominators[index] < 0 ? 0 : depths[dominators[index]]) + 1
        }
    }

    private func meet(_ first: Int, _ second: Int) -> Int {
        var (a, b) = (first, second)
        while a != b {
            let (depthA, depthB) = (a < 0 ? 0 : depths[a], b < 0 ? 0 : depths[b])
            if depthA >= depthB, a >= 0 { a = dominators[a] } else { b = dominators[b] }
        }
        return a
    }

    /// The steps after `start` up to and with `end`.
    mutating func ways(from start: Int, to end: Int) -> [Step] {
        var steps: [Step] = []
        var current = end
        while current != start, current >= 0, placed.insert(current).inserted {
            let inputs = units[current]
            if inputs.count <= 1 {
                steps.append(Step(unit: current, ways: []))
                current = inputs.first ?? start
            } else {
                let split = dominators[current]
                var parallel: [[Step]] = []
                for input in inputs { parallel.append(ways(from: split, to: input)) }
                // The longest way first, the others in their order.
                let longest = parallel.indices.max { (parallel[$0].count, -$0) < (parallel[$1].count, -$1) } ?? 0
                steps.append(
                    Step(unit: current, ways: [parallel[longest]] + parallel[..<longest] + parallel[(longest + 1)...]))
                current = split
            }
        }
        return steps.reversed()
    }
}
