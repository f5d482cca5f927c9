/// The passes that turn a graph into one that computes the same with less work, in order.
enum PlanPasses {
    static func apply(_ roots: PlanRoots, _ builder: GraphBuilder) throws -> PlanRoots {
        try CommonSubexpressions.apply(roots, builder)
    }
}
