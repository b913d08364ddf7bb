// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let http: [Target.Dependency] = [
    hummingbird,
    .product(name: "HummingbirdCore", package: "hummingbird"),
    .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]

func module(
    _ name: String, _ dependencies: [Target.Dependency], path: String? = nil, exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: path ?? "Shared/\(name)", exclude: exclude, resources: resources,
        swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests", swiftSettings: settings)
}

let kit: [Target.Dependency] = ["Contracts", "Registry", "Postgres", "Kafka", "ServiceKit", log, crypto, lifecycle, httpClient] + http

/// Every service is the same three targets: pure rules, the program around them, and their tests.
/// What only some of them need beside that is `extra`.
func service(_ name: String, extra: [Target.Dependency] = []) -> [Target] {
    [
        module("\(name)Domain", ["Contracts", "Registry"], path: "Services/\(name)/Domain"),
        .executableTarget(
            name: name, dependencies: [.target(name: "\(name)Domain")] + kit + extra,
            path: "Services/\(name)/App",
            resources: (["Migrations", "Pages"] + (name == "Notification" ? ["Texts"] : [])).map { .embedInCode($0) },
            swiftSettings: settings),
        tests(name, [.target(name: name), .target(name: "\(name)Domain"), "TestKit"] + kit + extra),
    ]
}

/// Those of a service beyond the kit.
let extras: [String: [Target.Dependency]] = [
    "Intake": ["Sheets", "Paper"], "Verification": ["Sheets"], "Review": ["Sheets", "Paper"], "Notification": ["Paper", "CCurl"],
]

let services = ["Intake", "Verification", "Review", "Notification"]

let shared: [Target] = [
    module("Registry", [], exclude: ["codes.json"]),
    module("Contracts", ["Registry"], exclude: ["contracts"]),
    .systemLibrary(name: "CPostgres", path: "Shared/CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    module("Postgres", ["CPostgres", log]),
    .systemLibrary(name: "CKafka", path: "Shared/CKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
    module("Kafka", ["CKafka", log]),
    .systemLibrary(name: "CZip", path: "Shared/CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(name: "CXML", path: "Shared/CXML", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CXlsx", path: "Shared/CXlsx", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
    .systemLibrary(name: "CPango", path: "Shared/CPango", pkgConfig: "pangocairo", providers: [.apt(["libpango1.0-dev"])]),
    .systemLibrary(name: "CQR", path: "Shared/CQR", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
    module("Paper", ["CPango", "CQR"]),
    .systemLibrary(name: "CCurl", path: "Shared/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    module("Sheets", ["CZip", "CXML", "CXlsx", "Registry"]),
    // What glibc has beside the C standard.
    .systemLibrary(name: "CMalloc", path: "Shared/CMalloc"),
    module(
        "ServiceKit", ["CMalloc", "Contracts", "Registry", "Postgres", "Kafka", log, crypto, lifecycle, mustache, jwt, httpClient] + http,
        resources: [.embedInCode("Migrations"), .embedInCode("Pages")]),
    module("TestKit", kit + [yams, .product(name: "HummingbirdTesting", package: "hummingbird")]),
]

let tools: [Target] = [
    .executableTarget(
        name: "lika",
        dependencies: services.map { .target(name: "\($0)Domain") } + kit + [
            arguments, yams,
        ],
        path: "infra/lika", swiftSettings: settings)
]

let package = Package(
    name: "lika",
    products: services.map { .executable(name: "lika-\($0.lowercased())", targets: [$0]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.1"),
    ],
    targets: shared + services.flatMap { service($0, extra: extras[$0] ?? []) } + tools
        + [
            tests("Registry", ["Registry"]), tests("Contracts", ["Contracts", "Registry", "TestKit"]),
            tests("Postgres", ["Postgres", "TestKit", log]), tests("Kafka", ["Kafka", "TestKit", log]),
            tests("Sheets", ["Sheets", "Registry", "CZip"]),
            tests("ServiceKit", ["TestKit"] + kit), tests("Journey", ["TestKit"] + kit),
            tests("Lika", ["lika", "Intake", "IntakeDomain", "Verification", "VerificationDomain", "Sheets", "TestKit", arguments] + kit),
        ]
)
