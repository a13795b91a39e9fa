internal import Foundation
internal import TandemAPI
internal import TandemTransport

/// Sends one request to a node.
struct Asking {
    enum Failure: Error, CustomStringConvertible {
        case address(String)
        case token(String)
        case unreachable(String, why: String)
        case refused(status: Int, problem: String)

        var description: String {
            switch self {
            case .address(let text): "\(text) is not an address such as http://127.0.0.1:7400"
            case .token(let why): why
            case .unreachable(let address, let why): "no answer from \(address): \(why); is the node running?"
            case .refused(let status, let problem): "the node refused (\(status)): \(problem)"
            }
        }
    }

    let line: CommandLineWords
    let environment: [String: String]

    /// The answer's bytes.
    func ask(_ verb: Verb) throws(Failure) -> [UInt8] {
        guard let url = URLComponents(string: line.address), let host = url.host,
            let scheme = url.scheme, ["http", "https"].contains(scheme)
        else {
            throw .address(line.address)
        }
        var headers: HTTPHeaders = ["Accept": "application/json"]
        if let token = try token() { headers = headers.adding("Authorization", "Bearer \(token)") }
        var path = verb.path
        for (name, value) in zip(verb.arguments, line.arguments) {
            path = path.replacing(
                "{\(name)}", with: value.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["_"])) ?? ""
            )
        }
        var body: [UInt8] = []
        if verb.method == .post || verb.method == .put {
            headers = headers.adding("Content-Type", "application/json").adding("Idempotency-Key", UUID().uuidString)
            body = self.body(verb)
        } else if !line.options.isEmpty {
            var query = URLComponents()
            query.queryItems = verb.options.compactMap { option in
                line.options[option.name].map { URLQueryItem(name: option.field, value: $0) }
            }
            path += "?" + (query.percentEncodedQuery ?? "")
        }
        if verb.method == .delete { headers = headers.adding("Idempotency-Key", UUID().uuidString) }
        let response: HTTPResponse
        do throws(TransportError) {
            let isSecure = scheme == "https"
            let tls = isSecure ? try TLSContext(trust: line.authorityFile.map { .file($0) } ?? .system) : nil
            let client = try HTTPClient(host: host, port: UInt16(url.port ?? (isSecure ? 443 : 80)), tls: tls)
            let request = HTTPClientRequest(verb.method.rawValue, path, headers: headers, body: body)
            response = try client.send(request, timeoutMilliseconds: 600_000)
        } catch {
            throw .unreachable(line.address, why: error.message)
        }
        guard (200..<300).contains(response.status) else {
            throw .refused(status: response.status, problem: Self.problem(response.body))
        }
        return response.body
    }

    private func body(_ verb: Verb) -> [UInt8] {
        let options = verb.options.compactMap { option in
            line.options[option.name].map { (option.field, Field.text($0)) }
        }
        let arguments = zip(verb.arguments, line.arguments).filter { !verb.path.contains("{\($0.0)}") }.map {
            ($0.0, UInt32($0.1).map(Field.number) ?? .text($0.1))
        }
        guard !verb.options.isEmpty || !arguments.isEmpty else { return [] }
        let object = Dictionary(options + arguments, uniquingKeysWith: { first, _ in first })
        return Array((try? JSONEncoder().encode(object)) ?? Data())
    }

    /// Options are texts; an argument of digits is a number.
    private enum Field: Encodable {
        case text(String)
        case number(UInt32)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            }
        }
    }

    private static func problem(_ body: [UInt8]) -> String {
        guard let value = try? JSONValue(parsing: body) else {
            return String(decoding: body.prefix(200), as: UTF8.self).printable
        }
        let parts = ["title", "detail", "field", "code"].compactMap { value[$0]?.plain }
        return parts.joined(separator: "; ")
    }

    /// From the environment, or from the file that was named.
    private func token() throws(Failure) -> String? {
        guard let named = line.tokenFile else { return environment["TANDEM_TOKEN"] }
        do throws(TokenFile.Trouble) {
            return try TokenFile(named).token()
        } catch {
            throw .token("\(error)")
        }
    }
}
