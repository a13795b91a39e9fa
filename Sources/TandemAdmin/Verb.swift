internal import TandemAPI

/// One thing that `tandem` can be asked: its words, what it sends, how the answer is shown.
struct Verb: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// How an answer is laid out for people; `--json` prints it as it came.
    enum Layout: Sendable {
        /// One aligned line per item.
        case table([Column])
        /// One aligned line per field, and a table for each list that is named.
        case record([Column], lists: [String: [Column]])
        /// The supervision tree.
        case tree
        /// A token that is told once.
        case token
    }

    struct Option: Sendable {
        let name: String
        /// As in the query or body of the request.
        let field: String
        let help: String
    }

    let words: [String]
    /// What is given after the words, in their order: `{…}` of the path, or else fields of the body.
    let arguments: [String]
    let help: String
    let method: Method
    let path: String
    let options: [Option]
    let layout: Layout
    /// The program of Tandem's that does it, here, instead of a node that is asked: with the first argument under the last of
    /// the words as a flag, and the options under their names.
    let program: String?
    /// The field that is false when what was looked at is damaged; the exit status then says so.
    let good: String?

    init(
        _ words: String, arguments: [String] = [], _ help: String, _ method: Method = .get, _ path: String,
        options: [Option] = [], _ layout: Layout, good: String? = nil
    ) {
        self.words = words.split(separator: " ").map(String.init)
        self.arguments = arguments
        self.help = help
        self.method = method
        self.path = path
        self.options = options
        self.layout = layout
        self.good = good
        program = nil
    }

    /// A verb that another program carries out.
    init(_ words: String, arguments: [String], _ help: String, by program: String, options: [Option]) {
        self.words = words.split(separator: " ").map(String.init)
        self.arguments = arguments
        self.help = help
        self.program = program
        self.options = options
        method = .get
        path = ""
        layout = .record([], lists: [:])
        good = nil
    }

    /// What the program ends with once `answer` is printed.
    func exitStatus(_ answer: JSONValue) -> Int32 {
        good.map { answer[$0] == .boolean(false) } == true ? 1 : 0
    }

    var usage: String { (words + arguments.map { $0.uppercased() }).joined(separator: " ") }
}

/// A column of a table, or a line of a record.
struct Column: Sendable {
    let title: String
    /// Where the value is: fields separated by dots; empty for the value itself.
    let field: String

    init(_ title: String, _ field: String) {
        self.title = title
        self.field = field
    }
}
