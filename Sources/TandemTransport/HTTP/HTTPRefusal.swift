/// Why a request cannot be accepted. Each answers with a status and ends the connection: after it, where the next request
/// begins is not certain.
package enum HTTPRefusal: Error, Equatable, Sendable, CaseIterable {
    // The shape of lines.
    case bareLineFeed, emptyLines, requestLineTooLong, headersTooLong, headersTooMany
    // The request line.
    case requestLineMalformed, methodTooLong, connectMethod, targetMalformed, versionMalformed, versionUnknown
    // Headers.
    case headerNameMalformed, headerValueMalformed, foldedHeader
    case hostMissing, hostRepeated, hostMalformed
    case contentLengthMalformed, contentLengthRepeated, lengthAndEncoding
    case encodingInOldVersion, encodingMalformed, encodingUnknown, expectationUnknown
    // The body.
    case bodyTooLong, bodiesTooMany, chunkMalformed, chunkLineTooLong, chunkExtensionsTooLong, trailerForbidden
    // Time.
    case headerTimeout, bodyTimeout

    package var status: Int {
        switch self {
        case .bareLineFeed, .emptyLines, .requestLineMalformed, .targetMalformed, .versionMalformed,
            .headerNameMalformed, .headerValueMalformed, .foldedHeader, .hostMissing, .hostRepeated, .hostMalformed,
            .contentLengthMalformed, .contentLengthRepeated, .lengthAndEncoding, .encodingInOldVersion,
            .encodingMalformed, .chunkMalformed, .chunkLineTooLong, .chunkExtensionsTooLong, .trailerForbidden:
            400
        case .headerTimeout, .bodyTimeout: 408
        case .bodyTooLong: 413
        case .requestLineTooLong: 414
        case .expectationUnknown: 417
        case .headersTooLong, .headersTooMany: 431
        case .methodTooLong, .connectMethod, .encodingUnknown: 501
        case .bodiesTooMany: 503
        case .versionUnknown: 505
        }
    }
}
