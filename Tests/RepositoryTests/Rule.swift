/// What STYLE and DESIGN ask for and a machine can see.
enum Rule: String, CaseIterable {
    case imports
    case sqlite
    case sockets
    case suspension
    case actors
    case publicWord
    case defaultCase
    case fileLength
    case functionLength
    case exemption
    case fileName
    case leftover
    case purity
    case sleep
    case testTitle
    case packageDependency
    case manifest
    case designPage
    case link
    case machinePath

    func findings(in checkout: Checkout) -> [Finding] {
        switch self {
        case .imports: checkout.swiftFiles.flatMap(ImportRules.imports)
        case .sqlite: checkout.swiftFiles.flatMap(WorldRules.sqlite)
        case .sockets: checkout.swiftFiles.flatMap(WorldRules.sockets)
        case .suspension: checkout.swiftFiles.flatMap(WorldRules.suspension)
        case .actors: checkout.swiftFiles.flatMap(WorldRules.actors)
        case .purity: checkout.swiftFiles.flatMap(WorldRules.purity)
        case .sleep: checkout.swiftFiles.flatMap(WorldRules.sleep)
        case .publicWord: checkout.swiftFiles.flatMap(WordRules.publicWord)
        case .leftover: checkout.swiftFiles.flatMap(WordRules.leftover)
        case .testTitle: checkout.swiftFiles.flatMap(WordRules.testTitle)
        case .fileName: checkout.swiftFiles.flatMap(WordRules.fileName)
        case .defaultCase: checkout.swiftFiles.flatMap(SwitchRules.defaultCase)
        case .fileLength: checkout.swiftFiles.flatMap(SizeRules.fileLength)
        case .functionLength: checkout.swiftFiles.flatMap(SizeRules.functionLength)
        case .exemption: checkout.swiftFiles.flatMap(ExemptionRules.exemption)
        case .packageDependency: ManifestRules.packageDependency(in: checkout)
        case .manifest: ManifestRules.roomsAsDeclared(in: checkout)
        case .designPage: DocumentRules.designPage(in: checkout)
        case .link: DocumentRules.link(in: checkout)
        case .machinePath: DocumentRules.machinePath(in: checkout)
        }
    }
}
