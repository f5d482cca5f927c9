/// Where buffers lie in one arena: buffers whose lifetimes do not meet may share memory.
struct ArenaLayout {
    struct Buffer {
        var bytes: Int
        /// First and last step that uses it.
        var lifetime: ClosedRange<Int>
    }

    private static let alignment = 64

    /// Bytes from the start of the arena, one for each buffer.
    private(set) var offsets: [Int]
    /// Bytes of the arena; `Int.max` where that does not fit.
    private(set) var byteCount = 0

    /// Largest buffers first, each into the smallest gap between those that live at the same time.
    init(_ buffers: [Buffer]) {
        offsets = [Int](repeating: 0, count: buffers.count)
        let order = buffers.indices.sorted { (buffers[$0].bytes, $1) > (buffers[$1].bytes, $0) }
        var placed: [(offset: Int, end: Int, lifetime: ClosedRange<Int>)] = []  // by offset
        for index in order {
            let (padded, overflow) = buffers[index].bytes.addingReportingOverflow(Self.alignment - 1)
            guard !overflow, padded < Int.max / 4 else {
                byteCount = Int.max
                return
            }
            let bytes = max(padded / Self.alignment * Self.alignment, Self.alignment)
            var best: (offset: Int, gap: Int)?
            var end = 0
            for other in placed where other.lifetime.overlaps(buffers[index].lifetime) {
                let gap = other.offset - end
                if gap >= bytes, gap < best?.gap ?? Int.max { best = (end, gap) }
                end = max(end, other.end)
            }
            let offset = best?.offset ?? end
            offsets[index] = offset
            guard offset < Int.max / 4 else {
                byteCount = Int.max
                return
            }
            byteCount = max(byteCount, offset + bytes)
            let position = placed.partitioningIndex { $0.offset >= offset }
            placed.insert((offset, offset + bytes, buffers[index].lifetime), at: position)
        }
    }
}

extension Array {
    /// The first place for which `isAfter` holds, in an array where it holds from some place on.
    fileprivate func partitioningIndex(_ isAfter: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
