/// A flow of boxes along arrows, with parts that are repeated, branches side by side and ways past them.
public struct Diagram: Sendable, Hashable {
    /// One step of the flow.
    public struct Box: Sendable, Hashable {
        /// In bold.
        public var name: String
        /// Behind the name.
        public var detail: String
        /// At the right, small.
        public var note: String
        /// Which colour of the palette it takes: things of one kind have one.
        public var kind: Int
        /// Small steps that follow without an arrow, such as what is done to each number.
        public var strips: [String]
        /// On the arrow that leaves it.
        public var output: String

        public init(
            name: String, detail: String = "", note: String = "", kind: Int = 0, strips: [String] = [],
            output: String = ""
        ) {
            self.name = name
            self.detail = detail
            self.note = note
            self.kind = kind
            self.strips = strips
            self.output = output
        }
    }

    /// A part of the flow.
    public indirect enum Element: Sendable, Hashable {
        case box(Box)
        /// A part with a frame and a name; `times` says how often it stands there one after the other.
        case group(name: String, times: Int, [Element], output: String)
        /// Ways from the same point that meet again in a sign such as "+"; an empty way passes by the others.
        case branches([[Element]], join: String, output: String)

        /// On the arrow that leaves it.
        public var output: String {
            switch self {
            case .box(let box): box.output
            case .group(_, _, _, let output), .branches(_, _, let output): output
            }
        }
    }

    public var title: String
    /// Below the title.
    public var subtitle: String
    /// What goes in at the beginning.
    public var input: String
    public var elements: [Element]

    /// Makes a diagram.
    public init(title: String = "", subtitle: String = "", input: String = "", elements: [Element]) {
        self.title = title
        self.subtitle = subtitle
        self.input = input
        self.elements = elements
    }
}
