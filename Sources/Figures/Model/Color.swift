/// A colour in sRGB, one byte a component.
public struct Color: Sendable, Hashable {
    public var red: UInt8
    public var green: UInt8
    public var blue: UInt8

    /// Makes a colour from sRGB components 0...255.
    public init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    init(hex: UInt32) {
        self.init(
            red: UInt8(truncatingIfNeeded: hex >> 16), green: UInt8(truncatingIfNeeded: hex >> 8),
            blue: UInt8(truncatingIfNeeded: hex))
    }

    /// The colours of series 0, 1, 2, …: Okabe and Ito's eight for colour-blind readers ("Color Universal Design", 2008)
    /// with yellow darkened to be seen on white, then two from Tol's muted scheme so that ten series stay apart.
    public static let palette: [Color] = [
        Color(hex: 0x0072B2), Color(hex: 0xD55E00), Color(hex: 0x009E73), Color(hex: 0xCC79A7), Color(hex: 0xE69F00),
        Color(hex: 0x56B4E9), Color(hex: 0x882255), Color(hex: 0xB8A800), Color(hex: 0x332288), Color(hex: 0x666666),
    ]

    /// The palette's colour for series number `index`; the palette repeats after its end.
    public static func series(_ index: Int) -> Color {
        let count = palette.count
        return palette[((index % count) + count) % count]
    }

    static let black = Color(hex: 0x000000)
    static let white = Color(hex: 0xFFFFFF)
    /// Text and axes: dark grey, softer than black beside coloured lines.
    static let ink = Color(hex: 0x222222)
    static let gridLine = Color(hex: 0xE2E2E2)

    /// This colour mixed with `other`: share 0 is this colour, 1 the other.
    func mixed(with other: Color, share: Double) -> Color {
        func mix(_ from: UInt8, _ to: UInt8) -> UInt8 {
            UInt8((Double(from) + (Double(to) - Double(from)) * share).rounded())
        }
        return Color(red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
    }

    /// Brightness as the eye weighs it (Rec. 709), 0 for black and 1 for white.
    var luminance: Double {
        (0.2126 * Double(red) + 0.7152 * Double(green) + 0.0722 * Double(blue)) / 255
    }
}

/// How a number between two limits becomes a colour.
public enum ColorMap: Sendable, Hashable {
    /// Dark blue to yellow with even steps of brightness (matplotlib's default map).
    case viridis
    /// Black to white.
    case gray
    /// Blue for low, white in the middle, red for high: for values with a sign.
    case diverging

    /// The colour at `position`, 0 for the low limit and 1 for the high one; positions outside are moved to the nearer end.
    public func color(at position: Double) -> Color {
        let anchors = self.anchors
        let scaled = min(max(position, 0), 1) * Double(anchors.count - 1)
        let lower = min(Int(scaled), anchors.count - 2)
        return anchors[lower].mixed(with: anchors[lower + 1], share: scaled - Double(lower))
    }

    private var anchors: [Color] {
        switch self {
        case .viridis: Self.viridisAnchors
        case .gray: [.black, .white]
        case .diverging: Self.divergingAnchors
        }
    }

    private static let viridisAnchors: [Color] = [
        0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21918C, 0x28AE80, 0x5EC962, 0xADDC30, 0xFDE725,
    ].map { Color(hex: $0) }

    private static let divergingAnchors: [Color] = [0x2166AC, 0x92C5DE, 0xF7F7F7, 0xF4A582, 0xB2182B]
        .map { Color(hex: $0) }
}
