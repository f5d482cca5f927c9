extension Figure {
    public func terminal(columns: Int, rows: Int, color: Bool) -> String { "no data" }
    public func svg(width: Double = 960, height: Double = 600) -> String { "" }
    public func png(width: Int = 960, height: Int = 600) throws -> [UInt8] {
        throw FigureError(message: "not yet drawn")
    }
}
public func sparkline(_ values: [Double], width: Int) -> String { "" }
