package import TandemTransport

extension HTTPClientRequest {
    /// What a client asks a node's API.
    ///
    /// - Parameters:
    ///   - body: JSON
    ///   - key: under which the node knows it when it is asked again
    ///   - headers: beside those that follow from the others
    package init(
        _ method: String, _ path: String, token: String?, body: String? = nil, key: String? = nil,
        headers: HTTPHeaders = .none
    ) {
        var headers = headers
        if let token { headers.add("Authorization", "Bearer \(token)") }
        if body != nil { headers.add("Content-Type", "application/json") }
        if let key { headers.add("Idempotency-Key", key) }
        self.init(method, path, headers: headers, body: Array((body ?? "").utf8))
    }
}
