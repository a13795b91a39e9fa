/// A whole answer as a client gets it.
package struct HTTPResponse: Sendable {
    package let status: Int
    package let headers: HTTPFields
    /// De-chunked; empty when the parts were handed out as they came.
    package let body: [UInt8]
    package let trailers: HTTPFields

    package func header(_ name: String) -> String? { headers.first(name) }

    package var text: String { String(decoding: body, as: UTF8.self) }
}

/// A request as a client sends it. `Host`, and `Content-Length` where there is a body, are added.
package struct HTTPClientRequest: Sendable {
    package var method: String
    /// Path and query, percent-encoded.
    package var target: String
    package var headers: HTTPHeaders
    package var body: [UInt8]

    package init(_ method: String, _ target: String, headers: HTTPHeaders = .none, body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    func write(_ output: inout ByteQueue, host: String) {
        output.append(method)
        output.append(" ")
        output.append(target)
        output.append(" HTTP/1.1\r\nHost: ")
        output.append(host)
        output.append("\r\n")
        if !body.isEmpty || method == "POST" || method == "PUT" || method == "PATCH" {
            output.append("Content-Length: ")
            output.append(decimal: body.count)
            output.append("\r\n")
        }
        output.append(headers.bytes)
        output.append("\r\n")
        output.append(body)
    }
}
