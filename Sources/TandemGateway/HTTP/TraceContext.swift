internal import TandemTransport

/// The W3C trace context of a request: passed on in the answer and in the log; one that is malformed is left out.
package struct TraceContext: Sendable {
    /// `00-<32 hex>-<16 hex>-<2 hex>`, as it came.
    package let parent: String?

    init(_ request: HTTPRequest) {
        guard let text = request.header("traceparent"), Self.isValid(text) else {
            parent = nil
            return
        }
        parent = text
    }

    func adding(to headers: HTTPHeaders) -> HTTPHeaders {
        parent.map { headers.adding("traceparent", $0) } ?? headers
    }

    private static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].count == 2, parts[0] != "ff", parts[1].count == 32, parts[2].count == 16,
            parts[3].count == 2, parts.count == 4 || parts[0] != "00"
        else { return false }
        let digits = parts.prefix(4).allSatisfy { part in
            part.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        }
        return digits && parts[1].contains { $0 != "0" } && parts[2].contains { $0 != "0" }
    }
}
