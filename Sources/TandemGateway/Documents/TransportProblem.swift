package import TandemAPI
internal import TandemTransport

/// What the transport answers by itself, before or after the API has seen a request.
package struct TransportProblem: Described {
    package let type: String
    package let title: String
    package let status: Int
    package let code: String

    package static let schemaDescription = """
        The answer to what is not HTTP as it should be, or what there is no room for; the connection is closed after it.
        """
    package static let schema = Schema.object([
        .required("type", .word(["about:blank"])),
        .required("title", .string(min: 1, max: 256)),
        .required("status", .integer(400...599)),
        .required("code", .word(HTTPServer.problemCodes.map(\.code)), "Stable: switch on this."),
    ])
}
