package import TandemTransport

/// Finds the route of a request: a tree over the parts of the path.
package struct RouteTable: Sendable {
    package enum Match: Sendable {
        case found(Route, [String])
        /// The path is known, the method is not; `Allow` lists those that are.
        case otherMethods([String])
        case nothing
    }

    private struct Branch: Sendable {
        var literals: [String: Int] = [:]
        /// Where the part is an identifier.
        var identifier: Int?
        var routes: [Route.Method: Int] = [:]
    }

    package let routes: [Route]
    private var branches = [Branch()]

    package init(_ routes: [Route]) {
        self.routes = routes
        for (index, route) in routes.enumerated() { insert(route, index) }
    }

    private mutating func insert(_ route: Route, _ index: Int) {
        var place = 0
        for part in route.path.split(separator: "/") {
            if part.hasPrefix("{") {
                place = branches[place].identifier ?? append { $0[place].identifier = $1 }
            } else {
                place = branches[place].literals[String(part)] ?? append { $0[place].literals[String(part)] = $1 }
            }
        }
        precondition(branches[place].routes.updateValue(index, forKey: route.method) == nil, "a route is made once")
    }

    private mutating func append(_ link: (inout [Branch], Int) -> Void) -> Int {
        branches.append(Branch())
        link(&branches, branches.count - 1)
        return branches.count - 1
    }

    /// A literal part is preferred to an identifier; an empty part fits neither.
    package func match(_ method: HTTPMethod, _ parts: [String]) -> Match {
        var place = 0
        var identifiers: [String] = []
        for part in parts {
            if let next = branches[place].literals[part] {
                place = next
            } else if !part.isEmpty, let next = branches[place].identifier {
                identifiers.append(part)
                place = next
            } else {
                return .nothing
            }
        }
        let here = branches[place].routes
        guard !here.isEmpty else { return .nothing }
        if let wanted = Self.method(method), let index = here[wanted] { return .found(routes[index], identifiers) }
        let allowed = Route.Method.allCases.filter { here[$0] != nil }.flatMap {
            $0 == .get ? ["GET", "HEAD"] : [$0.rawValue]
        }
        return .otherMethods(allowed + ["OPTIONS"])
    }

    private static func method(_ method: HTTPMethod) -> Route.Method? {
        switch method {
        case .get, .head: .get
        case .post: .post
        case .put: .put
        case .delete: .delete
        case .patch, .options, .trace, .other: nil
        }
    }
}
